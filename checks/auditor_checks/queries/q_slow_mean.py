"""A frequent statement is slow on average.

## What
Statements of the application that are called often and take longer than the limit on average.

## Why it matters
Somebody waits for each of these calls, and connections are held meanwhile.

## When it is fine
Reports and batch jobs: rare statements are left out.

## How to fix it
Look at its plan with the usual parameters; give it an index or less to do.

## Sources
PostgreSQL manual, "pg_stat_statements": mean_exec_time; J. Nielsen, "Response Times: The 3 Important Limits".
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
    title="Frequent statement is slow",
    passed="Frequent statements are quick",
    pillar=Pillar.QUERIES,
    severity=Severity.MEDIUM,
    confidence=Confidence.LIKELY,
    unit=STATEMENTS,
    needs=("statements|profile",),
)


def judge(
    statement: Statement, facts: Facts, *, mean_ms: float = 500, high_ms: float = 5_000, min_calls: float = 20
) -> Iterator[Flaw]:
    """Compare the mean with the limit."""
    if statement.calls < min_calls or statement.mean_ms < mean_ms or not is_application(statement):
        return
    if not statement.top_level:
        return
    yield Flaw(
        title=f"A frequent statement takes {statement.mean_ms:,.0f} ms on average",
        severity=Severity.HIGH if statement.mean_ms >= high_ms else Severity.MEDIUM,
        related=tables_of(statement, facts),
        evidence=(
            *common_evidence(statement, facts),
            Evidence(name="slowest call", value=statement.maximum_ms, unit="milliseconds", probe=PROBE),
        ),
        impact=Impact(milliseconds=round(statement.total_ms, 1)),
        explanation=f"{statement.calls:,} calls took {statement.mean_ms:,.0f} ms on average.",
        recommendation="Look at its plan with the usual parameters; give it an index or less to do.",
        operations=(
            ChangeApplication(
                topic="slow-statement",
                subject=statement.id,
                instruction=f"Examine the plan of: {short(statement.text)}",
            ),
        ),
    )
