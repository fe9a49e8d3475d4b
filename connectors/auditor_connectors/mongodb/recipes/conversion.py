"""How values change their type: what becomes of each, and which cannot be converted without a loss."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from typing import Any

from auditor_connectors.mongodb.recipes.paths import Expression

# https://www.mongodb.com/docs/manual/reference/bson-types/
TARGETS = ("string", "int", "long", "double", "decimal", "bool", "date", "objectId")
_NUMBERS = ("int", "long", "double", "decimal")
_SPELLED = {
    "integer": "int", "boolean": "bool", "objectid": "objectId", "numberlong": "long", "numberint": "int",
    "numberdecimal": "decimal", "datetime": "date", "timestamp": "timestamp",
}  # fmt: skip
_TYPES = frozenset({*TARGETS, "binData", "timestamp", "regex", "javascript", "symbol", "minKey", "maxKey", "object"})
_TRUE, _FALSE = ["true", "yes", "on", "1"], ["false", "no", "off", "0"]


def types_of(text: str) -> tuple[str, ...]:
    """The server's names of types from how an operation names one or several; empty when one of them is unknown."""
    words = [word for word in re.split(r"[\s|,/]+|\bor\b|\band\b", text) if word]
    found: list[str] = []
    for word in words:
        if word == "number":
            found += _NUMBERS
        else:
            found.append(next((one for one in _TYPES if one.lower() == word.lower()), _SPELLED.get(word.lower(), "")))
    return tuple(dict.fromkeys(found)) if all(found) else ()


class Conversion:
    """A conversion of values of some types into another one, by an expression of one's own where ``using`` is given.

    Raises:
        ValueError: the expression is no JSON.

    """

    def __init__(self, sources: Sequence[str], target: str, using: str | None) -> None:
        self.sources = [one for one in sources if one != target]
        self.target = target
        self._using = None if using is None else json.loads(using)

    def changed(self, value: str) -> Expression:
        """The value as it will be: what cannot be converted stays."""
        return {"$cond": [self._concerns(value), {"$ifNull": [self._converted(value), value]}, value]}

    def fails(self, value: str) -> Expression:
        """Whether a value is one that should be converted and cannot."""
        return {"$and": [self._concerns(value), {"$eq": [self._converted(value), None]}]}

    def _concerns(self, value: str) -> Expression:
        return {"$in": [{"$type": value}, self.sources]}

    def _converted(self, value: str) -> Expression:
        """The new value, null where there is none that says the same."""
        if self._using is not None:
            return _filled(self._using, value)
        if self.target == "bool":
            # Every text but the empty one would be true, "false" among them, and every number but 0.
            said = {"$toLower": {"$convert": {"input": value, "to": "string", "onError": ""}}}
            cases = [{"case": {"$in": [said, _TRUE]}, "then": True}, {"case": {"$in": [said, _FALSE]}, "then": False}]
            return {"$switch": {"branches": cases, "default": None}}
        made = {"$convert": {"input": value, "to": self.target, "onError": None}}
        lossy = self._lossy(value)
        if not lossy:
            return made
        return {"$let": {"vars": {"new": made}, "in": {"$cond": [{"$or": lossy}, None, "$$new"]}}}

    def _lossy(self, value: str) -> list[Expression]:
        """What is true where ``$$new`` does not say what the value said: the server cuts off without a word."""
        found: list[Expression] = []
        if self.target in ("int", "long", "double") and set(self.sources) & set(_NUMBERS):
            found.append({"$and": [{"$isNumber": value}, {"$ne": ["$$new", value]}]})
        if self.target in ("int", "long") and "string" in self.sources:
            # "007" is a code rather than a number.
            found.append({"$and": [{"$eq": [{"$type": value}, "string"]}, {"$ne": [{"$toString": "$$new"}, value]}]})
        return found


def _filled(template: Any, value: str) -> Expression:
    if isinstance(template, dict):
        return {name: _filled(one, value) for name, one in template.items()}
    if isinstance(template, list):
        return [_filled(one, value) for one in template]
    return value if template == "{column}" else template
