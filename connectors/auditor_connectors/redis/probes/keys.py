"""The keys: a sample of them by patterns of their names. Names themselves stay in the session."""

from __future__ import annotations

import time
from collections import Counter, defaultdict
from collections.abc import Iterable

from auditor_connectors.redis.probe import Probe, Row
from auditor_connectors.redis.sampling.big import search
from auditor_connectors.redis.sampling.looks import Look
from auditor_connectors.redis.sampling.patterns import Pattern
from auditor_connectors.redis.sampling.sample import Sample, Sampled, sample
from auditor_connectors.redis.sampling.streams import streams
from auditor_connectors.redis.session import Session

_LOOKS = (
    "memory|usage", "type", "object|encoding", "object|idletime", "object|freq", "pttl",
    "llen", "hlen", "scard", "zcard", "xlen",
)  # fmt: skip


def _keyspace(session: Session) -> list[Row]:
    """The sample: one row that tells how it was taken, and one for every pattern of every numbered database."""
    taken = sample(session)
    if taken.cut is not None:
        session.tell(f"the sample was cut short by the limit on {taken.cut}")
    together: dict[tuple[int, str], list[tuple[Pattern, Sampled]]] = defaultdict(list)
    for one in taken.parts:
        for pattern in one.patterns:
            together[one.part.database, pattern.name].append((pattern, one))
    rows = [_row(database, name, found, taken) for (database, name), found in sorted(together.items(), key=_by_place)]
    summary = session.once("sample-summary", lambda: _summary(taken))
    _count_hits(session)
    return [summary, *rows]


def _count_hits(session: Session) -> None:
    """Keep in the row about the sample how many hits all looks at keys have added until now."""
    known: Row = session.once("sample-summary", dict)
    known["hits"] = sum(node.hits for node in session.samplers())


def _by_place(item: tuple[tuple[int, str], object]) -> tuple[int, str]:
    return item[0]


def _summary(taken: Sample) -> Row:
    methods = {one.part.method for one in taken.parts}
    return {
        "method": next((method for method in ("random", "scan") if method in methods), "all"),
        "names": sum(len(one.part.names) for one in taken.parts),
        "looked": sum(len(looks) for one in taken.parts for looks in one.looks.values()),
        "of": sum(one.part.of for one in taken.parts),
        "received": sum(pace.received for pace in {id(one.pace): one.pace for one in taken.parts}.values()),
        "milliseconds": round((taken.ended - taken.began) * 1000, 1),
        "cut": taken.cut,
        "replica": any(one.part.node.role == "replica" for one in taken.parts),
        "hits": 0,
        "parts": [
            {"node": one.part.node.number, "database": one.part.database, "names": len(one.part.names),
             "of": one.part.of, "method": one.part.method}
            for one in taken.parts
        ],
    }  # fmt: skip


def _row(database: int, name: str, found: list[tuple[Pattern, Sampled]], taken: Sample) -> Row:
    names = [key for pattern, one in found for key in one.patterns[pattern]]
    kinds = Counter[tuple[str, ...]]()
    for pattern, one in found:
        kinds[pattern.parts] += len(one.patterns[pattern])
    tags = Counter(tag for key in names if (tag := _tag(key)) is not None)
    counted: Counter[int] = Counter()
    for pattern, one in found:
        counted[one.part.node.number] += len(one.patterns[pattern])
    looks = [look for pattern, one in found for look in one.looks.get(pattern, ())]
    return {
        "database": database,
        "pattern": name,
        "match": found[0][0].match,
        "parts": min(kinds, key=lambda parts: (-kinds[parts], parts)),
        "names": dict(counted),
        "name_bytes": sum(map(len, names)) / len(names),
        "tags": len(tags) or None,
        "tag_share": max(tags.values()) / len(names) if tags else None,
        "looks": list(_without_names(looks, taken)),
    }


def _tag(name: bytes) -> bytes | None:
    """What a cluster places a key by, where that is not its whole name."""
    start = name.find(b"{")
    end = name.find(b"}", start + 1)
    return name[start + 1 : end] if start >= 0 and end > start + 1 else None


def _without_names(looks: Iterable[Look], taken: Sample) -> Iterable[Row]:
    """What was seen of single keys; ends are seconds since the sample began."""
    for look in looks:
        yield {
            "bytes": look.bytes, "type": look.type, "encoding": look.encoding, "idle": look.idle,
            "frequency": look.frequency, "elements": look.elements,
            "end": None if look.end is None else look.end - taken.began,
        }  # fmt: skip


def _big(session: Session) -> list[Row]:
    """The largest keys, by their patterns, and which keys cannot have been missed."""
    now = time.monotonic()
    result = search(session)
    _count_hits(session)
    if not result.complete:
        session.tell("the search ended at its limit of time: only a part of the keys was searched")
    return [
        {
            "database": big.one.part.database, "pattern": big.pattern.name, "match": big.pattern.match,
            "parts": big.pattern.parts, "type": big.look.type,
            "encoding": big.look.encoding, "bytes": big.look.bytes, "elements": big.look.elements,
            "left": None if big.look.end is None else max(0.0, big.look.end - now),
        }
        for big in result.keys
        if big.look.bytes is not None
    ]  # fmt: skip


def _streams(session: Session) -> list[Row]:
    found = streams(session)
    _count_hits(session)
    return found


PROBES = (
    Probe(name="keyspace", purpose="sample keys by patterns of their names: types, sizes, times to live, use",
          read=_keyspace, commands=("scan", "randomkey", "select", "dbsize", "ping", "client|no-touch", *_LOOKS),
          keys=True),
    Probe(name="big-keys", purpose="find the largest keys", read=_big,
          commands=("scan", "select", "ping", "client|no-touch", *_LOOKS), keys=True),
    Probe(name="streams", purpose="read how long streams are, who reads them, and what is not acknowledged",
          read=_streams, commands=("xinfo|stream", "xinfo|groups", "xinfo|consumers", "xpending"), keys=True,
          since=50000),
)  # fmt: skip
