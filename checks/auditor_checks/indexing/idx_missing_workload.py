"""Statements search a large table by a column that no index leads with.

## What
Conditions of counted statements on large tables: columns that are compared with a value, of which no valid index has
any as its first column, where the conditions are selective and the statement reads about the whole table on each call.
Statements that read several tables are counted for the largest of them.

PostgreSQL: Blocks tell what a call reads, the statistics of columns how selective a condition is.

MySQL, MariaDB: The rows that a statement examines tell what a call reads. Of columns without an index there are no
statistics: a condition is selective where a statement on one table, without a limit and without sums, returns few rows.

MongoDB: The documents that an operation examines tell what a call reads, those that it returns how selective its filter
is. Operations that group or count are left out.

## Why it matters
Each call reads the whole table for a few rows. The cost grows with the table and with the calls.

## When it is fine
The statement is rare and nobody waits for it, or the table is written far more than it is searched.

## How to fix it
Build an index on the columns without blocking writes: those compared for equality first, the most selective in front,
then one that is bounded by a range.

MongoDB: Those that the result is ordered by stand between the two, so that nothing is sorted.

## Sources
PostgreSQL manual, "Indexes" (chapter 11) and the module pg_stat_statements (shared_blks_hit, shared_blks_read). MySQL
manual, "Statement Summary Tables" (SUM_ROWS_EXAMINED, SUM_NO_INDEX_USED). MongoDB manual, "The ESR (Equality, Sort,
Range) Guideline".
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from typing import NamedTuple

from auditor.model.catalog import Table
from auditor.model.check import Check
from auditor.model.facts import Facts
from auditor.model.finding import Evidence, Flaw, Impact, Subject
from auditor.model.operation import AddIndex
from auditor.model.units import TABLES, column_called, table_subject
from auditor.model.vocabulary import Confidence, Pillar, Severity
from auditor.model.workload import Statement
from auditor_checks._words import SIZES, fitting, percent
from auditor_checks.indexing._searches import LARGE, blocks, descending_of, examined, pages, reads_whole, wanted_columns
from auditor_checks.queries._statements import PROBE

CHECK = Check(
    title="Statements search a table by a column without an index",
    passed="Statements find an index for what they search by",
    pillar=Pillar.INDEXING,
    severity=Severity.MEDIUM,
    confidence=Confidence.LIKELY,
    unit=TABLES,
    needs=(
        "tables|collections",
        "columns|collections",
        "indexes",
        "sizes|collection-sizes",
        "column-statistics|statements|profile",
        "statements|profile",
    ),
)


class _Search(NamedTuple):
    """The columns that an index should have, and the statement that wants it."""

    columns: tuple[str, ...]
    statement: Statement


def judge(
    table: Table, facts: Facts, *,
    min_rows: float = LARGE, min_calls: float = 20, max_share: float = 0.05, whole: float = 0.5,
    high_share: float = 0.2,
) -> Iterator[Flaw]:  # fmt: skip
    """Report each leading column that an index is missing for, with the statements that would use it."""
    counts_blocks = table.kind != "collection"
    if facts.rows(table) < min_rows or (counts_blocks and not pages(table, facts)):
        return
    found: dict[str, dict[str, _Search]] = defaultdict(dict)
    for entry in facts.statement_uses.get(table.key, ()):
        statement = entry.statement
        if statement.calls < min_calls or not reads_whole(entry, table, whole, facts):
            continue
        columns = wanted_columns(table, entry, facts, max_share)
        if columns:
            found[columns[0]].setdefault(statement.id, _Search(columns, statement))
    for _, searches in sorted(found.items()):
        dearest_first = sorted(searches.values(), key=lambda search: (-search.statement.total_ms, search.statement.id))
        yield _flaw(table, facts, dearest_first, high_share)


def _flaw(table: Table, facts: Facts, searches: list[_Search], high_share: float) -> Flaw:
    dearest = searches[0]
    calls = sum(search.statement.calls for search in searches)
    total = sum(search.statement.total_ms for search in searches)
    share = total / facts.statement_ms if facts.statement_ms else 0.0
    named = ", ".join(dearest.columns)
    rows = facts.rows(table)
    return Flaw(
        title=fitting(f"{table.name} is searched by {named} without an index"),
        subject=column_called(table, dearest.columns[0]),
        related=(
            table_subject(table),
            *(column_called(table, column) for column in dearest.columns[1:]),
            *(Subject(kind="query", name=search.statement.id) for search in searches[:10]),
        ),
        severity=Severity.HIGH if share >= high_share else Severity.MEDIUM if rows >= 100_000 else Severity.LOW,
        evidence=(
            Evidence(name="statements", value=len(searches), unit="statements", probe=PROBE),
            Evidence(name="calls", value=calls, unit="calls", probe=PROBE),
            Evidence(name="mean time", value=round(total / calls, 2), unit="ms", probe=PROBE),
            Evidence(name="share of all statement time", value=round(share, 3), unit="share", probe=PROBE),
            *_read(dearest.statement, table, facts),
            Evidence(name="rows", value=round(rows), unit="rows", probe="tables|collection-sizes"),
        ),
        impact=Impact(milliseconds=total, rows=round(rows), risk="each call reads the whole table"),
        explanation=(
            f"{calls:,} calls searched {table.path} ({rows:,.0f} rows) by {named}, {total / calls:,.1f} ms each, "
            f"{percent(share)} of all statement time. Each read about {_amount(dearest.statement)}, which is the whole "
            "table, and no index leads with a column that they compare."
        ),
        recommendation=f"Build an index on {named} without blocking writes.",
        operations=(
            AddIndex(
                schema=table.schema,
                table=table.name,
                columns=dearest.columns,
                descending=descending_of(dearest.columns, dearest.statement, table),
            ),
        ),
    )  # fmt: skip


def _amount(statement: Statement) -> str:
    counted = examined(statement)
    return f"{blocks(statement):,.0f} blocks" if counted is None else f"{counted:,.0f} rows"


def _read(statement: Statement, table: Table, facts: Facts) -> Iterator[Evidence]:
    """What a call reads, beside the size of the table in the same unit if no other evidence gives it."""
    counted = examined(statement)
    if counted is not None:
        yield Evidence(name="rows examined by a call", value=round(counted), unit="rows", probe=PROBE)
        yield Evidence(name="calls without an index", value=statement.unindexed, unit="calls", probe=PROBE)
        return
    yield Evidence(name="blocks read by a call", value=round(blocks(statement)), unit="blocks", probe=PROBE)
    yield Evidence(name="blocks of the table", value=pages(table, facts), unit="blocks", probe=SIZES)
