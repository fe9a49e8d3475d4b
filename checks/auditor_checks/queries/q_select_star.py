"""A statement reads every column of a wide table.

## What
Frequent statements that select all columns (`*`) of a table that has many, or that keeps long values outside its rows
(text, JSON or binary values of kilobytes), and take a noticeable share of the time.

## Why it matters
Long values lie on pages of their own: each row costs further reads, and its bytes fill the cache and the network, for
columns that most pages never show. An index that holds the few columns wanted cannot answer, and a column that is added
one day makes every such statement slower.

## When it is fine
The program needs the whole row: editing one record. Statements that return one row on each call are therefore left
out.

## How to fix it
Name the columns; let the mapper load long ones when they are asked for.

## Sources
MySQL manual, "InnoDB Row Formats" (off-page columns); M. Winand, "SQL Performance Explained", Index-Only Scan.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from auditor.model.catalog import Column, Table
from auditor.model.check import Check
from auditor.model.facts import Facts
from auditor.model.finding import Evidence, Flaw, Impact, Subject
from auditor.model.operation import ChangeApplication
from auditor.model.units import STATEMENTS
from auditor.model.vocabulary import Confidence, Pillar, Severity
from auditor.model.workload import Statement
from auditor_checks._words import fitting
from auditor_checks.queries._statements import common_evidence, is_application, share, short, tables_read

CHECK = Check(
    title="Statement reads every column of a wide table",
    passed="Statements over wide tables name their columns",
    pillar=Pillar.QUERIES,
    severity=Severity.LOW,
    confidence=Confidence.LIKELY,
    unit=STATEMENTS,
    needs=("statements", "tables", "columns"),
)
_STAR = re.compile(r"(?is)\s*select\s+(?:(?:distinct|sql_\w+)\s+)*(?:[\w`\"$]+\.)*\*")
_LONG = frozenset({"json", "jsonb", "xml"})
_LONG_TYPES = frozenset({"text", "mediumtext", "longtext", "blob", "mediumblob", "longblob", "bytea"})


def judge(
    statement: Statement, facts: Facts, *,
    min_calls: float = 100, many_columns: float = 30, row_bytes: float = 2_000, rows: float = 5,
    min_share: float = 0.02,
) -> Iterator[Flaw]:  # fmt: skip
    """Look for the star, and weigh the one table whose columns it means."""
    if statement.kind != "select" or statement.calls < min_calls or not is_application(statement):
        return
    if _STAR.match(statement.text) is None or statement.rows < rows * statement.calls:
        return
    if share(statement, facts) < min_share:
        return
    found = [table for table in tables_read(statement, facts) if _is_wide(table, facts, many_columns, row_bytes)]
    if not found:
        return
    table = max(found, key=lambda one: (len(one.columns), one.key))
    long = [column.name for column in table.columns if _is_long(column)]
    yield Flaw(
        title=fitting(f"A statement reads all {len(table.columns)} columns of {table.path}"),
        related=(Subject(kind="table", name=table.path),),
        evidence=(
            *common_evidence(statement, facts),
            Evidence(name="columns", value=len(table.columns), unit="columns", probe="columns"),
            Evidence(name="columns of long values", value=", ".join(long[:6]) or None, probe="columns"),
            Evidence(name="bytes of a row on average", value=_row_bytes(table, facts), unit="bytes", probe="tables"),
            Evidence(name="rows of a call", value=round(statement.rows / statement.calls, 1), unit="rows",
                     probe="statements"),
        ),
        impact=Impact(milliseconds=round(statement.total_ms, 1)),
        explanation=f"{statement.calls:,} calls read every column of {table.path}"
        + (f", with the long values of {', '.join(long[:3])}" if long else "")
        + f", {statement.rows / statement.calls:,.0f} rows each.",
        recommendation="Name the columns that are shown; load long values when they are asked for.",
        operations=(
            ChangeApplication(
                topic="select-star", subject=statement.id,
                instruction=f"Name the columns that are needed: {short(statement.text)}",
            ),
        ),
    )  # fmt: skip


def _is_wide(table: Table, facts: Facts, many: float, row_bytes: float) -> bool:
    long = any(map(_is_long, table.columns))
    return len(table.columns) >= many or (long and (_row_bytes(table, facts) or 0) >= row_bytes)


def _is_long(column: Column) -> bool:
    return column.family in _LONG or column.type.lower() in _LONG_TYPES


def _row_bytes(table: Table, facts: Facts) -> int | None:
    """The bytes of a row with its long values, on average; None where that is not known."""
    rows = facts.rows(table)
    size = sum((leaf.heap_bytes or 0) + (leaf.toast_bytes or 0) for leaf in facts.leaves(table))
    return round(size / rows) if rows >= 20 and size else None
