"""The planner changes its mind about a statement again and again.

## What
Statements of which a noticeable part of the calls gave up the plan that was remembered for them and tried all over
again.

## Why it matters
Trying plans runs several of them side by side, so such calls are slow, and a plan that is good for one value and bad
for the next makes the time of the same statement vary by factors.

## When it is fine
Just after an index was built or dropped, or after much was loaded.

## How to fix it
Build the one index that is good for all values (equality, sort, range), and drop or hide those that compete with it.

## Sources
MongoDB manual, "Query Plans", Plan Cache; replanned in "Database Profiler Output".
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
    title="The plan of a statement is given up again and again",
    passed="Statements keep their plans",
    pillar=Pillar.QUERIES,
    severity=Severity.MEDIUM,
    confidence=Confidence.LIKELY,
    unit=STATEMENTS,
    needs=("profile",),
    engines=("mongodb",),
)


def judge(statement: Statement, facts: Facts, *, min_replans: float = 5, part: float = 0.05) -> Iterator[Flaw]:
    """Compare the calls that were planned anew with all calls."""
    replans = statement.replans or 0
    if replans < min_replans or replans < part * statement.calls or not is_application(statement):
        return
    yield Flaw(
        title=f"The plan of a statement was given up in {replans:,} of {statement.calls:,} calls",
        related=tables_of(statement, facts),
        evidence=(
            *common_evidence(statement, facts),
            Evidence(name="calls that were planned anew", value=replans, unit="calls", probe=PROBE),
            Evidence(name="slowest call", value=statement.maximum_ms, unit="milliseconds", probe=PROBE),
            Evidence(name="most frequent plan", value=statement.plan, probe=PROBE),
        ),
        impact=Impact(milliseconds=round(statement.total_ms, 1), risk="the same statement is quick and slow by turns"),
        explanation=f"{replans:,} of {statement.calls:,} calls gave up the plan that was remembered for them.",
        recommendation="Build one index that is good for all values, and hide those that compete with it.",
        operations=(
            ChangeApplication(
                topic="unsteady-plan",
                subject=statement.id,
                instruction=f"Find the index that is good for all values, and hide the others: {short(statement.text)}",
            ),
        ),
    )
