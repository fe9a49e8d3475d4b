"""Single keys hold very much.

## What
Keys that take more memory than a key should: texts of a megabyte and more, hashes, sets and sorted sets of ten, lists
of fifty. The largest keys are searched for by their size in memory, not by the number of their elements alone.
Collections of ten thousand elements and a megabyte are reported where commands come that read collections of their type
as a whole (HGETALL, SMEMBERS, LRANGE, …). Streams are judged by stream-unbounded.

## Why it matters
Commands run one after the other. A command that reads, copies, sorts or deletes such a key holds up all others, its
answer fills the network, and in a cluster the key cannot be spread: its server has all of its memory and its load.

## When it is fine
The key is only ever used element by element (HGET, SISMEMBER, ZADD), never read whole and never deleted at once.

## How to fix it
Spread the elements over several keys by a hash of the element's name, writing to both until readers have moved. Store
large texts elsewhere, or in parts. Delete what is large by UNLINK, not by DEL.

## Sources
Redis documentation, "Redis CLI": scanning for big keys; "UNLINK". Valkey documentation, "Memory optimization".
"""

from __future__ import annotations

from collections.abc import Iterator

from auditor.model.check import Check
from auditor.model.facts import Facts
from auditor.model.finding import Evidence, Flaw, Impact
from auditor.model.keyspace import BigKey, KeyPattern
from auditor.model.operation import AnyOperation, ChangeApplication, SplitKey
from auditor.model.units import KEY_PATTERNS
from auditor.model.vocabulary import Confidence, Pillar, Severity
from auditor.text import count, quantity, size
from auditor_checks._keys import all_bytes

CHECK = Check(
    title="Single keys hold very much",
    passed="No single key holds very much",
    pillar=Pillar.CAPACITY,
    severity=Severity.MEDIUM,
    unit=KEY_PATTERNS,
    needs=("keyspace", "big-keys", "info"),
    engines=("redis",),
)

_PART = 1 << 20
"""Bytes that a part of a key that is split should have at most."""
_MOST_PARTS = 1024


_WHOLE = {
    "hash": ("hgetall", "hkeys", "hvals"),
    "set": ("smembers", "sunion", "sinter", "sdiff"),
    "zset": ("zrange", "zrevrange", "zrangebyscore"),
    "list": ("lrange",),
}
"""Commands that read a collection as a whole, or may."""


def judge(
    pattern: KeyPattern, facts: Facts, *, string_bytes: float = 1e6, collection_bytes: float = 10e6,
    list_bytes: float = 50e6, elements: float = 1e6, grave: float = 10, read_elements: float = 10_000,
    read_bytes: float = 1e6,
) -> Iterator[Flaw]:  # fmt: skip
    """Report the largest keys of a pattern that are above the limit of their type, or long and read as a whole."""
    limits = {"string": string_bytes, "list": list_bytes, "stream": float("inf")}

    def excess(key: BigKey) -> float:
        """How many times the limit a key is."""
        by_bytes = key.bytes / limits.get(key.type, collection_bytes)
        return by_bytes if key.type in limits else max(by_bytes, (key.elements or 0) / elements)

    mine = [key for key in facts.keyspace.big if key.path == pattern.path]
    found = [key for key in mine if excess(key) >= 1]
    if found:
        found.sort(key=lambda key: (-excess(key), -key.bytes))
        yield _flaw(pattern, facts, found, Severity.HIGH if excess(found[0]) >= grave else Severity.MEDIUM, {})
        return
    long = [key for key in mine if (key.elements or 0) >= read_elements and key.bytes >= read_bytes]
    if long:
        names = _WHOLE.get(long[0].type, ())
        calls = {one.name: one.calls for one in facts.workload.commands if one.name in names}
        if sum(calls.values()):
            yield _flaw(pattern, facts, long, Severity.LOW, calls)


def _flaw(pattern: KeyPattern, facts: Facts, found: list[BigKey], severity: Severity, calls: dict[str, int]) -> Flaw:
    """``found`` begins with the worst; ``calls`` are those of commands that read such keys as a whole."""
    worst = found[0]
    part = worst.bytes / max(all_bytes(facts), 1.0)
    length = f" with {quantity(worst.elements)} elements" if worst.elements is not None else ""
    read = ", ".join(name.upper() for name in sorted(calls))
    return Flaw(
        title=f"{count(len(found), 'key')} of {pattern.path} {'holds' if len(found) == 1 else 'hold'} very much",
        severity=severity,
        confidence=Confidence.POSSIBLE if calls else Confidence.CERTAIN,
        evidence=(
            Evidence(name="largest key", value=worst.bytes, unit="bytes", probe="big-keys"),
            Evidence(name="its type", value=worst.type, probe="big-keys"),
            Evidence(name="its elements", value=worst.elements, unit="elements", probe="big-keys"),
            Evidence(name="such keys among the largest", value=len(found), unit="keys", probe="big-keys"),
            Evidence(name="median of all its keys", value=pattern.bytes_median, unit="bytes", probe="keyspace"),
            Evidence(name="its part of the memory of all keys", value=round(part, 3), unit="share", probe="big-keys"),
            *(
                Evidence(name=f"calls of {name.upper()}", value=calls[name], unit="calls", probe="info")
                for name in sorted(calls)
            ),
        ),
        impact=Impact(bytes=sum(key.bytes for key in found), risk="a command on the whole key holds up all others"),
        explanation=f"The largest key of {pattern.path} is a {worst.type} of {size(worst.bytes)}{length}"
        + (f", and {read} comes to the server, which reads such keys as a whole." if calls else "."),
        recommendation=_advice(worst.type),
        operations=(_operation(pattern, worst),),
    )


def _advice(kind: str) -> str:
    if kind == "string":
        return "Keep large values elsewhere or in parts, and delete them by UNLINK."
    if kind == "list":
        return "Cap the list where it is filled, by LTRIM, or give each day or partition a list of its own."
    return "Spread the elements over several keys by a hash of their names, and use them element by element until then."


def _operation(pattern: KeyPattern, worst: BigKey) -> AnyOperation:
    if worst.type in ("hash", "set", "zset"):
        parts = min(_MOST_PARTS, max(2, -(-worst.bytes // _PART)))
        return SplitKey(pattern=pattern.name, database=pattern.database, type=worst.type, parts=parts)
    return ChangeApplication(
        topic="large-value" if worst.type == "string" else "cap-list", subject=pattern.path,
        instruction=_advice(worst.type),
    )  # fmt: skip
