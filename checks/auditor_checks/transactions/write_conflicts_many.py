"""Writes on the server get in each other's way.

## What
The write conflicts of the whole server against its updates, since it started. Both are counted always, whether or not a
profiler is on.

## Why it matters
Each conflict throws away what was done and begins again; within a transaction it ends the transaction. It grows with
the number of clients, and so does the load that it makes.

## When it is fine
A load that is over.

## How to fix it
Find the documents that everybody writes (the profiler and the log tell the conflicts of each operation); spread them,
and keep transactions short.

## Sources
MongoDB manual, serverStatus: metrics.operation.writeConflicts, opcounters.
"""

from __future__ import annotations

from collections.abc import Iterator

from auditor.model.check import Check
from auditor.model.facts import Facts
from auditor.model.finding import Evidence, Flaw, Impact, Unknown, Verdict
from auditor.model.operation import ChangeApplication
from auditor.model.units import SERVER
from auditor.model.vocabulary import Confidence, Pillar, Severity

CHECK = Check(
    title="Writes on the server get in each other's way",
    passed="Writes on the server hardly ever get in each other's way",
    pillar=Pillar.TRANSACTIONS,
    severity=Severity.MEDIUM,
    confidence=Confidence.LIKELY,
    unit=SERVER,
    needs=("server-status",),
    engines=("mongodb",),
)

_CONFLICTS = "metrics.operation.writeConflicts"
_WRITES = ("opcounters.update", "opcounters.delete", "opcounters.insert")


def judge(
    _server: Facts, facts: Facts, *,
    min_days: float = 1, min_conflicts: float = 10_000, share: float = 0.05, medium_share: float = 0.2,
) -> Iterator[Verdict]:  # fmt: skip
    """Compare the conflicts with the writes."""
    days = facts.counted_days((_CONFLICTS, *_WRITES), min_days)
    if isinstance(days, Unknown):
        yield days
        return
    conflicts = facts.counter(_CONFLICTS) or 0.0
    writes = sum(facts.counter(name) or 0.0 for name in _WRITES)
    if conflicts < min_conflicts or conflicts < share * writes:
        return
    yield Flaw(
        title=f"{conflicts:,.0f} write conflicts for {writes:,.0f} writes",
        severity=Severity.MEDIUM if conflicts >= medium_share * writes else Severity.LOW,
        evidence=(
            Evidence(name="write conflicts", value=int(conflicts), unit="conflicts", probe="server-status"),
            Evidence(name="inserts, updates and deletions", value=int(writes), unit="operations",
                     probe="server-status"),
            Evidence(name="days counted", value=round(days, 1), unit="days", probe="server-status"),
        ),
        impact=Impact(risk="more clients make it slower, not faster"),
        explanation=f"In {days:.1f} days {conflicts:,.0f} writes met another one of the same document.",
        recommendation="Find the documents that everybody writes, spread them, and keep transactions short.",
        operations=(
            ChangeApplication(
                topic="write-conflicts", subject=facts.target.name,
                instruction="Find the operations with writeConflicts in the log, and spread what they all write.",
            ),
        ),
    )  # fmt: skip
