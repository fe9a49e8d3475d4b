"""A huge table that grows in time order is not partitioned.

## What
Plain tables above a size (gibibytes, not megabytes) whose rows lie in the order of a column of time by the
statistics, and which either practically only grow or are thinned out by deleting. Size alone is no reason, nor is a
table that is read and written by key all over.

## Why it matters
Vacuum, index builds, backups and restores work on the whole table; old rows can be removed only by deleting, which
leaves as much garbage as it removes. By partitions each piece is small, and a period goes by detaching it, in no
time.

## When it is fine
Rows are kept for ever and read by key only: then partitions buy maintenance in pieces but cost every query that lacks
the time.

## How to fix it
Partition by range of the time column. The present table becomes the first partition without copying, behind a
validated check of its range; new periods get partitions of their own.

## Sources
PostgreSQL manual, "Table Partitioning" (5.12): benefits, and when the table size should exceed the memory of the
server.
"""

from __future__ import annotations

from collections.abc import Iterator

from auditor.model.catalog import Column, Table
from auditor.model.check import Check
from auditor.model.facts import Facts
from auditor.model.finding import Evidence, Flaw, Impact, Subject, Verdict
from auditor.model.operation import PartitionTable
from auditor.model.units import TABLES
from auditor.model.vocabulary import Confidence, Pillar, Severity
from auditor.text import size
from auditor_checks._hidden import hidden_statistics, unreadable
from auditor_checks._words import fitting
from auditor_checks.capacity._partitions import growing_column

CHECK = Check(
    title="Huge table that grows in time order is not partitioned",
    passed="Huge tables that grow in time order are partitioned",
    pillar=Pillar.CAPACITY,
    severity=Severity.MEDIUM,
    confidence=Confidence.LIKELY,
    unit=TABLES,
    needs=("tables", "columns", "sizes", "table-usage", "column-statistics"),
    engines=("postgresql",),
)


def judge(
    table: Table, facts: Facts, *,
    min_bytes: float = 10 * 2**30, high_bytes: float = 200 * 2**30, min_correlation: float = 0.9,
    update_share: float = 0.1, delete_share: float = 0.05,
) -> Iterator[Verdict]:  # fmt: skip
    """Report a plain table that is huge, ordered in time, and grows or is thinned out."""
    usage = table.usage
    if table.kind == "table" and table.bytes is None:
        yield unreadable(table.key, table)
        return
    if table.kind != "table" or (table.bytes or 0) < min_bytes or usage is None or table.key in facts.inheritors:
        return
    if not table.statistics_visible and not any(column.statistics for column in table.columns):
        yield hidden_statistics(table, facts)
        return
    column = growing_column(table, facts, min_correlation)
    rows = facts.rows(table)
    thinned = usage.deleted >= delete_share * rows
    grows = usage.updated <= update_share * max(usage.inserted, 1) and usage.inserted > usage.deleted
    if column is None or not (grows or thinned):
        return
    own = table.bytes or 0
    yield Flaw(
        title=fitting(f"{table.name} has {size(own)}, grows in time order and is not partitioned"),
        related=(Subject(kind="column", name=table.column_path(column.name)),),
        severity=Severity.HIGH if own >= high_bytes else Severity.MEDIUM,
        evidence=_evidence(table, column, rows),
        impact=Impact(bytes=own, risk="maintenance of the whole at once; old rows go only by deleting"),
        explanation=(
            f"{table.path} has {rows:,.0f} rows in {size(own)}, in the order of {column.name}. Since the counters "
            f"began {usage.inserted:,} rows were inserted, {usage.updated:,} updated and {usage.deleted:,} deleted."
            + (" Old rows are removed by deleting them." if thinned else "")
        ),
        recommendation=(
            f"Partition it by range of {column.name}; let the present table become the first partition, and remove old "
            "periods by detaching them."
        ),
        operations=(
            PartitionTable(
                schema=table.schema, table=table.name, column=column.name, strategy="range", interval="month"
            ),
        ),
    )


def _evidence(table: Table, column: Column, rows: float) -> tuple[Evidence, ...]:
    usage, statistics = table.usage, column.statistics
    return (
        Evidence(name="size", value=table.bytes, unit="bytes", probe="sizes"),
        Evidence(name="rows", value=round(rows), unit="rows", probe="tables"),
        Evidence(
            name=f"correlation of {column.name}", probe="column-statistics",
            value=statistics.correlation if statistics is not None else None,
        ),
        Evidence(name="rows inserted", value=usage.inserted if usage else None, unit="rows", probe="table-usage"),
        Evidence(name="rows updated", value=usage.updated if usage else None, unit="rows", probe="table-usage"),
        Evidence(name="rows deleted", value=usage.deleted if usage else None, unit="rows", probe="table-usage"),
    )  # fmt: skip
