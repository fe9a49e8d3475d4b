"""A statement reads many rows for each one that it returns or changes.

## What
Statements that examined a thousand and more rows for each row that they gave or changed, many in each call, and that
take a noticeable part of the time.

## Why it matters
The rows are read, locked where they are to be changed, and thrown away. The cost grows with the table instead of the
result.

## When it is fine
Sums and counts read all to return one row: statements that group are left out as far as their text tells.

## How to fix it
Index what it searches by, in the order of its conditions; for updates and deletes first, as they lock what they read.

## Sources
MySQL manual, "Statement Summary Tables": SUM_ROWS_EXAMINED, SUM_ROWS_SENT, SUM_ROWS_AFFECTED.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from auditor.model.check import Check
from auditor.model.facts import Facts
from auditor.model.finding import Evidence, Flaw, Impact, Verdict
from auditor.model.operation import ChangeApplication
from auditor.model.units import STATEMENTS
from auditor.model.vocabulary import Confidence, Pillar, Severity
from auditor.model.workload import Statement
from auditor_checks._settings import PRODUCTS
from auditor_checks.queries._statements import common_evidence, is_application, share, short, tables_of

CHECK = Check(
    title="A statement reads far more rows than it returns",
    passed="Statements read about what they return",
    pillar=Pillar.QUERIES,
    severity=Severity.MEDIUM,
    confidence=Confidence.LIKELY,
    unit=STATEMENTS,
    needs=("statements",),
    engines=PRODUCTS,
)
SUMS = re.compile(r"(?i)\b(?:group\s+by|distinct|(?:count|sum|avg|min|max)\s*\()")


def judge(
    statement: Statement,
    facts: Facts,
    *,
    ratio: float = 1_000,
    min_rows: float = 1_000,
    min_calls: float = 5,
    min_share: float = 0.01,
    medium_share: float = 0.1,
) -> Iterator[Verdict]:
    """Divide the rows that were examined by those that came out."""
    examined, part = statement.rows_examined, share(statement, facts)
    if examined is None or statement.calls < min_calls or not is_application(statement) or part < min_share:
        return
    each = examined / statement.calls
    if each < min_rows or examined < ratio * max(statement.rows, 1) or SUMS.search(statement.text):
        return
    yield Flaw(
        title=f"A statement reads {each:,.0f} rows for {statement.rows / statement.calls:,.3g}",
        severity=Severity.MEDIUM if part >= medium_share else Severity.LOW,
        related=tables_of(statement, facts),
        evidence=(
            *common_evidence(statement, facts),
            Evidence(name="rows examined", value=examined, unit="rows", probe="statements"),
            Evidence(name="rows returned or changed", value=statement.rows, unit="rows", probe="statements"),
            Evidence(name="calls without an index", value=statement.unindexed, unit="calls", probe="statements"),
        ),
        impact=Impact(rows=examined, milliseconds=round(statement.total_ms, 1)),
        explanation=f"{statement.calls:,} calls read {examined:,} rows and kept {statement.rows:,} of them.",
        recommendation="Index what it searches by.",
        operations=(
            ChangeApplication(
                topic="rows-examined",
                subject=statement.id,
                instruction=f"Index what this searches by, or let it search by something: {short(statement.text)}",
            ),
        ),
    )
