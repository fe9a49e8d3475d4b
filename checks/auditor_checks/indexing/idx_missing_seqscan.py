"""A large table is read from end to end again and again.

## What
Tables with many rows whose sequential scans since the usage counters began are many, each read a large part of the
table, and outnumber its index scans. A partitioned table counts as one.

## Why it matters
Each such scan reads the whole table for what is often a handful of rows; the cost grows with the table and pushes
other data out of memory. Such a table is the first place to look for a missing index.

## When it is fine
Reports, exports and batches need all rows; a few scans a day are then normal.

## How to fix it
Find the statements that filter the table by a column without an index (statement statistics name them) and index what
they search by.

## Sources
PostgreSQL manual, "The Cumulative Statistics System" (pg_stat_all_tables: seq_scan, seq_tup_read, idx_scan).
MongoDB manual, "$collStats" (queryExecStats.collectionScans).
"""

from __future__ import annotations

from collections.abc import Iterator

from auditor.model.catalog import Table
from auditor.model.check import Check
from auditor.model.facts import Facts
from auditor.model.finding import Evidence, Flaw, Impact
from auditor.model.operation import ChangeApplication
from auditor.model.statistics import TableUsage
from auditor.model.units import TABLES
from auditor.model.vocabulary import Confidence, Pillar, Severity
from auditor_checks._words import USAGE, fitting

CHECK = Check(
    title="Large table is read from end to end again and again",
    passed="No large table is read from end to end again and again",
    pillar=Pillar.INDEXING,
    severity=Severity.MEDIUM,
    confidence=Confidence.LIKELY,
    unit=TABLES,
    needs=("tables|collections", "table-usage|collection-usage"),
    engines=("postgresql", "mongodb"),
)


def judge(
    table: Table, facts: Facts, *,
    min_rows: float = 10_000, min_scans: float = 100, min_per_day: float = 10, whole: float = 0.5,
    index_ratio: float = 1.0, high_rows: float = 1_000_000,
) -> Iterator[Flaw]:  # fmt: skip
    """Report the table if it is scanned as a whole often, and more often than through its indexes."""
    usages = [leaf.usage for leaf in facts.leaves(table) if leaf.usage is not None]
    rows = facts.rows(table)
    # The scans of a partitioned table show in each of its partitions: the most scanned one counts.
    busiest = max(usages, key=lambda usage: usage.sequential_scans, default=TableUsage())
    scans, indexed = busiest.sequential_scans, busiest.index_scans
    if rows < min_rows or scans < min_scans or indexed > index_ratio * scans:
        return
    days = facts.stats_days
    if days is not None and days > 1 and scans / days < min_per_day:
        return
    read = sum(usage.sequential_rows for usage in usages)
    per_scan = read / scans if read else rows  # where only scans are counted
    if read and per_scan < max(min_rows, whole * rows):
        return
    kind = "collection" if table.kind == "collection" else "sequential"
    yield Flaw(
        title=fitting(f"{scans:,} {kind} scans of {table.name}, {per_scan:,.0f} {facts.capabilities.terms.row}s each"),
        severity=Severity.HIGH if rows >= high_rows and scans >= 10 * min_scans else Severity.MEDIUM,
        evidence=(
            Evidence(name=f"{kind} scans", value=scans, unit="scans", probe=USAGE),
            Evidence(name="rows read by one of them", value=round(per_scan), unit="rows", probe=USAGE),
            Evidence(name="index scans", value=indexed, unit="scans", probe=USAGE),
            Evidence(name="rows", value=round(rows), unit="rows", probe="tables|collection-sizes"),
        ),
        impact=Impact(rows=round(read), risk="the cost of each scan grows with the table"),
        explanation=(
            f"{table.path} was read from end to end {scans:,} times, {per_scan:,.0f} of {rows:,.0f} rows each time, "
            f"and {indexed:,} times through an index."
        ),
        recommendation=(
            "Find the statements that filter it by a column without an index and index what they search by; leave it "
            "as it is if they really need most of the rows."
        ),
        operations=(
            ChangeApplication(
                topic="find-full-scans", subject=table.path,
                instruction=(
                    f"Find which statements read {table.path} as a whole (statement statistics or a slow log) and "
                    "whether they need all of its rows; index what the others search by."
                ),
            ),
        ),
    )  # fmt: skip
