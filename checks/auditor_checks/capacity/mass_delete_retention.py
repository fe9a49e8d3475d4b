"""Old rows are removed by deleting them in bulk.

## What
Plain tables from which statements with a condition on a column of time delete many rows at a time, as the statement
statistics tell.

## Why it matters
PostgreSQL: Each deleted row is written once more, logged, left in every index and cleaned by vacuum; the space stays
with the table. A long delete holds back vacuum everywhere while it runs and makes replicas lag.

MySQL, MariaDB: Each deleted row is kept in the undo log, marked in every index and removed by purge later; the space
stays with the table. A long delete locks what it reads, holds back purge while it runs and makes replicas lag.

## When it is fine
The deletes are in small batches, follow each other slowly, and the clean-up behind them keeps up.

## How to fix it
Partition the table by the time column, so that a period goes with its partition. Until then delete in batches of some
thousand rows.

PostgreSQL: Let a vacuum follow the batches.

## Sources
PostgreSQL manual, "Table Partitioning" (5.12): detaching a partition is far faster than a bulk DELETE and avoids the
VACUUM that it causes.
"""

from __future__ import annotations

from collections.abc import Iterator

from auditor.model.catalog import Table
from auditor.model.check import Check
from auditor.model.facts import Facts
from auditor.model.finding import Evidence, Flaw, Impact, Subject
from auditor.model.operation import PartitionTable
from auditor.model.statement_uses import StatementUse
from auditor.model.units import TABLES
from auditor.model.vocabulary import Confidence, Pillar, Severity
from auditor_checks._words import fitting
from auditor_checks.capacity._partitions import TIME_FAMILIES

CHECK = Check(
    title="Old rows are removed by deleting them in bulk",
    passed="Old rows are not removed by deleting them in bulk",
    pillar=Pillar.CAPACITY,
    severity=Severity.LOW,
    confidence=Confidence.LIKELY,
    unit=TABLES,
    needs=("tables", "columns", "statements"),
    engines=("postgresql", "mysql", "mariadb"),
)


def judge(
    table: Table, facts: Facts, *,
    min_rows: float = 100_000, min_deleted: float = 10_000, min_per_call: float = 1_000,
    medium_rows: float = 10_000_000,
) -> Iterator[Flaw]:  # fmt: skip
    """Report a plain table from which periods are deleted in bulk."""
    if table.kind != "table" or table.key in facts.inheritors:
        return
    times = {column.name: column for column in table.columns if column.family in TIME_FAMILIES}
    found = [
        (entry.statement, times[name])
        for entry in facts.statement_uses.get(table.key, ())
        if entry.parsed.kind == "delete"
        and _is_target(entry, table)
        and entry.statement.rows >= max(min_deleted, min_per_call * entry.statement.calls)
        for name in entry.use.below
        if name in times
    ]
    if not found or max(facts.rows(table), sum(s.rows for s, _ in found)) < min_rows:
        return
    statement, column = max(found, key=lambda pair: (pair[0].rows, pair[0].id, pair[1].name))
    deleted, calls = statement.rows, max(1, statement.calls)
    yield Flaw(
        title=fitting(f"Old rows of {table.name} are deleted in bulk, {deleted / calls:,.0f} at a time"),
        related=(
            Subject(kind="column", name=table.column_path(column.name)),
            Subject(kind="query", name=statement.id),
        ),
        severity=Severity.MEDIUM if deleted >= medium_rows else Severity.LOW,
        evidence=(
            Evidence(name="rows deleted by the statement", value=deleted, unit="rows", probe="statements"),
            Evidence(name="its calls", value=statement.calls, unit="calls", probe="statements"),
            Evidence(name="its total time", value=round(statement.total_ms), unit="ms", probe="statements"),
            Evidence(name="rows that are left", value=round(facts.rows(table)), unit="rows", probe="tables"),
        ),
        impact=Impact(
            rows=deleted, milliseconds=statement.total_ms, risk="log, dead rows, replica lag, space that stays"
        ),
        explanation=(
            f"A DELETE with a condition on {column.name} removed {deleted:,} rows of {table.path} in {calls:,} calls. "
            "Each of them was logged, and had to be cleaned from the table and every index."
        ),
        recommendation=(
            f"Partition the table by range of {column.name} and detach old periods; until then delete in small batches."
        ),
        operations=(
            PartitionTable(
                schema=table.schema, table=table.name, column=column.name, strategy="range", interval="month"
            ),
        ),
    )


def _is_target(entry: StatementUse, table: Table) -> bool:
    """Whether it is this table that the statement deletes from, and not another one that it reads."""
    target = entry.parsed.target
    return target is not None and target[0] == entry.use.schema and target[1].lower() == table.name.lower()
