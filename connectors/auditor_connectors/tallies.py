"""Count what a log tells by kind and shape, in bounded memory."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import lru_cache

from msgspec import Struct

from auditor.model.workload import SlowEntry, SlowKind

SHAPES = 10_000
"""How many different shapes are told at most; the occurrences of the rarest beyond them count as skipped."""

_SHORT = 1000
"""Characters of the longest statement whose shape is remembered: programs repeat short ones."""

# A list of values is one value, and rows of values are one row: their number makes no new shape.
_VALUES = re.compile(r"(?:\?|\$\d+)(?: ?, ?(?:\?|\$\d+))+")
_ROWS = re.compile(r"\(\?\)(?: ?, ?\(\?\))+")

Key = tuple[SlowKind, str]


class Tally(Struct):
    """What has been counted of one shape."""

    count: int = 0
    total_ms: float = 0.0
    maximum_ms: float = 0.0
    bytes: int = 0

    def add(self, count: int = 1, milliseconds: float = 0.0, longest: float | None = None, size: int = 0) -> None:
        """Count occurrences; ``longest`` is the time of the longest where that is not ``milliseconds``."""
        self.count += count
        self.total_ms += milliseconds
        self.maximum_ms = max(self.maximum_ms, milliseconds if longest is None else longest)
        self.bytes += size


class Tallies:
    """The tallies of a log, of which the rarest give way when there are too many."""

    def __init__(self) -> None:
        self._tallies: dict[Key, Tally] = {}
        self._folded = 0

    def of(self, kind: SlowKind, text: str) -> Tally:
        """The tally of a shape."""
        tally = self._tallies.get((kind, text))
        if tally is None:
            if len(self._tallies) >= 2 * SHAPES:
                self._fold()
            tally = self._tallies[kind, text] = Tally()
        return tally

    def put(self, key: Key, tally: Tally) -> None:
        """Take over a tally that was counted elsewhere, unless its shape has one."""
        self._tallies.setdefault(key, tally)

    def entries(self) -> tuple[tuple[SlowEntry, ...], int]:
        """Return what was counted, what takes longest first within a kind, and how many occurrences were folded."""
        self._fold()
        order = sorted(self._tallies.items(), key=lambda item: (item[0][0], -item[1].total_ms, -item[1].count, item[0]))
        return tuple(_entry(key, tally) for key, tally in order), self._folded

    def _fold(self) -> None:
        if len(self._tallies) <= SHAPES:
            return
        ranked = sorted(self._tallies.items(), key=lambda item: (-item[1].count, -item[1].total_ms, item[0]))
        self._folded += sum(max(1, tally.count) for _, tally in ranked[SHAPES:])
        self._tallies = dict(ranked[:SHAPES])


def _entry(key: Key, tally: Tally) -> SlowEntry:
    return SlowEntry(
        kind=key[0],
        text=key[1],
        count=max(1, tally.count),
        total_ms=round(tally.total_ms, 3),
        maximum_ms=round(tally.maximum_ms, 3),
        bytes=tally.bytes,
    )


def shaping(redact: Callable[[str], str]) -> Callable[[str], str]:
    """Return a function from a statement to its shape: without literals, with lists of values made one value."""

    def shape(text: str) -> str:
        return _ROWS.sub("(?)", _VALUES.sub("?", redact(text)))

    remembered = lru_cache(maxsize=4096)(shape)
    return lambda text: remembered(text) if len(text) <= _SHORT else shape(text)
