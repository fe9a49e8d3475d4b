"""A default partition holds rows.

## What
Default partitions with rows. Of a range-partitioned table any row counts; of a list-partitioned table, where a
default for "all others" is a normal design, only a large share of all rows does. MySQL and MariaDB: what counts as one
is the last partition up to MAXVALUE behind two or more others.

## Why it matters
Creating or attaching a partition for a range that the default already has rows of fails, and otherwise scans the
whole default while the table is locked. Queries cannot leave the default out, and old periods in it cannot be
detached.

## When it is fine
The default is the place for rare values and stays small.

## How to fix it
Move the rows into partitions of their own, in batches, and create the next partitions before rows for them arrive.

## Sources
PostgreSQL manual, "CREATE TABLE", PARTITION OF … DEFAULT; "Table Partitioning" (5.12). MySQL manual, "Management of
RANGE and LIST Partitions": partitions are added at the end only, and an open last one has to be reorganized.
"""

from __future__ import annotations

from collections.abc import Iterator

from auditor.model.catalog import Table, dotted
from auditor.model.check import Check
from auditor.model.facts import Facts
from auditor.model.finding import Evidence, Flaw, Impact, Subject
from auditor.model.operation import DrainDefaultPartition
from auditor.model.units import PARTITIONED_TABLES
from auditor.model.vocabulary import Pillar, Severity
from auditor_checks._words import fitting, percent
from auditor_checks.capacity._partitions import default_of, nodes, rest_of

CHECK = Check(
    title="Default partition holds rows",
    passed="Default partitions are empty",
    pillar=Pillar.CAPACITY,
    severity=Severity.MEDIUM,
    unit=PARTITIONED_TABLES,
    needs=("tables", "partitions", "table-usage"),
    engines=("postgresql", "mysql", "mariadb"),
)


def judge(
    root: Table, facts: Facts, *, list_share: float = 0.3, list_rows: float = 10_000, high_rows: float = 1_000_000
) -> Iterator[Flaw]:
    """Report each default partition below the table that holds rows which should have partitions of their own."""
    yield from _parts(root, facts, high_rows)
    for table in nodes(root, facts):
        default = default_of(table, facts)
        if default is None:
            continue
        rows, all_rows = facts.rows(default), facts.rows(table)
        share = rows / all_rows if all_rows else 0.0
        if rows < 1 or (table.partition_strategy == "list" and (share < list_share or rows < list_rows)):
            continue
        ranged = table.partition_strategy == "range"
        yield Flaw(
            title=fitting(f"Default partition {default.name} holds {rows:,.0f} rows"),
            subject=Subject(kind="partition", name=default.path),
            related=(Subject(kind="table", name=table.path),),
            severity=Severity.HIGH if ranged and rows >= high_rows else Severity.MEDIUM if ranged else Severity.LOW,
            evidence=(
                Evidence(name="rows in the default partition", value=round(rows), unit="rows", probe="tables"),
                Evidence(name="share of all rows", value=round(share, 3), unit="share", probe="tables"),
            ),
            impact=Impact(rows=round(rows), risk="new partitions fail, or lock the table while the default is scanned"),
            explanation=(
                f"{default.path} holds {rows:,.0f} rows, {percent(share)} of {table.path}. A new partition for a range "
                "that has rows in it cannot be created, and any other one scans it first."
            ),
            recommendation=(
                "Move the rows into partitions of their own in batches, and create partitions before their rows arrive."
            ),
            operations=(
                DrainDefaultPartition(
                    schema=table.schema, table=table.name, partition_schema=default.schema, partition=default.name
                ),
            ),
        )


def _parts(table: Table, facts: Facts, high_rows: float, *, series: int = 2) -> Iterator[Flaw]:
    """The same of partitions that are no tables. One behind a single other is no series that somebody forgot."""
    rest = rest_of(table)
    rows, all_rows = sum(part.rows or 0.0 for part in rest), facts.rows(table)
    if rows < 1 or len({part.name for part in table.parts if not part.rest}) < series:
        return
    share, name = rows / all_rows if all_rows else 0.0, rest[0].name
    yield Flaw(
        title=fitting(f"The open partition {name} of {table.name} holds {rows:,.0f} rows"),
        subject=Subject(kind="partition", name=dotted(table.schema, table.name, name)),
        related=(Subject(kind="table", name=table.path),),
        severity=Severity.HIGH if rows >= high_rows else Severity.MEDIUM,
        evidence=(
            Evidence(name="rows in the open partition", value=round(rows), unit="rows", probe="partitions"),
            Evidence(name="share of all rows", value=round(share, 3), unit="share", probe="partitions"),
        ),
        impact=Impact(rows=round(rows), risk="to split it copies its rows while writes wait"),
        explanation=(
            f"{name} holds {rows:,.0f} rows, {percent(share)} of {table.path}. A partition for new rows can only be "
            "split from it, which copies all of its rows while writes wait, and queries cannot leave it out."
        ),
        recommendation="Split it while it is small, in a quiet hour, and create partitions before their rows arrive.",
        operations=(
            DrainDefaultPartition(schema=table.schema, table=table.name, partition_schema=table.schema, partition=name),
        ),
    )
