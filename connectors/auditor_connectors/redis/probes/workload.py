"""What the servers were doing: slow and large commands as shapes, what held them up, and who listens to messages."""

from __future__ import annotations

from collections import Counter
from typing import Any

from redis.exceptions import ResponseError

from auditor_connectors.redis.node import Node, words
from auditor_connectors.redis.probe import APPLICATION, NotHereError, Probe, Row
from auditor_connectors.redis.sampling.sample import learnt
from auditor_connectors.redis.session import Session
from auditor_connectors.redis.shapes import Naming, shape

ENTRIES = 128
"""How many entries of a list of slow or large commands are read: as many as one holds by default."""
MANY_CHANNELS = 10_000
"""From how many channels on they are not listed, nor their subscribers counted."""
_BATCH = 500
_LARGE = ("large-reply", "large-request")
_OWN = (b"__sentinel__:", b"__redis__:")
"""How channels begin that the servers themselves use."""


def _slow(session: Session) -> list[Row]:
    naming = _naming(session)

    def read(node: Node) -> list[Row]:
        answer = node.command("SLOWLOG", "GET", ENTRIES)
        return _log(node, "slow", answer, int(node.command("SLOWLOG", "LEN")), naming)

    return session.each(read)


def _large(session: Session) -> list[Row]:
    if session.identity.product != "valkey":
        raise NotHereError("only Valkey keeps a list of large requests and replies, since version 8.1")
    naming = _naming(session)

    def read(node: Node) -> list[Row]:
        found: list[Row] = []
        for kind in _LARGE:
            answer = node.command("COMMANDLOG", "GET", ENTRIES, kind)
            found += _log(node, kind, answer, len(answer), naming)
        return found

    return session.each(read)


def _naming(session: Session) -> Naming:
    """How keys are named: as the sample learnt it, since the few names of such lists would teach too little."""
    known = learnt(session)
    return lambda key: known.of(key).name


def _log(node: Node, kind: str, answer: Any, length: int, naming: Naming) -> list[Row]:
    """The shapes of a list, and how long it is. What an audit did before is left out, and so is who did anything."""
    found: dict[str, Row] = {}
    read = [entry for entry in answer if len(entry) < 6 or words(entry[5]) != APPLICATION]
    for entry in read:
        text, figure = shape(entry[3], naming), int(entry[2])
        row = found.setdefault(
            text, {"node": node.number, "kind": kind, "text": text, "count": 0, "total": 0, "most": 0}
        )
        row["count"] += 1
        row["total"] += figure
        row["most"] = max(row["most"], figure)
    moments = [int(entry[1]) for entry in read]
    told = {
        "length": length,
        "read": len(read),
        "first": min(moments, default=None),
        "last": max(moments, default=None),
    }
    return [{"node": node.number, "kind": kind, **told}, *found.values()]


def _latency(session: Session) -> list[Row]:
    def read(node: Node) -> list[Row]:
        return [
            {"node": node.number, "event": words(one[0]), "at": int(one[1]), "last": int(one[2]), "most": int(one[3])}
            for one in node.command("LATENCY", "LATEST")
        ]

    return session.each(read)


def _channels(session: Session) -> list[Row]:
    """How many channels have subscribers, and how many of these have one only. Their names are not kept."""
    told = session.identity.info.get("Stats", {})
    if sum(int(told.get(name, 0)) for name in ("pubsub_channels", "pubsubshard_channels")) > MANY_CHANNELS:
        raise NotHereError(f"it has more than {MANY_CHANNELS:,} channels, and a list of them would hold it up")
    listeners: Counter[bytes] = Counter()
    patterns: Counter[int] = Counter()
    sharded = session.identity.mode == "cluster" and session.identity.version >= 70000

    def read(node: Node) -> list[Row]:
        patterns[node.number] = int(node.command("PUBSUB", "NUMPAT"))
        _count(node, "CHANNELS", "NUMSUB", listeners)
        if sharded:
            try:
                _count(node, "SHARDCHANNELS", "SHARDNUMSUB", listeners)
            except ResponseError:
                session.tell("channels of shards may not be listed: +pubsub|shardchannels +pubsub|shardnumsub")
        return []

    session.each(read)
    return [
        {
            "channels": len(listeners),
            "patterns": patterns.total(),
            "alone": sum(count == 1 for count in listeners.values()),
            "subscribers": listeners.total(),
        }
    ]


def _count(node: Node, names: str, numbers: str, listeners: Counter[bytes]) -> None:
    """Add to the listeners of each channel those that one server has."""
    channels = [name for name in node.command("PUBSUB", names) if not name.startswith(_OWN)]
    for start in range(0, len(channels), _BATCH):
        answer = node.command("PUBSUB", numbers, *channels[start : start + _BATCH])
        for name, count in zip(answer[::2], answer[1::2], strict=True):
            listeners[name] += int(count)


PROBES = (
    Probe(name="slow-log", purpose="read the list of slow commands, as shapes without values and names", read=_slow,
          commands=("slowlog|get", "slowlog|len")),
    Probe(name="large-log", purpose="read the lists of large requests and replies, as shapes", read=_large,
          commands=("commandlog|get",)),
    Probe(name="latency", purpose="read what held the server up for longer than it was told to watch for",
          read=_latency, commands=("latency|latest",)),
    Probe(name="channels", purpose="count the channels of messages and those who listen to them", read=_channels,
          commands=("pubsub|channels", "pubsub|numsub", "pubsub|numpat")),
)  # fmt: skip
