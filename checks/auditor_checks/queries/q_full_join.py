"""A statement joins a table without an index on what it is joined by.

## What
Statements in which joins read a whole table for the rows before (full joins) in most of their calls, and many rows in
each.

## Why it matters
The work is the product of the two tables: what takes milliseconds with the rows of today takes minutes with those of
next year.

## When it is fine
The table that is read has a handful of rows: then few are examined, and nothing is reported. Newer versions of MySQL
hash such joins, which is quicker, and still reads all.

## How to fix it
Index the column that the table is joined by.

## Sources
MySQL manual, "Statement Summary Tables": SUM_SELECT_FULL_JOIN; Select_full_join.
"""

from __future__ import annotations

from collections.abc import Iterator

from auditor.model.catalog import Table
from auditor.model.check import Check
from auditor.model.facts import Facts
from auditor.model.finding import Evidence, Flaw, Impact, Verdict
from auditor.model.operation import ChangeApplication
from auditor.model.units import STATEMENTS
from auditor.model.vocabulary import Pillar, Severity
from auditor.model.workload import Statement
from auditor_checks._settings import PRODUCTS
from auditor_checks.queries._statements import common_evidence, is_application, share, short, tables_of

CHECK = Check(
    title="A join reads a whole table again and again",
    passed="Joins find their rows by an index",
    pillar=Pillar.QUERIES,
    severity=Severity.MEDIUM,
    unit=STATEMENTS,
    needs=("statements", "tables"),
    engines=PRODUCTS,
)


def judge(
    statement: Statement, facts: Facts, *, min_rows: float = 1_000, min_calls: float = 3, medium_share: float = 0.1
) -> Iterator[Verdict]:
    """Report a statement most of whose calls make such joins."""
    joins = statement.full_joins
    if joins is None or joins < max(min_calls, statement.calls / 2) or not is_application(statement):
        return
    each = (statement.rows_examined or 0) / max(1, statement.calls)
    # What a join buffer reads is not counted as examined everywhere: a large table tells as much.
    largest = max((facts.rows(table) for table in _joined(statement, facts)), default=0.0)
    if max(each, largest) < min_rows:
        return
    yield Flaw(
        severity=Severity.MEDIUM if share(statement, facts) >= medium_share else Severity.LOW,
        related=tables_of(statement, facts),
        evidence=(
            *common_evidence(statement, facts),
            Evidence(name="joins that read a whole table", value=joins, unit="joins", probe="statements"),
            Evidence(name="rows examined by a call", value=round(each), unit="rows", probe="statements"),
            Evidence(name="rows of the largest table", value=round(largest), unit="rows", probe="tables"),
        ),
        impact=Impact(milliseconds=round(statement.total_ms, 1), risk="the time grows with the product of the tables"),
        explanation=f"{joins:,} joins in {statement.calls:,} calls read a whole table for want of an index.",
        recommendation="Index the column that the table is joined by.",
        operations=(
            ChangeApplication(
                topic="full-join",
                subject=statement.id,
                instruction=f"Index what the tables are joined by in: {short(statement.text)}",
            ),
        ),
    )


def _joined(statement: Statement, facts: Facts) -> list[Table]:
    """The tables that a statement reads, as far as its text tells."""
    found = [
        facts.table(key)
        for key, uses in facts.statement_uses.items()
        if any(use.statement is statement for use in uses)
    ]
    return [table for table in found if table is not None]
