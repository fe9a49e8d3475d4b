"""Statements search a large table by a column that no index leads with.

## What
Conditions of counted statements on large tables: columns that are compared with a value, of which no valid index has
any as its first column, where the columns are selective by the statistics and the statement reads about the whole
table on each call, as its block counters tell. Statements that read several tables are counted for the largest of
them. MySQL and MariaDB count the rows that a statement examines, and keep no statistics of columns without an index:
there a condition is selective where a statement on one table, without a limit and without sums, returns few rows.

## Why it matters
Each call reads the whole table for a few rows. The cost grows with the table and with the calls.

## When it is fine
The statement is rare and nobody waits for it, or the table is written far more than it is searched.

## How to fix it
Build an index on the columns without blocking writes: those compared for equality first, the most selective in front,
then one that is bounded by a range.

## Sources
PostgreSQL manual, "Indexes" (chapter 11) and the module pg_stat_statements (shared_blks_hit, shared_blks_read). MySQL
manual, "Statement Summary Tables" (SUM_ROWS_EXAMINED, SUM_NO_INDEX_USED).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from typing import NamedTuple

from auditor.model.catalog import Column, Table
from auditor.model.check import Check
from auditor.model.facts import Facts, StatementUse
from auditor.model.finding import Evidence, Flaw, Impact, Subject
from auditor.model.operation import AddIndex
from auditor.model.units import TABLES
from auditor.model.vocabulary import Confidence, Pillar, Severity
from auditor.model.workload import Statement
from auditor_checks._words import fitting, percent
from auditor_checks.queries._statements import summarizes

CHECK = Check(
    title="Statements search a table by a column without an index",
    passed="Statements find an index for what they search by",
    pillar=Pillar.INDEXING,
    severity=Severity.MEDIUM,
    confidence=Confidence.LIKELY,
    unit=TABLES,
    needs=("tables", "columns", "indexes", "sizes", "column-statistics|statements", "statements"),
)

_UNFIT = ("json", "jsonb", "array", "xml", "geometric", "search", "vector", "boolean")

_UNBOUNDED = ("text", "binary")
"""What an index of an engine that counts rows holds only up to a length, where the column has none of its own."""


class _Search(NamedTuple):
    """The columns that an index should have, and the statement that wants it."""

    columns: tuple[str, ...]
    statement: Statement


def judge(
    table: Table, facts: Facts, *,
    min_rows: float = 10_000, min_calls: float = 20, max_share: float = 0.05, whole: float = 0.5,
    high_share: float = 0.2,
) -> Iterator[Flaw]:  # fmt: skip
    """Report each leading column that an index is missing for, with the statements that would use it."""
    if facts.rows(table) < min_rows or not _pages(table, facts):
        return
    found: dict[str, dict[str, _Search]] = defaultdict(dict)
    for entry in facts.statement_uses.get(table.key, ()):
        statement = entry.statement
        if statement.calls < min_calls or not _reads_whole(entry, table, whole, facts):
            continue
        columns = _wanted(table, entry, facts, max_share)
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
        subject=Subject(kind="column", name=table.column_path(dearest.columns[0])),
        related=(
            Subject(kind="table", name=table.path),
            *(Subject(kind="column", name=table.column_path(column)) for column in dearest.columns[1:]),
            *(Subject(kind="query", name=search.statement.id) for search in searches[:10]),
        ),
        severity=Severity.HIGH if share >= high_share else Severity.MEDIUM if rows >= 100_000 else Severity.LOW,
        evidence=(
            Evidence(name="statements", value=len(searches), unit="statements", probe="statements"),
            Evidence(name="calls", value=calls, unit="calls", probe="statements"),
            Evidence(name="mean time", value=round(total / calls, 2), unit="ms", probe="statements"),
            Evidence(name="share of all statement time", value=round(share, 3), unit="share", probe="statements"),
            *_read(dearest.statement, table, facts),
            Evidence(name="rows", value=round(rows), unit="rows", probe="tables"),
        ),
        impact=Impact(milliseconds=total, rows=round(rows), risk="each call reads the whole table"),
        explanation=(
            f"{calls:,} calls searched {table.path} ({rows:,.0f} rows) by {named}, {total / calls:,.1f} ms each, "
            f"{percent(share)} of all statement time. Each read about {_amount(dearest.statement)}, which is the whole "
            "table, and no index leads with a column that they compare."
        ),
        recommendation=f"Build an index on {named} without blocking writes.",
        operations=(AddIndex(schema=table.schema, table=table.name, columns=dearest.columns),),
    )  # fmt: skip


def _pages(table: Table, facts: Facts) -> int:
    heap = sum(leaf.heap_bytes or 0 for leaf in facts.leaves(table))
    return heap // facts.capabilities.page_bytes


def _blocks(statement: Statement) -> float:
    return (statement.blocks_hit + statement.blocks_read) / max(1, statement.calls)


def _examined(statement: Statement) -> float | None:
    """The rows that a call examines, where the engine counts rows and not blocks."""
    return None if statement.rows_examined is None else statement.rows_examined / max(1, statement.calls)


def _amount(statement: Statement) -> str:
    examined = _examined(statement)
    return f"{_blocks(statement):,.0f} blocks" if examined is None else f"{examined:,.0f} rows"


def _read(statement: Statement, table: Table, facts: Facts) -> Iterator[Evidence]:
    """What a call reads, beside the size of the table in the same unit if no other evidence gives it."""
    examined = _examined(statement)
    if examined is not None:
        yield Evidence(name="rows examined by a call", value=round(examined), unit="rows", probe="statements")
        yield Evidence(name="calls without an index", value=statement.unindexed, unit="calls", probe="statements")
        return
    yield Evidence(name="blocks read by a call", value=round(_blocks(statement)), unit="blocks", probe="statements")
    yield Evidence(name="blocks of the table", value=_pages(table, facts), unit="blocks", probe="sizes")


def _reads_whole(entry: StatementUse, table: Table, whole: float, facts: Facts) -> bool:
    """Whether a call reads about as much as the table has, and the table is the largest that it reads."""
    named = [facts.table((use.schema or entry.use.schema or table.schema, use.name)) for use in entry.parsed.uses]
    others = [other for other in named if other is not None]
    examined = _examined(entry.statement)
    if examined is not None:
        rows = facts.rows(table)
        return examined >= whole * rows and max(map(facts.rows, others), default=0.0) <= rows
    pages = _pages(table, facts)
    largest = max((_pages(other, facts) for other in others), default=0)
    return _blocks(entry.statement) >= whole * pages and largest <= pages


def _wanted(table: Table, entry: StatementUse, facts: Facts, max_share: float) -> tuple[str, ...]:
    """The columns of a fitting index; none if one is there, or if the conditions narrow little."""
    use, rows = entry.use, facts.rows(table)
    equal = [c for name in use.equal if (c := table.column(name)) is not None and c.family not in _UNFIT]
    ranged = [c for name in use.ranges if (c := table.column(name)) is not None and c.family not in _UNFIT]
    compared = {column.name for column in (*equal, *ranged)}
    if any(
        index.usable and index.columns[:1] and index.columns[0] in compared for index in facts.indexes_of(table.key)
    ):
        return ()
    returned = entry.statement.rows / max(1, entry.statement.calls)
    if _examined(entry.statement) is not None:
        if not _returns_what_it_finds(entry) or returned > max_share * rows:
            return ()
        fit = [column for column in (*equal[:3], *ranged[:1]) if column.length or column.family not in _UNBOUNDED]
        return tuple(column.name for column in fit)
    equal.sort(key=lambda column: (_share(column, rows), column.position))
    chosen: list[str] = []
    share = 1.0
    for column in equal[:3]:
        if share * rows <= 100:
            break
        chosen.append(column.name)
        share *= _share(column, rows)
    if not chosen:
        # One row per call may be a sum over many: then nothing tells how much the range narrows.
        if not ranged or returned <= 1 or returned > max_share * rows:
            return ()
        return (ranged[0].name,)
    if share > max_share:
        return ()
    return (*chosen, *(column.name for column in ranged[:1] if share * rows > 100 and column.name not in chosen))


def _returns_what_it_finds(entry: StatementUse) -> bool:
    """Whether the number of rows that a statement returns or changes tells how many meet its conditions."""
    return len(entry.parsed.uses) == 1 and not entry.use.limited and not summarizes(entry.statement)


def _share(column: Column, rows: float) -> float:
    """The share of the rows that one value of a column has on average; all of them where nothing is known."""
    statistics = column.statistics
    if statistics is None:
        return 1.0
    distinct = statistics.distinct or (statistics.distinct_ratio or 0.0) * rows
    return (1.0 - statistics.null_fraction) / distinct if distinct >= 1 else 1.0
