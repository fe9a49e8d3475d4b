"""A large index on a time could be a tiny one.

## What
Large B-tree indexes on one date or timestamp of a table whose rows lie in the order of that column and are neither
updated nor deleted, where a scan reads many rows at a time.

## Why it matters
A block range index notes the smallest and the largest value of each range of pages. Where the rows lie in order it
finds a period almost as well, and takes a thousandth of the space; the B-tree has to be written for each row and held
in memory.

## When it is fine
Statements want single rows, or the newest few in order (ORDER BY … LIMIT): a block range index gives neither.

## How to fix it
Build the block range index concurrently beside the other, compare the plans of the statements that use it, and drop the
B-tree when nothing needs it.

## Sources
PostgreSQL manual, "BRIN Indexes"; view pg_stats: correlation.
"""

from __future__ import annotations

from collections.abc import Iterator

from auditor.model.catalog import Index
from auditor.model.check import Check
from auditor.model.facts import Facts
from auditor.model.finding import Evidence, Flaw, Impact, Subject, Verdict
from auditor.model.operation import ChangeApplication
from auditor.model.units import INDEXES
from auditor.model.vocabulary import Confidence, Pillar, Severity
from auditor.text import size
from auditor_checks._hidden import hidden_statistics
from auditor_checks._words import fitting

CHECK = Check(
    title="Large index on a time could be a tiny one",
    passed="No large index on a time could be a block range index",
    pillar=Pillar.INDEXING,
    severity=Severity.INFO,
    confidence=Confidence.POSSIBLE,
    unit=INDEXES,
    needs=("tables", "columns", "indexes", "sizes", "table-usage", "index-usage", "column-statistics"),
    engines=("postgresql",),
)
TIMES = ("date", "timestamp", "timestamp-tz")


def judge(
    index: Index, facts: Facts, *, min_bytes: float = 1024**3, correlation: float = 0.99, rows_per_scan: float = 1000
) -> Iterator[Verdict]:
    """Look at the order of the rows, at their changes, and at what a scan reads."""
    table, space = facts.table(index.table_key), index.bytes or 0
    column = table.column(index.columns[0]) if table is not None and len(index.columns) == 1 else None
    if table is None or table.kind != "table" or column is None or column.family not in TIMES or space < min_bytes:
        return
    plain = index.method == "btree" and len(index.parts) == 1 and not index.include and index.predicate is None
    if not plain or index.unique or index.clustered or not index.usable:
        return
    statistics, usage = column.statistics, table.usage
    if statistics is None and not table.statistics_visible:
        yield hidden_statistics(table, facts)
        return
    if statistics is None or usage is None or (statistics.correlation or 0.0) < correlation:
        return
    scans, read = index.scans or 0, index.rows_read or 0
    changed = usage.updated - usage.updated_hot + usage.deleted
    if not scans or read / scans < rows_per_scan or changed > 0.01 * max(facts.rows(table), 1.0):
        return
    yield Flaw(
        title=fitting(f"{index.path} ({size(space)}) could be a block range index"),
        related=(Subject(kind="table", name=table.path), Subject(kind="column", name=table.column_path(column.name))),
        evidence=(
            Evidence(name="size", value=space, unit="bytes", probe="sizes"),
            Evidence(
                name="order of the rows", value=statistics.correlation, unit="correlation", probe="column-statistics"
            ),
            Evidence(name="rows read by a scan", value=round(read / scans), unit="rows", probe="index-usage"),
            Evidence(name="rows changed", value=changed, unit="rows", probe="table-usage"),
        ),
        impact=Impact(bytes=space),
        explanation=(
            f"The rows of {table.path} lie in the order of {column.name} and stay as they are, and a scan of the index "
            f"reads {read / scans:,.0f} of them."
        ),
        recommendation="Build a block range index beside it, compare the plans, and drop the one that nothing needs.",
        operations=(
            ChangeApplication(
                topic="block-range-index",
                subject=index.path,
                instruction=f"Try a BRIN index on {table.path} ({column.name}) in place of {index.name}.",
            ),
        ),
    )
