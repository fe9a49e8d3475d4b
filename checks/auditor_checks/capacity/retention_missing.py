"""A log grows without end and nothing is ever removed.

## What
Large tables that are practically only inserted into, whose rows lie in the order of a column of time, and from which
nothing was deleted while the counters counted for at least a month. A table that is partitioned by time counts when
its oldest partition with rows ended long ago. Huge plain tables are reported as candidates for partitioning instead.

## Why it matters
Storage, backups, restores and upgrades grow with it for ever, and one day somebody has to delete years at once.

## When it is fine
A ledger, or a record that the law wants kept: then say so, and plan for its size.

## How to fix it
Decide how long rows are needed, partition by time if the table is not, and let a job detach and archive what is
older.

## Sources
PostgreSQL manual, "Table Partitioning" (5.12): bulk deletes by detaching partitions.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from auditor.model.catalog import Table
from auditor.model.check import Check
from auditor.model.facts import Facts
from auditor.model.finding import Evidence, Flaw, Impact, Subject, Verdict
from auditor.model.operation import ArchiveRows
from auditor.model.units import TABLES
from auditor.model.vocabulary import Confidence, Pillar, Severity
from auditor.text import size
from auditor_checks._hidden import hidden_statistics
from auditor_checks._words import fitting
from auditor_checks.capacity._partitions import growing_column, spans, time_column

CHECK = Check(
    title="Log grows without end and nothing is removed",
    passed="Logs do not grow without end",
    pillar=Pillar.CAPACITY,
    severity=Severity.INFO,
    confidence=Confidence.POSSIBLE,
    unit=TABLES,
    needs=("tables", "columns", "sizes", "table-usage", "column-statistics", "partitions"),
    engines=("postgresql",),
)


def judge(
    table: Table, facts: Facts, *,
    min_bytes: float = 2**30, plain_bytes: float = 10 * 2**30, min_days: float = 30, min_inserts: float = 100_000,
    min_correlation: float = 0.9, old_days: float = 3 * 365,
) -> Iterator[Verdict]:  # fmt: skip
    """Report a table that only grows, by its counters over a month."""
    usages = [leaf.usage for leaf in facts.leaves(table) if leaf.usage is not None]
    inserted, deleted = sum(u.inserted for u in usages), sum(u.deleted for u in usages)
    updated = sum(u.updated for u in usages)
    partitioned = table.kind == "partitioned"
    if not min_bytes <= (table.bytes or 0) or (not partitioned and (table.bytes or 0) >= plain_bytes):
        return
    if (facts.stats_days or 0.0) < min_days or inserted < min_inserts or deleted or updated > 0.01 * inserted:
        return
    if not partitioned and not table.statistics_visible:
        yield hidden_statistics(table, facts)
        return
    column = time_column(table) if partitioned else growing_column(table, facts, min_correlation)
    if column is None or (partitioned and not _reaches_back(table, facts, old_days)):
        return
    own, days = table.bytes or 0, facts.stats_days or 0.0
    yield Flaw(
        title=fitting(f"{table.name} grows without end"),
        related=(Subject(kind="column", name=table.column_path(column.name)),),
        evidence=(
            Evidence(name="size", value=own, unit="bytes", probe="sizes"),
            Evidence(name="rows inserted", value=inserted, unit="rows", probe="table-usage"),
            Evidence(name="rows deleted", value=deleted, unit="rows", probe="table-usage"),
            Evidence(name="days counted", value=round(days, 1), unit="days", probe="table-usage"),
        ),
        impact=Impact(bytes=own, risk="storage, backups and upgrades grow with it for ever"),
        explanation=(
            f"In {days:.0f} days {inserted:,} rows were inserted into {table.path} ({size(own)}), none deleted. Its "
            f"rows lie in the order of {column.name}."
        ),
        recommendation="Decide how long its rows are needed; partition by time and detach what is older.",
        operations=(
            ArchiveRows(schema=table.schema, table=table.name, column=column.name, keep_days=int(old_days)),
        ),
    )  # fmt: skip


def _reaches_back(table: Table, facts: Facts, old_days: float) -> bool:
    filled = [span for span in spans(table, facts) if facts.rows(span.table) > 0]
    return bool(filled) and filled[0].upper is not None and facts.now - filled[0].upper > timedelta(days=old_days)
