"""A look at single keys: their type, size, end and use, by commands that leave no trace but a counted hit."""

from __future__ import annotations

import time
import zlib
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from msgspec import Struct
from redis.exceptions import NoPermissionError, ResponseError

from auditor_connectors.redis.node import Node, words
from auditor_connectors.redis.sampling.pace import Pace
from auditor_connectors.redis.session import Session

AT_ONCE = 100
"""How many keys are looked at by one line of commands."""
_COMMAND = 4e-6
"""Seconds of the server's time for one command of a look."""
LENGTHS = {"list": "LLEN", "hash": "HLEN", "set": "SCARD", "zset": "ZCARD", "stream": "XLEN"}
_LEAST = 30
"""So many keys of a pattern are looked at, if there are so many, before the rest goes to the large patterns."""


class Look(Struct, kw_only=True):
    """What one look showed. ``end`` is when it expires, in seconds of this machine's own clock; None: never."""

    name: bytes
    bytes: int | None
    type: str
    encoding: str | None
    end: float | None
    idle: float | None = None
    frequency: int | None = None
    elements: int | None = None


class Eyes:
    """How keys of one server can be looked at: what of their use it tells, and whether a look counts as one."""

    def __init__(self, session: Session, node: Node) -> None:
        self.node = node
        policy = session.identity.info.get("Memory", {}).get("maxmemory_policy", "")
        self._use = "FREQ" if "lfu" in policy else "IDLETIME"
        self.unseen = False
        """Whether lengths can be asked for and no key becomes a recently used one by that."""
        try:
            node.command("CLIENT", "NO-TOUCH", "ON")
            self.unseen = True
        except ResponseError:  # before Redis 7.2, or not allowed
            self.unseen = bool(policy) and "lru" not in policy and "lfu" not in policy

    def look(self, names: Sequence[bytes], pace: Pace) -> list[Look]:
        """Look at keys; those that are gone by now are left out.

        Raises:
            NoPermissionError: the account may not do so.

        """
        found: list[Look] = []
        for start in range(0, len(names), AT_ONCE):
            if not pace.goes_on(1 << 62):
                break
            page = names[start : start + AT_ONCE]
            begun = time.perf_counter()
            answers = self.node.pipeline([command for name in page for command in self._commands(name)])
            seconds, now = time.perf_counter() - begun, time.monotonic()
            for number, name in enumerate(page):
                look = self._look(name, answers[number * 5 : number * 5 + 5], now)
                found += [] if look is None else [look]
            pace.spent(len(answers), _COMMAND, seconds)
        return found

    def sizes(self, names: Sequence[bytes], pace: Pace) -> dict[bytes, int]:
        """How many bytes keys take, by an estimate of the server for large ones."""
        found: dict[bytes, int] = {}
        for start in range(0, len(names), 5 * AT_ONCE):
            if not pace.goes_on(1 << 62):
                break
            page = names[start : start + 5 * AT_ONCE]
            begun = time.perf_counter()
            answers = self.node.pipeline([("MEMORY", "USAGE", name, "SAMPLES", 5) for name in page])
            seconds = time.perf_counter() - begun
            found |= {name: size for name, size in zip(page, answers, strict=True) if isinstance(size, int)}
            pace.spent(len(page), _COMMAND, seconds)
        return found

    def measure(self, looks: Iterable[Look], pace: Pace) -> None:
        """Ask how many elements collections have, where that leaves no trace."""
        wanted = [look for look in looks if look.type in LENGTHS and look.elements is None]
        for start in range(0, len(wanted) if self.unseen else 0, AT_ONCE):
            if not pace.goes_on(1 << 62):
                break
            page = wanted[start : start + AT_ONCE]
            begun = time.perf_counter()
            answers = self.node.pipeline([(LENGTHS[look.type], look.name) for look in page])
            seconds = time.perf_counter() - begun
            for look, answer in zip(page, answers, strict=True):
                look.elements = answer if isinstance(answer, int) else None
            self.node.hits += len(page)
            pace.spent(len(page), _COMMAND, seconds)

    def _commands(self, name: bytes) -> list[tuple[str | bytes | int, ...]]:
        return [
            ("MEMORY", "USAGE", name, "SAMPLES", 5),  # the only one that counts as no hit
            ("TYPE", name),
            ("OBJECT", "ENCODING", name),
            ("PTTL", name),
            ("OBJECT", self._use, name),
        ]

    def _look(self, name: bytes, answers: Sequence[Any], now: float) -> Look | None:
        size, kind, encoding, left, use = answers
        for answer in (kind, left):
            if isinstance(answer, NoPermissionError):
                raise answer
        if isinstance(kind, Exception) or words(kind) == "none" or left == -2:
            return None
        self.node.hits += sum(not isinstance(answer, Exception) for answer in answers[1:])
        used = use if isinstance(use, int) else None
        return Look(
            name=name, bytes=size if isinstance(size, int) else None, type=words(kind),
            encoding=words(encoding) if isinstance(encoding, bytes) else None,
            end=now + left / 1000 if isinstance(left, int) and left >= 0 else None,
            idle=None if used is None or self._use == "FREQ" else float(used),
            frequency=used if self._use == "FREQ" else None,
        )  # fmt: skip


def shares(counts: Mapping[Any, int], budget: int) -> dict[Any, int]:
    """How many keys of each pattern are looked at: some of every one, the rest by how many there are."""
    least = max(1, min(_LEAST, budget // max(1, len(counts))))
    found = {one: min(count, least) for one, count in counts.items()}
    left, open_ = budget - sum(found.values()), sum(counts.values()) - sum(found.values())
    if left >= open_:
        return dict(counts)
    return {one: taken + max(0, left) * (counts[one] - taken) // max(1, open_) for one, taken in found.items()}


def mixed(names: Iterable[bytes]) -> list[bytes]:
    """Names in an order that has nothing to do with them, and is the same every time."""
    return sorted(names, key=lambda name: (zlib.crc32(name), name))
