"""What an operation asks of a collection: the conditions of its filter by the field that they are about."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bson.regex import Regex
from msgspec import Struct

from auditor.model.uses import TableUse
from auditor_connectors.mongodb.shapes.text import direction
from auditor_connectors.mongodb.shapes.values import is_name, named, pattern_of

_DEEPEST = 20
_EQUAL = frozenset({"$eq", "$in", "$all"})
_LOWER, _UPPER = frozenset({"$gt", "$gte"}), frozenset({"$lt", "$lte"})
_SEARCHED = {
    "$ne": "not", "$nin": "not", "$not": "not", "$exists": "exists", "$type": "type", "$size": "size", "$mod": "mod",
    "$geoWithin": "geo", "$geoIntersects": "geo", "$near": "geo", "$nearSphere": "geo", "$within": "geo",
}  # fmt: skip


class Conditions(Struct):
    """The fields of a filter, by what is asked of them. Each list keeps the order of the filter."""

    equal: dict[str, None] = {}
    ranges: dict[str, None] = {}
    below: dict[str, None] = {}
    nulls: dict[str, None] = {}
    searched: dict[tuple[str, str], None] = {}
    computed: dict[str, None] = {}
    joined: dict[str, None] = {}
    order: dict[str, int] = {}
    limited: bool = False
    alternatives: bool = False
    scripts: bool = False

    def read(self, filter_: Any, depth: int = 0) -> None:
        """Add what every document that is found has to meet."""
        if not isinstance(filter_, Mapping) or depth > _DEEPEST:
            return
        for name, value in filter_.items():
            if name in ("$and", "$or") and isinstance(value, list):
                self._parts(name, value, depth + 1)
            elif name == "$expr":
                self._compare(value, depth + 1)
            elif name == "$where":
                self.scripts = True
            elif name == "$text":
                self.searched["", "text"] = None
            elif not str(name).startswith("$") and is_name(named(name)):
                self._field(named(name), value, depth + 1)

    def _parts(self, name: str, parts: list[Any], depth: int) -> None:
        if name == "$or" and len(parts) > 1:
            self.alternatives = True
            return
        for part in parts:
            self.read(part, depth)

    def _field(self, path: str, value: Any, depth: int) -> None:
        if value is None:
            self.nulls[path] = self.equal[path] = None
        elif isinstance(value, Regex):
            self.searched[path, pattern_of(value) or "regex"] = None
        elif not (isinstance(value, Mapping) and value and str(next(iter(value))).startswith("$")):
            self.equal[path] = None
        else:
            for operator, operand in value.items():
                self._operator(path, str(operator), operand, value, depth)

    def _operator(self, path: str, operator: str, operand: Any, value: Mapping[str, Any], depth: int) -> None:
        if operator == "$regex":
            self.searched[path, pattern_of(operand, value.get("$options", "")) or "regex"] = None
        elif operator in _EQUAL:
            self.equal[path] = None
            if operand is None:
                self.nulls[path] = None
        elif operator in _LOWER | _UPPER:
            self.ranges[path] = None
            if operator in _UPPER:
                self.below[path] = None
        elif operator == "$elemMatch" and isinstance(operand, Mapping) and depth <= _DEEPEST:
            if operand and str(next(iter(operand))).startswith("$"):
                self._field(path, operand, depth + 1)
            else:
                self.read({f"{path}.{name}": inner for name, inner in operand.items()}, depth + 1)
        elif operator in _SEARCHED:
            self.searched[path, _SEARCHED[operator]] = None

    def _compare(self, value: Any, depth: int) -> None:
        """An expression: a field that is compared as it stands may use an index, one inside a calculation does not."""
        if not isinstance(value, Mapping) or depth > _DEEPEST:
            return
        for operator, operands in value.items():
            if operator == "$and" and isinstance(operands, list):
                for part in operands:
                    self._compare(part, depth + 1)
            elif operator in ("$eq", "$gt", "$gte", "$lt", "$lte") and isinstance(operands, list):
                bare = [each[1:] for each in operands if isinstance(each, str) and each[:1] == "$" and each[:2] != "$$"]
                joined = any(isinstance(each, str) and each.startswith("$$") for each in operands)
                for path in filter(is_name, map(named, bare)):
                    place = self.joined if joined and operator == "$eq" else self.ranges
                    (self.equal if operator == "$eq" and not joined else place)[path] = None
                for path in _inside(operands, 0):
                    self.computed[named(path)] = None
            elif operator == "$function":
                self.scripts = True

    def sort(self, order: Any) -> None:
        """Add an order; one that is not by fields alone is none."""
        if isinstance(order, Mapping) and all(direction(how) and is_name(named(name)) for name, how in order.items()):
            self.order = {named(name): direction(how) or 1 for name, how in order.items()}

    def use(self, schema: str, name: str) -> TableUse:
        """What is asked of the collection."""
        return TableUse(
            schema=schema,
            name=name,
            equal=tuple(self.equal),
            ranges=tuple(self.ranges),
            below=tuple(self.below),
            nulls=tuple(self.nulls),
            searched=tuple(self.searched),
            computed=tuple(self.computed),
            joined=tuple(self.joined),
            order=tuple(self.order),
            descending=tuple(name for name, how in self.order.items() if how < 0),
            limited=self.limited,
            alternatives=self.alternatives,
        )


def _inside(operands: list[Any], depth: int) -> list[str]:
    """The paths of fields in the calculations among operands."""
    found: list[str] = []
    for each in operands if depth <= _DEEPEST else ():
        inner = list(each.values()) if isinstance(each, Mapping) else each if isinstance(each, list) else ()
        for part in inner:
            if isinstance(part, str) and part[:1] == "$" and part[:2] != "$$":
                found.append(part[1:])
        found += _inside([part for part in inner if isinstance(part, Mapping | list)], depth + 1)
    return found
