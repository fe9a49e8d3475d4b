"""Names of fields that are data: the sample knows where they stand, operations say them like any other."""

from __future__ import annotations

import re
from collections.abc import Iterable

from msgspec.structs import replace

from auditor.model.uses import Parsed, TableUse
from auditor.model.workload import SlowLog
from auditor_connectors.mongodb.shapes.operations import Shape
from auditor_connectors.scanning import PLACEHOLDER

_ANY = "*"
_QUOTED, _BARE = r'(?:[^."\\]|\\.)+', r"[^.:\s]+"
"""A part of a path: in a document of the shell, where it stands in quotes, and in a plan, where it does not."""
_ARGUMENTS = re.compile(r"\(.*", re.DOTALL)


class Mask:
    """What hides the data among the names of a collection's fields; a path ends with a star where they stand."""

    def __init__(self, collection: str, paths: Iterable[str]) -> None:
        self.collection = collection
        self.paths = sorted(paths)
        self._quoted = [(_pattern(path, _QUOTED), path) for path in self.paths if path != _ANY]
        self._bare = [(_pattern(path, _BARE), path) for path in self.paths if path != _ANY]

    def text(self, text: str) -> str:
        """An operation without the data among its names; without all that it asks where its fields themselves are."""
        if self.collection not in text:
            return text
        if _ANY in self.paths:
            return _ARGUMENTS.sub(f"({PLACEHOLDER})", text, count=1)
        for pattern, path in self._quoted:
            text = pattern.sub(_hidden(path), text)
        return text

    def shape(self, shape: Shape) -> Shape:
        """A shape likewise: nothing is said of conditions on what is data."""
        text = self.text(shape.text)
        return shape if text == shape.text else replace(shape, text=text, parsed=self._parsed(shape.parsed))

    def plan(self, plan: str) -> str:
        """A plan without the data among the names of its keys; none where the fields themselves are data."""
        if _ANY in self.paths:
            return ""
        for pattern, path in self._bare:
            plan = pattern.sub(_hidden(path), plan)
        return plan

    def _parsed(self, parsed: Parsed) -> Parsed:
        return replace(parsed, uses=tuple(map(self._use, parsed.uses)), assigned=self._kept(parsed.assigned), hint=None)

    def _use(self, use: TableUse) -> TableUse:
        names = ("equal", "ranges", "below", "nulls", "computed", "joined", "order", "descending")
        kept = {name: self._kept(getattr(use, name)) for name in names}
        searched = tuple((name, operator) for name, operator in use.searched if self._kept((name,)))
        return replace(use, searched=searched, **kept)

    def _kept(self, names: tuple[str, ...]) -> tuple[str, ...]:
        if _ANY in self.paths:
            return ()
        return tuple(name for name in names if not any(pattern.match(name) for pattern, _ in self._quoted))


def masked_log(log: SlowLog, masks: Iterable[Mask]) -> SlowLog:
    """A log without the data among the names in it."""
    entries = log.entries
    for mask in masks:
        entries = tuple(replace(entry, text=mask.text(entry.text)) for entry in entries)
    return replace(log, entries=entries)


def _pattern(path: str, part: str) -> re.Pattern[str]:
    return re.compile(r"(?<![\w.])" + r"\.".join(part if one == _ANY else re.escape(one) for one in path.split(".")))


def _hidden(path: str) -> str:
    return path.replace(_ANY, PLACEHOLDER)
