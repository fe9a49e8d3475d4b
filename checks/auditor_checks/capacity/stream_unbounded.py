"""A stream only grows: nothing was ever removed from it.

## What
Streams of which nearly every entry that was ever added is still there. Streams that were trimmed or whose entries are
deleted are not reported, however long they are.

## Why it matters
Entries stay when they have been read and acknowledged. A stream without a limit takes memory until there is none: then
the server refuses writes or evicts other keys. It is one key, so a cluster cannot spread it.

## When it is fine
The stream is a record that must be kept whole, and its growth is planned for; or it is young and its limit is not
reached yet.

## How to fix it
Give XADD a limit: MAXLEN ~ with a number of entries, or MINID ~ with a moment. Trim what is there in steps by XTRIM
with LIMIT. Entries that a group has not read are lost when they are trimmed: let it catch up first.

## Sources
Redis documentation, "XADD", "XTRIM", "Redis Streams": capped streams.
"""

from __future__ import annotations

from collections.abc import Iterator

from auditor.model.check import Check
from auditor.model.facts import Facts
from auditor.model.finding import Evidence, Flaw, Impact, Unknown, Verdict
from auditor.model.keyspace import Stream
from auditor.model.operation import TrimStream
from auditor.model.units import STREAMS
from auditor.model.vocabulary import Confidence, Pillar, Severity
from auditor.text import quantity, size
from auditor_checks._keys import DAY
from auditor_checks._streams import alike, largest

CHECK = Check(
    title="A stream only grows",
    passed="Long streams are trimmed",
    pillar=Pillar.CAPACITY,
    severity=Severity.MEDIUM,
    confidence=Confidence.LIKELY,
    unit=STREAMS,
    needs=("keyspace", "streams"),
    engines=("redis",),
)

_KEPT_DAYS = 7.0
"""Days of entries that a limit leaves, where nothing says how many are needed."""
_LEAST_ENTRIES = 1_000
_LEAST_SECONDS = 3600.0
"""A stream must span that long for its growth to be told."""


def judge(
    stream: Stream, facts: Facts, *, min_entries: float = 10_000, removed: float = 0.01, many: float = 1e6,
    many_bytes: float = 1e9, few_bytes: float = 50e6,
) -> Iterator[Verdict]:  # fmt: skip
    """Report the largest stream of a pattern of which less than the share ``removed`` is gone."""
    long = [one for one in alike(stream, facts) if one.entries >= min_entries]
    if stream is not largest(stream, facts) or not long:
        return
    if all(one.added is None for one in long):
        yield Unknown(reason="before Redis 7.0 a server does not tell how many entries were ever added to a stream")
        return
    found = [one for one in long if one.added is not None and one.added - one.entries <= removed * one.added]
    if not found:
        return
    worst = max(found, key=lambda one: one.entries)
    taken = sum(one.bytes or 0 for one in found)
    unread = max((group.lag or 0 for group in worst.groups), default=0)
    a_day = worst.entries / worst.seconds * DAY if (worst.seconds or 0.0) >= _LEAST_SECONDS and worst.seconds else None
    keep = _limit(worst, a_day, unread)
    more = f" So do {len(found) - 1} other streams of this pattern." if len(found) > 1 else ""
    yield Flaw(
        title=f"The stream {stream.path} only grows",
        severity=(
            Severity.HIGH if taken >= many_bytes
            else Severity.MEDIUM if taken >= few_bytes or worst.entries >= many
            else Severity.LOW
        ),
        evidence=(
            Evidence(name="entries", value=worst.entries, unit="entries", probe="streams"),
            Evidence(name="entries ever added", value=worst.added, unit="entries", probe="streams"),
            Evidence(name="its memory", value=worst.bytes, unit="bytes", probe="streams"),
            Evidence(name="first to last entry", value=None if worst.seconds is None else round(worst.seconds),
                     unit="seconds", probe="streams"),
            Evidence(name="streams of this pattern that only grow", value=len(found), unit="streams", probe="streams"),
            Evidence(name="entries that a group has not read", value=unread, unit="entries", probe="streams"),
        ),
        impact=Impact(risk="it takes memory until there is none"),
        explanation=f"{quantity(worst.entries)} of the {quantity(worst.added)} entries that were ever added to "
        f"{stream.path} are still there" + (f", in {size(worst.bytes)}" if worst.bytes else "")
        + (f"; by its first and last entry it grows by {quantity(a_day)} entries a day." if a_day is not None else ".")
        + more,
        recommendation=f"Add with MAXLEN ~ {keep}, or with MINID where a time matters, and trim what is there in steps."
        + (f" A group has not read {quantity(unread)} entries, which the limit leaves." if unread else ""),
        operations=(TrimStream(pattern=stream.pattern, database=stream.database, entries=keep),),
    )  # fmt: skip


def _limit(stream: Stream, a_day: float | None, unread: int) -> int:
    """So many entries as a week brings, at least those that a group has not read, at most those that are there."""
    wanted = max(_LEAST_ENTRIES, round((a_day or 0.0) * _KEPT_DAYS), round(1.1 * unread))
    step = int("1".ljust(len(str(wanted)) - 1, "0"))  # two digits that mean something
    return min(stream.entries, -(-wanted // step) * step)
