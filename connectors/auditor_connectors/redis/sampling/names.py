"""The names of keys: all of them, or a part that says something about the rest."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Literal

from msgspec import Struct

from auditor_connectors.redis.node import Node
from auditor_connectors.redis.sampling.pace import Pace

RECEIVED = 50_000_000
"""Bytes of names after which no more are asked for."""
PAGE = 300
"""How many keys the server visits at once: a fraction of a millisecond."""
_DRAWN_AT_ONCE = 200
_DRAWN_MOST = 50_000
"""How many names are drawn at most: drawing one takes the server ten times as long as visiting it."""
_VISIT = 0.5e-6
_DRAW = 10e-6
"""Seconds of the server's time for a key that is visited, and for one that is drawn."""

Method = Literal["all", "scan", "random"]


class Part(Struct, kw_only=True):
    """The names of one numbered database of one server: those that were seen, of how many there are.

    ``cursor`` is where a walk goes on that has seen them: b"0" is the beginning.
    """

    node: Node
    database: int
    of: int
    names: list[bytes]
    method: Method
    cursor: bytes = b"0"


def names(node: Node, database: int, of: int, wanted: int, pace: Pace, *, by_slots: bool) -> Part:
    """See the names of all keys, or of at least as many as are wanted.

    The server walks its hash table in an order that has nothing to do with names, so that the first part of a walk is
    as good as a draw. In a cluster (``by_slots``) it goes from slot to slot, where keys with one hash tag stand
    together: single keys are drawn there.
    """
    node.command("SELECT", database)
    if of > wanted and by_slots:
        return Part(
            node=node, database=database, of=of, names=_drawn(node, min(wanted, _DRAWN_MOST), pace), method="random"
        )
    found, cursor = _walked(node, wanted if of > wanted else None, pace)
    whole = cursor == b"0"
    return Part(
        node=node, database=database, of=len(found) if whole else max(of, len(found)), names=found,
        method="all" if whole else "scan", cursor=cursor or b"0",
    )  # fmt: skip


def _walked(node: Node, wanted: int | None, pace: Pace) -> tuple[list[bytes], bytes | None]:
    """The names, each once, and where to go on: b"0" where they are all, None where the walk has not even begun."""
    found: set[bytes] = set()
    reached: bytes | None = None
    for cursor, page in pages(node, b"0", PAGE, pace):
        found.update(page)  # a walk may meet a key twice
        reached = cursor
        if wanted is not None and len(found) >= wanted:
            break
    return sorted(found), reached


def pages(
    node: Node, cursor: bytes, size: int, pace: Pace, received: int = RECEIVED
) -> Iterator[tuple[bytes, list[bytes]]]:
    """Walk on from a cursor that the server gave: where to go on after each page, and its names.

    ``received`` is after how many bytes of names it ends.
    """
    while pace.goes_on(received):
        begun = time.perf_counter()
        cursor, page = node.command("SCAN", cursor, "COUNT", size)
        seconds = time.perf_counter() - begun
        pace.received += sum(map(len, page))
        yield cursor, page
        if cursor == b"0":
            return
        pace.spent(size, _VISIT, seconds)


def _drawn(node: Node, wanted: int, pace: Pace) -> list[bytes]:
    found: set[bytes] = set()
    drawn = 0
    while drawn < 2 * wanted and len(found) < wanted and pace.goes_on(RECEIVED):
        begun = time.perf_counter()
        page = node.pipeline([("RANDOMKEY",)] * _DRAWN_AT_ONCE)
        seconds = time.perf_counter() - begun
        drawn += len(page)
        names_ = [name for name in page if isinstance(name, bytes)]
        pace.received += sum(map(len, names_))
        found.update(names_)
        pace.spent(len(page), _DRAW, seconds)
        if not names_:
            break
    return sorted(found)
