"""Planning takes longer than executing.

## What
Frequent statements whose planning time exceeds their execution time.

## Why it matters
The server spends its time deciding how to do what is then done in an instant: usually because of many partitions,
many joins, or statements that are never prepared.

## When it is fine
Few calls: these are left out.

## How to fix it
Prepare the statement, so that the plan is reused; name the partition key, so that fewer partitions are considered.

## Sources
PostgreSQL manual, "pg_stat_statements": track_planning (13 and newer, off by default); "PREPARE".
"""

from __future__ import annotations

from collections.abc import Iterator

from auditor.model.check import Check
from auditor.model.facts import Facts
from auditor.model.finding import Evidence, Flaw, Impact, Unknown, Verdict
from auditor.model.operation import ChangeApplication
from auditor.model.units import STATEMENTS
from auditor.model.vocabulary import Confidence, Pillar, Severity
from auditor.model.workload import Statement
from auditor_checks.queries._statements import common_evidence, is_application, short, tables_of

CHECK = Check(
    title="Planning takes longer than executing",
    passed="Planning takes less than executing",
    pillar=Pillar.QUERIES,
    severity=Severity.LOW,
    confidence=Confidence.LIKELY,
    unit=STATEMENTS,
    needs=("statements", "settings"),
    engines=("postgresql",),
)


def judge(statement: Statement, facts: Facts, *, min_calls: float = 1_000, min_plan_ms: float = 1) -> Iterator[Verdict]:
    """Compare planning with execution, where planning is measured."""
    if facts.setting("pg_stat_statements.track_planning") != "on":
        yield Unknown(reason="planning time is not measured (pg_stat_statements.track_planning is off)")
        return
    planning = statement.planning_ms
    if planning is None or statement.calls < min_calls or not is_application(statement):
        return
    if planning / statement.calls < min_plan_ms or planning <= statement.total_ms:
        return
    yield Flaw(
        title=f"Planning takes {planning / statement.calls:,.1f} ms, executing {statement.mean_ms:,.1f} ms",
        related=tables_of(statement, facts),
        evidence=(
            *common_evidence(statement, facts),
            Evidence(name="time spent planning", value=round(planning, 1), unit="milliseconds", probe="statements"),
        ),
        impact=Impact(milliseconds=round(planning, 1)),
        explanation=f"{planning:,.0f} ms were spent on planning and {statement.total_ms:,.0f} ms on executing it.",
        recommendation="Prepare it, or let it consider fewer partitions.",
        operations=(
            ChangeApplication(
                topic="planning-time",
                subject=statement.id,
                instruction=f"Prepare the statement: {short(statement.text)}",
            ),
        ),
    )
