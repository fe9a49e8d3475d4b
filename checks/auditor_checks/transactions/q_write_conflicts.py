"""Writes of a statement get in each other's way.

## What
Statements whose calls had to try again because another write changed the same document first, about as often as they
were called.

## Why it matters
Each conflict throws away what was done and begins again; within a transaction it ends the whole transaction. A document
that everybody writes is a queue with one place.

## When it is fine
A load that is over, or a lock that is meant to be fought over by few.

## How to fix it
Spread a counter over several documents and add them up when reading, write to a document of one's own and merge later,
or keep transactions short so that they hold the document for less time.

## Sources
MongoDB manual, "Transactions", In-progress Transactions and Write Conflicts; writeConflicts in "Database Profiler
Output".
"""

from __future__ import annotations

from collections.abc import Iterator

from auditor.model.check import Check
from auditor.model.facts import Facts
from auditor.model.finding import Evidence, Flaw, Impact
from auditor.model.operation import ChangeApplication
from auditor.model.units import STATEMENTS
from auditor.model.vocabulary import Confidence, Pillar, Severity
from auditor.model.workload import Statement
from auditor_checks.queries._statements import PROBE, common_evidence, is_application, short, tables_of

CHECK = Check(
    title="Writes get in each other's way",
    passed="Writes hardly ever get in each other's way",
    pillar=Pillar.TRANSACTIONS,
    severity=Severity.MEDIUM,
    confidence=Confidence.LIKELY,
    unit=STATEMENTS,
    needs=("profile",),
    engines=("mongodb",),
)


def judge(
    statement: Statement, facts: Facts, *, min_conflicts: float = 50, part: float = 0.5, high_part: float = 5
) -> Iterator[Flaw]:
    """Compare the conflicts with the calls."""
    conflicts = statement.conflicts or 0
    if conflicts < min_conflicts or conflicts < part * statement.calls or not is_application(statement):
        return
    each = conflicts / max(1, statement.calls)
    yield Flaw(
        title=f"A statement had to try again {each:,.1f} times for each of its calls",
        severity=Severity.HIGH if each >= high_part and statement.calls >= min_conflicts else Severity.MEDIUM,
        related=tables_of(statement, facts),
        evidence=(
            *common_evidence(statement, facts),
            Evidence(name="write conflicts", value=conflicts, unit="conflicts", probe=PROBE),
            Evidence(name="slowest call", value=statement.maximum_ms, unit="milliseconds", probe=PROBE),
        ),
        impact=Impact(milliseconds=round(statement.total_ms, 1), risk="more clients make it slower, not faster"),
        explanation=f"{statement.calls:,} calls met {conflicts:,} conflicts with other writes of the same documents.",
        recommendation="Spread what everybody writes over several documents, and keep transactions short.",
        operations=(
            ChangeApplication(
                topic="write-conflicts",
                subject=statement.id,
                instruction=f"Spread the writes over several documents: {short(statement.text)}",
            ),
        ),
    )
