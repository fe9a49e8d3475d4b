"""The planner has no statistics of a table with rows.

## What
Tables with rows of whose columns not one has statistics, and partitioned tables whose partitions were analysed but
not they themselves: automatic analysis never visits a partitioned table. Where the statistics may not be read the
table is not judged.

## Why it matters
The planner guesses: a fixed share of the rows for every condition, no idea of common values. Joins on such tables are
the usual cause of plans that take hours.

## When it is fine
The table has just been loaded and automatic analysis will come within minutes; or it is a work table that is analysed
by whoever fills it.

## How to fix it
Analyse the table; after an upgrade to a version before 18 the whole database. Partitioned tables need a job that
analyses them.

## Sources
PostgreSQL manual, "Updating Planner Statistics" (24.1.3): autovacuum does not run ANALYZE on partitioned tables.
"""

from __future__ import annotations

from collections.abc import Iterator

from auditor.model.catalog import Table
from auditor.model.check import Check
from auditor.model.facts import Facts
from auditor.model.finding import Evidence, Flaw, Impact, Verdict
from auditor.model.operation import AnalyzeTable
from auditor.model.units import TABLES
from auditor.model.vocabulary import Pillar, Severity
from auditor_checks._hidden import hidden_statistics
from auditor_checks._words import fitting

CHECK = Check(
    title="Planner has no statistics of a table with rows",
    passed="The planner has statistics of every table with rows",
    pillar=Pillar.OPERATIONS,
    severity=Severity.MEDIUM,
    unit=TABLES,
    needs=("tables", "columns", "column-statistics"),
    engines=("postgresql",),
)


def judge(table: Table, facts: Facts, *, min_rows: float = 1_000, medium_rows: float = 100_000) -> Iterator[Verdict]:
    """Report the table if it has rows and no column of it has statistics."""
    rows = facts.rows(table)
    if rows < min_rows or any(column.statistics is not None for column in table.columns):
        return
    if all(column.statistics_target == 0 for column in table.columns):
        return  # somebody decided so, column by column
    if not table.statistics_visible:
        yield hidden_statistics(table, facts)
        return
    leaves = facts.leaves(table)
    analysed = sum(1 for leaf in leaves if any(column.statistics is not None for column in leaf.columns))
    partitioned = table.kind == "partitioned"
    yield Flaw(
        title=fitting(f"The planner has no statistics of {table.name}"),
        severity=Severity.MEDIUM if rows >= medium_rows else Severity.LOW,
        evidence=(
            Evidence(name="rows", value=round(rows), unit="rows", probe="table-usage"),
            Evidence(name="columns with statistics", value=0, unit="columns", probe="column-statistics"),
            *(
                [Evidence(name="partitions with statistics", value=analysed, unit="partitions",
                          probe="column-statistics")]
                if partitioned else []
            ),
        ),
        impact=Impact(rows=round(rows), risk="plans that rest on guesses"),
        explanation=(
            f"{table.path} is partitioned: {analysed} of {len(leaves)} partitions have statistics, but the whole, that "
            "the planner needs for joins and groupings over it, has none, and automatic analysis never makes them."
            if partitioned
            else f"{table.path} has about {rows:,.0f} rows and no column statistics: every condition on it is guessed."
        ),
        recommendation=(
            "Analyse the partitioned table, and let a job do so regularly." if partitioned else "Analyse the table."
        ),
        operations=(AnalyzeTable(schema=table.schema, table=table.name),),
    )  # fmt: skip
