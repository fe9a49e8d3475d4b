"""Checkpoints take long.

## What
The checkpoints of the storage engine took longer than the limit on average since the server started, or the last one
did.

## Why it matters
A checkpoint begins every minute. Where it takes that long the disk never rests: reads wait behind writes, the journal
and the recovery after a crash grow.

## When it is fine
During a bulk load.

## How to fix it
Write less (unused indexes, documents that are rewritten for one field), or give it a disk that writes faster.

## Sources
MongoDB manual, "WiredTiger Storage Engine: Snapshots and Checkpoints" (every 60 seconds); serverStatus:
wiredTiger.transaction.
"""

from __future__ import annotations

from collections.abc import Iterator

from auditor.model.check import Check
from auditor.model.facts import Facts
from auditor.model.finding import Evidence, Flaw, Impact, Unknown, Verdict
from auditor.model.operation import ChangeApplication
from auditor.model.units import SERVER
from auditor.model.vocabulary import Pillar, Severity

CHECK = Check(
    title="Checkpoints take long",
    passed="Checkpoints are short",
    pillar=Pillar.OPERATIONS,
    severity=Severity.MEDIUM,
    unit=SERVER,
    needs=("server-status",),
    engines=("mongodb",),
)
# Version 8.0 moved the counters from one section to another, and changed their words a little.
NAMES = (
    ("wiredTiger.transaction.transaction checkpoints",
     "wiredTiger.transaction.transaction checkpoint total time (msecs)",
     "wiredTiger.transaction.transaction checkpoint most recent time (msecs)"),
    ("wiredTiger.checkpoint.total succeed number of checkpoints", "wiredTiger.checkpoint.total time (msecs)",
     "wiredTiger.checkpoint.most recent time (msecs)"),
)  # fmt: skip
INTERVAL = 60.0


def judge(
    _server: Facts, facts: Facts, *, seconds: float = 30, high_seconds: float = INTERVAL, min_count: float = 60
) -> Iterator[Verdict]:
    """Divide the time of all checkpoints by their number."""
    known = next((names for names in NAMES if all(facts.counter(name) is not None for name in names)), None)
    if known is None:
        yield Unknown(reason="the server does not tell of its checkpoints")
        return
    number, total, last = (facts.counter(name) or 0 for name in known)
    if number < min_count:
        yield Unknown(reason=f"the server has made {number:.0f} checkpoints; {min_count:.0f} are needed")
        return
    mean = total / number / 1000
    if mean < seconds and last / 1000 < high_seconds:
        return
    yield Flaw(
        title=f"A checkpoint takes {mean:.1f} seconds",
        severity=Severity.HIGH if mean >= high_seconds else Severity.MEDIUM,
        evidence=(
            Evidence(name="checkpoints", value=number, unit="checkpoints", probe="server-status"),
            Evidence(name="on average", value=round(mean, 2), unit="seconds", probe="server-status"),
            Evidence(name="the last one", value=last / 1000, unit="seconds", probe="server-status"),
        ),
        impact=Impact(risk="reads wait behind writes"),
        explanation=f"{number:,.0f} checkpoints took {mean:.1f} seconds each; one begins every {INTERVAL:.0f} seconds.",
        recommendation="Write less: unused indexes, whole documents rewritten for one field. Then a faster disk.",
        operations=(
            ChangeApplication(
                topic="checkpoints",
                subject="server",
                instruction="Reduce what is written, or move the data to a disk that writes faster.",
            ),
        ),
    )
