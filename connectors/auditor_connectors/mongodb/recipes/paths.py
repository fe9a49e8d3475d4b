"""Expressions over a field that may lie in subdocuments and in the elements of arrays.

An update of ``a.b`` by a pipeline would give every element of an array ``a`` the same value, so that a field inside
others is computed from the outermost one on: arrays element by element, subdocuments field by field, all else as it is
(https://www.mongodb.com/docs/manual/reference/operator/aggregation/addFields/).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from auditor.model.catalog import Table

Expression = Any
Leaf = Callable[[Expression], Expression]


class Path:
    """A field of a collection, with what a sample says of the arrays on the way to it."""

    def __init__(self, table: Table | None, name: str) -> None:
        self.name = name
        self.parts = tuple(name.split("."))
        self.root, *self._rest = self.parts
        self._shapes = {one.name: one.shape for one in table.columns} if table is not None else {}

    @property
    def usable(self) -> bool:
        """Whether expressions can name it: not with a dollar before a part of it, nor with an empty one."""
        return all(part and not part.startswith("$") for part in self.parts)

    @property
    def parent(self) -> str:
        """The path of the field around it, "" for none."""
        return ".".join(self.parts[:-1])

    @property
    def arrays(self) -> tuple[str, ...]:
        """The paths on the way to it, its own included, that are seen to hold arrays."""
        paths = (".".join(self.parts[: length + 1]) for length in range(len(self.parts)))
        return tuple(
            path for path in paths if (shape := self._shapes.get(path)) is not None and shape.array is not None
        )

    def _may_be_array(self, depth: int) -> bool:
        """Whether the values so deep on the way may be arrays: what was not looked at may."""
        shape = self._shapes.get(".".join(self.parts[:depth]))
        return shape is None or shape.array is not None

    def changed(self, leaf: Leaf) -> Expression:
        """The new value of the outermost field, in which each value of this one is what ``leaf`` makes of it."""
        return self._changed(f"${self.root}", 1, leaf)

    def _changed(self, value: str, depth: int, leaf: Leaf) -> Expression:
        def inside(one: str) -> Expression:
            if depth == len(self.parts):
                return leaf(one)
            part = self.parts[depth]
            inner = {"$mergeObjects": [one, {part: self._changed(f"{one}.{part}", depth + 1, leaf)}]}
            return {"$cond": [{"$eq": [{"$type": one}, "object"]}, inner, one]}

        return self._each(value, depth, inside, lambda mapped: mapped)

    def any(self, leaf: Leaf) -> Expression:
        """Whether ``leaf`` is true of any value of the field in a document."""
        return self._any(f"${self.root}", 1, leaf)

    def _any(self, value: str, depth: int, leaf: Leaf) -> Expression:
        def inside(one: str) -> Expression:
            if depth == len(self.parts):
                return leaf(one)
            return self._any(f"{one}.{self.parts[depth]}", depth + 1, leaf)

        return self._each(value, depth, inside, lambda mapped: {"$anyElementTrue": [mapped]})

    def _each(self, value: str, depth: int, one: Leaf, joined: Callable[[Expression], Expression]) -> Expression:
        """What ``one`` makes of a value, or ``joined`` of what it makes of each element of an array."""
        if not self._may_be_array(depth):
            return one(value)
        name = f"element{depth}"
        elements = {"$map": {"input": value, "as": name, "in": one(f"$${name}")}}
        return {"$cond": [{"$isArray": [value]}, joined(elements), one(value)]}
