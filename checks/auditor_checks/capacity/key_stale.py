"""Keys that nobody uses any more stay in memory.

## What
Keys without a time to live, half of which nobody has read or written for a month or longer.

## Why it matters
Memory is the dearest place for data that nobody asks for. It is copied to every replica, written with every snapshot,
and read at every start.

## When it is fine
The data is rare but must be there at once when it is asked for. A restart sets the time back, so the true time may be
longer, never shorter.

## How to fix it
Move what is old to a database on disk, and delete it here in batches by UNLINK; or give it a time to live that begins
again with every use.

## Sources
Redis documentation, "OBJECT IDLETIME", "UNLINK".
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
from auditor_checks._keys import DAY, all_bytes, bytes_of, counted, expiring

CHECK = Check(
    title="Keys that nobody uses stay in memory",
    passed="Most of what is in memory is used",
    pillar=Pillar.CAPACITY,
    severity=Severity.LOW,
    confidence=Confidence.LIKELY,
    unit=KEY_PATTERNS,
    needs=("keyspace",),
    engines=("redis",),
)


def judge(
    pattern: KeyPattern, facts: Facts, *, idle_days: float = 30, min_bytes: float = 10e6, min_share: float = 0.05,
    many: float = 0.3,
) -> Iterator[Verdict]:  # fmt: skip
    """Report patterns of which half has not been used for long."""
    part, taken = expiring(pattern), bytes_of(pattern)
    memory = taken / max(all_bytes(facts), 1.0)
    if part is None or part >= 0.5 or taken < min_bytes or memory < min_share:
        return
    if pattern.idle_seconds is None:
        yield Unknown(reason=f"the server does not tell for how long nobody has used the keys of {pattern.path}")
        return
    if pattern.idle_seconds < idle_days * DAY:
        return
    yield Flaw(
        title=f"Keys of {pattern.path} are not used and stay in memory",
        severity=Severity.MEDIUM if memory >= many else Severity.LOW,
        evidence=(
            Evidence(name="not used for (median)", value=round(pattern.idle_seconds), unit="seconds", probe="keyspace"),
            Evidence(name="keys that expire", value=round(part, 3), unit="share", probe="keyspace"),
            Evidence(name="their part of the memory of all keys", value=round(memory, 3), unit="share",
                     probe="keyspace"),
            *counted(pattern),
        ),
        impact=Impact(bytes=round(taken / 2), risk="memory is paid for what nobody asks for"),
        explanation=(
            f"Half of the keys of {pattern.path} have not been used for {pattern.idle_seconds / DAY:.0f} days or "
            f"longer, and they do not expire. All of them take {size(taken)}."
        ),
        recommendation="Move what is old to a database on disk and delete it here, or let it expire unless it is used.",
        operations=(
            ChangeApplication(
                topic="archive-stale-keys", subject=pattern.path,
                instruction="Copy keys that nobody has used for long to a database on disk, read from there when they "
                "are missing here, and then delete them in batches by UNLINK.",
            ),
        ),
    )  # fmt: skip
