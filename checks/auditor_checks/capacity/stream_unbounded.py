"""A stream is never trimmed.

## What
A stream of many entries from which hardly any entry was ever taken away: it still holds all that were added.

## Why it matters
A stream is not a queue: reading and acknowledging leave its entries where they are. It grows until the memory is full,
and in a cluster it is one key, which one server holds alone.

## When it is fine
It was written a short time ago and has a limit that is not reached yet, or it is a log that is meant to be kept and
whose growth is known.

## How to fix it
Say how much to keep where entries are added (XADD … MAXLEN ~ n, or MINID ~ for an age), and trim what is there once, in
portions (XTRIM … MAXLEN ~ n LIMIT m).

## Sources
Redis documentation, "XADD": capped streams; "XTRIM"; "XINFO STREAM": entries-added.
"""

from __future__ import annotations

from collections.abc import Iterator

from auditor.model.check import Check
from auditor.model.facts import Facts
from auditor.model.finding import Evidence, Flaw, Impact
from auditor.model.keyspace import Stream
from auditor.model.operation import TrimStream
from auditor.model.units import STREAMS
from auditor.model.vocabulary import Confidence, Pillar, Severity
from auditor.text import quantity, size
from auditor_checks._keys import DAY
from auditor_checks._streams import alike

CHECK = Check(
    title="A stream is never trimmed",
    passed="Streams are trimmed",
    pillar=Pillar.CAPACITY,
    severity=Severity.LOW,
    confidence=Confidence.POSSIBLE,
    unit=STREAMS,
    needs=("streams",),
    engines=("redis",),
)

_KEPT_DAYS = 7.0
"""What is kept where nothing is known of who needs more."""
_LEAST_KEPT = 1_000


def judge(
    stream: Stream, facts: Facts, *, min_entries: float = 10_000, held: float = 0.95, old_days: float = 7,
    many_entries: float = 100_000, many_bytes: float = 100e6,
) -> Iterator[Flaw]:  # fmt: skip
    """Report a stream that holds nearly all that was ever added; before Redis 7.0, one that is long and old."""

    def grows(one: Stream) -> bool:
        if one.added is None:
            return one.entries >= max(min_entries, many_entries) and _days(one) >= old_days
        return one.entries >= min_entries and one.entries >= held * one.added

    found = [one for one in alike(stream, facts) if grows(one)]
    if not found:
        return
    stream = max(found, key=lambda one: one.entries)
    days = _days(stream) if stream.seconds is not None else None
    old = days is not None and days >= old_days
    large = stream.entries >= many_entries or sum(one.bytes or 0 for one in found) >= many_bytes
    yield Flaw(
        title=f"The stream {stream.path} is never trimmed",
        severity=Severity.MEDIUM if large else Severity.LOW,
        confidence=Confidence.LIKELY if old and stream.added is not None else Confidence.POSSIBLE,
        evidence=(
            Evidence(name="entries", value=stream.entries, unit="entries", probe="streams"),
            Evidence(name="entries ever added", value=stream.added, unit="entries", probe="streams"),
            Evidence(name="memory", value=stream.bytes, unit="bytes", probe="streams"),
            Evidence(
                name="between its first entry and its last",
                value=None if days is None else round(days, 1),
                unit="days",
                probe="streams",
            ),
            Evidence(
                name="streams of this pattern that are never trimmed", value=len(found), unit="streams", probe="streams"
            ),
        ),
        impact=Impact(bytes=stream.bytes, risk="it grows until the memory is full"),
        explanation=(
            f"{stream.path} holds {quantity(stream.entries)} entries"
            + (f" of {quantity(stream.added)} that were ever added" if stream.added is not None else "")
            + (f", over {days:.0f} days" if days is not None and days >= 1 else "")
            + (f", in {size(stream.bytes)}." if stream.bytes is not None else ".")
        ),
        recommendation="Say with every XADD how much to keep (MAXLEN ~), and trim once what is there.",
        operations=(TrimStream(pattern=stream.pattern, database=stream.database, entries=_kept(stream, days)),),
    )


def _days(stream: Stream) -> float:
    """How many days lie between its entries, 0 where their identifiers are no moments."""
    return (stream.seconds or 0.0) / DAY


def _kept(stream: Stream, days: float | None) -> int:
    """A week of entries, and never fewer than some group has still to read or to acknowledge."""
    week = stream.entries * min(1.0, _KEPT_DAYS / days) if days else float(stream.entries)
    needed = max((group.pending + (group.lag or 0) for group in stream.groups), default=0)
    return min(stream.entries, max(_LEAST_KEPT, round(week), needed))
