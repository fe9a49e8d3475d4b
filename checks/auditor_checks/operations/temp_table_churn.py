"""Temporary tables are made and dropped all the time.

## What
Counted statements that create temporary tables, more than a thousand times a day on average over at least a day.

## Why it matters
Each temporary table is a set of rows in pg_class, pg_attribute, pg_type and pg_depend that are written and deleted
again: the catalogs grow, every session's look-ups become slower, and the log and each replica carry it all. Autovacuum
does not look at the temporary tables themselves, so that the planner guesses.

## When it is fine
A batch that runs a few times a day. Such rates are not reported.

## How to fix it
Use a common table expression or an array; or create the temporary table once for each connection, with ON COMMIT DELETE
ROWS, and use it again.

## Sources
PostgreSQL manual, "CREATE TABLE": TEMPORARY, ON COMMIT; "Routine Vacuuming".
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from auditor.model.check import Check
from auditor.model.facts import Facts
from auditor.model.finding import Evidence, Flaw, Unknown, Verdict
from auditor.model.operation import ChangeApplication
from auditor.model.units import STATEMENTS
from auditor.model.vocabulary import Pillar, Severity
from auditor.model.workload import Statement
from auditor_checks.operations._rates import days_counted
from auditor_checks.queries._statements import short

CHECK = Check(
    title="Temporary tables are made and dropped all the time",
    passed="Temporary tables are made seldom",
    pillar=Pillar.OPERATIONS,
    severity=Severity.LOW,
    unit=STATEMENTS,
    needs=("statements", "statements-info"),
    engines=("postgresql",),
)
_CREATE = re.compile(r"\s*create\s+((global|local)\s+)?temp(orary)?\s+table\b", re.IGNORECASE)


def judge(
    statement: Statement, facts: Facts, *, daily: float = 1000, medium_daily: float = 100_000, min_days: float = 1
) -> Iterator[Verdict]:
    """Divide the calls by the time in which they were counted."""
    if _CREATE.match(statement.text) is None or statement.calls < daily:
        return
    days = days_counted(statement, facts, min_days)
    if isinstance(days, Unknown):
        yield days
        return
    rate = statement.calls / days
    if rate < daily:
        return
    yield Flaw(
        title=f"A temporary table is made {rate:,.0f} times a day",
        severity=Severity.MEDIUM if rate >= medium_daily else Severity.LOW,
        evidence=(
            Evidence(name="statement", value=short(statement.text), probe="statements"),
            Evidence(name="calls", value=statement.calls, unit="calls", probe="statements"),
            Evidence(name="days counted", value=round(days, 1), unit="days", probe="statements"),
            Evidence(name="calls a day", value=round(rate), unit="calls", probe="statements"),
        ),
        explanation=f"{rate:,.0f} times a day the catalogs take up a table's rows and lose them again.",
        recommendation="Use a common table expression or an array, or make the table once for each connection.",
        operations=(
            ChangeApplication(
                topic="temporary-tables",
                subject=statement.id,
                instruction="Replace the temporary table, or make it once for each connection (ON COMMIT DELETE ROWS).",
            ),
        ),
    )
