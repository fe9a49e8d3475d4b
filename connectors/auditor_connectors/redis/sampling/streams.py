"""The streams: how many entries they hold, who reads them in groups, and what nobody has acknowledged."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from redis.exceptions import ResponseError

from auditor_connectors.redis.node import pairs, words
from auditor_connectors.redis.probe import NotHereError, Row
from auditor_connectors.redis.sampling.big import search
from auditor_connectors.redis.sampling.looks import mixed
from auditor_connectors.redis.sampling.patterns import Pattern, Patterns
from auditor_connectors.redis.sampling.sample import Sampled, sample
from auditor_connectors.redis.session import Session

STREAMS, GROUPS, CONSUMERS = 50, 20, 100
"""How many streams are asked, how many groups of each, and up to how many consumers of a group are asked for."""
_SILENT = 3600.0
"""Seconds after which a consumer with entries has stopped asking."""
_WALKED, _LEFT = 20_000, 100
"""Among how many pending entries those are looked for that were given out long ago, and how many are counted."""


def streams(session: Session) -> list[Row]:
    """What each stream and its groups tell; the names of groups as patterns.

    Raises:
        NotHereError: there is no sample, or asking would leave a trace.
        RedisError: the server refuses.

    """
    found = sorted(_found(session), key=lambda one: (-one[3], one[1].name, one[2]))
    if any(not one.eyes.unseen for one, *_ in found):
        raise NotHereError("asking would make streams look used, and the server evicts by that (before Redis 7.2)")
    if len(found) > STREAMS:
        session.tell(f"{STREAMS} of {len(found)} streams were asked, the largest ones")
    now = session.identity.moment.timestamp()
    rows = []
    for one, pattern, name, size in found[:STREAMS]:
        one.part.node.command("SELECT", one.part.database)
        try:
            rows.append(_row(one, pattern, name, size, now))
        except ResponseError as error:
            if "no such key" not in str(error) and "WRONGTYPE" not in str(error):
                raise
    for node in session.samplers():
        node.command("SELECT", session.identity.database or 0)
    return rows


def _found(session: Session) -> list[tuple[Sampled, Pattern, bytes, int]]:
    """Streams of the sample, of the largest keys, and names of patterns that have streams, with their bytes or 0."""
    found: dict[tuple[int, int, bytes], tuple[Sampled, Pattern, bytes, int]] = {}
    for one, pattern, name, size in _met(session):
        found.setdefault((one.part.node.number, one.part.database, name), (one, pattern, name, size))
    return list(found.values())


def _met(session: Session) -> Iterator[tuple[Sampled, Pattern, bytes, int]]:
    for big in search(session).keys:
        if big.look.type == "stream":
            yield big.one, big.pattern, big.look.name, big.look.bytes or 0
    for one in sample(session).parts:
        for pattern, looks in one.looks.items():
            mine = [look for look in looks if look.type == "stream"]
            yield from ((one, pattern, look.name, look.bytes or 0) for look in mine)
            if mine and len(mine) == len(looks):
                yield from ((one, pattern, name, 0) for name in mixed(one.patterns[pattern])[:STREAMS])


def _row(one: Sampled, pattern: Pattern, name: bytes, size: int, now: float) -> Row:
    node = one.part.node
    told = pairs(node.command("XINFO", "STREAM", name))
    groups = [pairs(group) for group in node.command("XINFO", "GROUPS", name)]
    node.hits += 2
    shown = Patterns(group["name"] for group in groups)
    first, last = (_moment(told.get(end)) for end in ("first-entry", "last-entry"))
    return {
        "database": one.part.database,
        "pattern": pattern.name,
        "entries": int(told["length"]),
        "added": int(told["entries-added"]) if "entries-added" in told else None,
        "bytes": size or None,
        "seconds": last - first if first is not None and last is not None else None,
        "groups": [_group(one, name, group, shown.of(group["name"]).name, now) for group in groups[:GROUPS]],
    }


def _moment(entry: Any) -> float | None:
    """When an entry was added, by its identifier, if that is a moment after 2001; an entry is one with its values."""
    identifier = words(entry[0] if isinstance(entry, list) else entry)
    left = identifier.partition("-")[0]
    return int(left) / 1000 if left.isdigit() and int(left) > 10**12 else None


def _group(one: Sampled, name: bytes, group: dict[str, Any], shown: str, now: float) -> Row:
    node = one.part.node
    pending, lag = int(group["pending"]), group.get("lag")
    consumers: list[dict[str, Any]] = []
    if 0 < int(group["consumers"]) <= CONSUMERS:
        consumers = [pairs(each) for each in node.command("XINFO", "CONSUMERS", name, group["name"])]
        node.hits += 1
    oldest = None
    if pending:
        oldest = _moment(node.command("XPENDING", name, group["name"])[1])
        node.hits += 1
    idle = [int(each["idle"]) / 1000 for each in consumers]
    return {
        "name": shown,
        "consumers": int(group["consumers"]),
        "silent": sum(int(each["pending"]) > 0 and int(each["idle"]) / 1000 > _SILENT for each in consumers),
        "pending": pending,
        "lag": lag if isinstance(lag, int) else None,
        "idle_seconds": min(idle, default=None),
        "oldest_seconds": max(0.0, now - oldest) if oldest is not None else None,
        "left": _left(one, name, group["name"], pending),
    }


def _left(one: Sampled, name: bytes, group: bytes, pending: int) -> int | None:
    """How many entries were given out more than an hour ago, up to a hundred; the server looks through all of them."""
    if not pending:
        return 0
    if pending > _WALKED:
        return None
    try:
        found = one.part.node.command("XPENDING", name, group, "IDLE", round(_SILENT * 1000), "-", "+", _LEFT)
    except ResponseError:  # before Redis 6.2
        return None
    one.part.node.hits += 1
    return len(found)
