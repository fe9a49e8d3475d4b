"""Keys live much longer than they are used.

## What
Keys that expire, half of which nobody has used for a week or longer, and that have another week or more to live.

## Why it matters
They take memory from what is used. In a cache that may evict, they make the server choose; in one that may not, they
bring the limit nearer.

## When it is fine
They have to be there on a certain day: a yearly report, a voucher. Or the memory is not needed.

## How to fix it
Shorten the time to live to a few times what nearly all uses need. Keys that are there follow as they end.

## Sources
Redis documentation, "OBJECT IDLETIME", "EXPIRE".
"""

from __future__ import annotations

from collections.abc import Iterator

from auditor.model.check import Check
from auditor.model.facts import Facts
from auditor.model.finding import Evidence, Flaw, Impact, Unknown, Verdict
from auditor.model.keyspace import KeyPattern
from auditor.model.operation import ChangeApplication
from auditor.model.units import KEY_PATTERNS
from auditor.model.vocabulary import Confidence, Pillar, Severity
from auditor.text import size
from auditor_checks._keys import DAY, all_bytes, bytes_of, counted

CHECK = Check(
    title="Keys live much longer than they are used",
    passed="Keys live about as long as they are used",
    pillar=Pillar.CACHING,
    severity=Severity.LOW,
    confidence=Confidence.LIKELY,
    unit=KEY_PATTERNS,
    needs=("keyspace",),
    engines=("redis",),
)


def judge(
    pattern: KeyPattern, facts: Facts, *, idle_days: float = 7, left_days: float = 7, min_bytes: float = 10e6,
    min_share: float = 0.05, many: float = 0.3,
) -> Iterator[Verdict]:  # fmt: skip
    """Compare how long nobody has used the keys with how long they are going to stay."""
    times, taken = pattern.lifetimes, bytes_of(pattern)
    part = taken / max(all_bytes(facts), 1.0)
    if times is None or times.expiring < 0.5 or times.median is None or times.median < left_days * DAY:
        return
    if taken < min_bytes or part < min_share:
        return
    if pattern.idle_seconds is None:
        yield Unknown(reason=f"the server does not tell for how long nobody has used the keys of {pattern.path}")
        return
    if pattern.idle_seconds < idle_days * DAY:
        return
    yield Flaw(
        title=f"Keys of {pattern.path} live much longer than they are used",
        severity=Severity.MEDIUM if part >= many else Severity.LOW,
        evidence=(
            Evidence(name="not used for (median)", value=round(pattern.idle_seconds), unit="seconds", probe="keyspace"),
            Evidence(name="time left (median)", value=round(times.median), unit="seconds", probe="keyspace"),
            Evidence(name="their part of the memory of all keys", value=round(part, 3), unit="share", probe="keyspace"),
            *counted(pattern),
        ),
        impact=Impact(bytes=round(taken / 2), risk="memory is taken from what is used"),
        explanation=(
            f"Half of the keys of {pattern.path} have not been used for {pattern.idle_seconds / DAY:.0f} days or "
            f"longer, and half have {times.median / DAY:.0f} days or more to live. All of them take {size(taken)}."
        ),
        recommendation="Shorten the time to live where the keys are written.",
        operations=(
            ChangeApplication(
                topic="shorter-expiry", subject=pattern.path,
                instruction="Shorten the time to live where the keys are written, step by step, and watch the hits "
                "(keyspace_hits beside keyspace_misses) after each.",
            ),
        ),
    )  # fmt: skip
