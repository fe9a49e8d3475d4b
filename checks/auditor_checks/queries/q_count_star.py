"""All rows of a large table are counted again and again.

## What
Counted statements SELECT count(*) FROM one table without a condition, with a sizeable share of the database's time.

## Why it matters
The server keeps no count of a table's rows: each time it looks at every row or every entry of an index, because which
rows a transaction sees is different for each. The time grows with the table.

## When it is fine
A nightly report. What is asked seldom costs little and is not reported.

## How to fix it
Show an estimate, count up to a limit ("more than 1000"), or keep a sum that a trigger or a job maintains.

PostgreSQL: reltuples of pg_class is such an estimate.

MySQL, MariaDB: TABLE_ROWS of information_schema.TABLES is such an estimate.

## Sources
PostgreSQL manual, "Aggregate Functions": count requires effort proportional to the size of the table.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from auditor.model.check import Check
from auditor.model.facts import Facts
from auditor.model.finding import Flaw, Impact
from auditor.model.operation import ChangeApplication
from auditor.model.units import STATEMENTS
from auditor.model.vocabulary import Confidence, Pillar, Severity
from auditor.model.workload import Statement
from auditor_checks._words import fitting
from auditor_checks.queries._statements import common_evidence, is_application, share, tables_of

CHECK = Check(
    title="All rows of a large table are counted again and again",
    passed="No table is counted as a whole again and again",
    pillar=Pillar.QUERIES,
    severity=Severity.LOW,
    confidence=Confidence.LIKELY,
    unit=STATEMENTS,
    needs=("statements",),
)
_COUNT = re.compile(
    r"\s*select\s+count\s*\(\s*(\*|\$?\d+|\?)\s*\)(\s+(as\s+)?[\w\"`]+)?\s+from\s+(?P<table>[\w.\"`]+)(\s+(as\s+)?[\w\"`]+)?\s*;?\s*",
    re.IGNORECASE,
)


def judge(
    statement: Statement, facts: Facts, *, mean_ms: float = 50, calls: float = 100, time_share: float = 0.02
) -> Iterator[Flaw]:
    """Match the text, and weigh its time."""
    match = _COUNT.fullmatch(statement.text)
    if match is None or not is_application(statement):
        return
    if statement.mean_ms < mean_ms or statement.calls < calls or share(statement, facts) < time_share:
        return
    table = match["table"]
    yield Flaw(
        title=fitting(f"All rows of {table} were counted {statement.calls:,} times"),
        related=tables_of(statement, facts),
        evidence=common_evidence(statement, facts),
        impact=Impact(milliseconds=statement.total_ms),
        explanation=f"Each of {statement.calls:,} counts of {table} takes {statement.mean_ms:,.0f} ms and grows.",
        recommendation="Show an estimate, count up to a limit, or keep a sum.",
        operations=(
            ChangeApplication(
                topic="exact-counts",
                subject=statement.id,
                instruction=f"Replace the count of all rows of {table} by an estimate, a limit or a kept sum.",
            ),
        ),
    )
