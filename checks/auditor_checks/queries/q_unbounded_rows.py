"""A statement returns very many rows on each call.

## What
Frequent SELECT statements without a limit that return thousands of rows per call.

## Why it matters
The result grows with the data: memory on both sides, time on the network, and one day a crash. Nobody reads ten
thousand rows on a page.

## When it is fine
Exports and batch jobs that stream: rare statements are left out.

## How to fix it
Page by key (WHERE id > last ORDER BY id LIMIT n), aggregate in the database, or stream with a cursor.

## Sources
M. Winand, "SQL Performance Explained", Paging Through Results.
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
    title="Statement returns very many rows",
    passed="Statements return as many rows as anybody reads",
    pillar=Pillar.QUERIES,
    severity=Severity.MEDIUM,
    confidence=Confidence.LIKELY,
    unit=STATEMENTS,
    needs=("statements|profile",),
)


def judge(
    statement: Statement, facts: Facts, *, rows: float = 5_000, high_rows: float = 100_000, min_calls: float = 3
) -> Iterator[Flaw]:
    """Compare the rows of a call with the limit."""
    if statement.kind != "select" or statement.calls < min_calls or not is_application(statement):
        return
    each = statement.rows / statement.calls
    if each < rows:
        return
    tables = tables_of(statement, facts)
    yield Flaw(
        title=f"A statement returns {each:,.0f} rows on each call",
        severity=Severity.HIGH if each >= high_rows and statement.calls >= 100 else Severity.MEDIUM,
        related=tables,
        evidence=(
            *common_evidence(statement, facts),
            Evidence(name="rows of a call", value=round(each), unit="rows", probe=PROBE),
        ),
        impact=Impact(rows=round(each), milliseconds=round(statement.total_ms, 1), risk="it grows with the data"),
        explanation=f"{statement.calls:,} calls returned {each:,.0f} rows each, and return more as the data grows.",
        recommendation="Page by key, aggregate in the database, or stream with a cursor.",
        operations=(
            ChangeApplication(
                topic="unbounded-result",
                subject=statement.id,
                instruction=f"Page by key, aggregate, or stream: {short(statement.text)}",
            ),
        ),
    )
