"""A table has nearly used up its instant changes.

## What
The rows of a table lie in many shapes, which instant changes left behind: up to 64, and up to 255 from MySQL 9.1 on.

## Why it matters
At the limit the next change that should be instant fails, or copies the table while nobody expects it. Each shape makes
reading rows a little slower.

## When it is fine
The table is not changed any more.

## How to fix it
Rebuild the table at a quiet hour; writes go on meanwhile, and the count is zero again.

## Sources
MySQL manual, "Online DDL Operations": TOTAL_ROW_VERSIONS. MariaDB has no such limit.
"""

from __future__ import annotations

from collections.abc import Iterator

from auditor.model.catalog import Table
from auditor.model.check import Check
from auditor.model.facts import Facts
from auditor.model.finding import Evidence, Flaw, Impact, Verdict
from auditor.model.operation import RepackTable
from auditor.model.units import TABLES
from auditor.model.vocabulary import Pillar, Severity
from auditor_checks._words import fitting

CHECK = Check(
    title="A table can hardly be changed instantly any more",
    passed="Tables can be changed instantly",
    pillar=Pillar.EVOLUTION,
    severity=Severity.MEDIUM,
    unit=TABLES,
    needs=(
        "tables",
        "row-versions",
    ),
    engines=("mysql",),
)
FEW, MANY = 64, 255
MANY_SINCE = 90100


def judge(table: Table, facts: Facts, *, share: float = 0.75) -> Iterator[Verdict]:
    """Compare the shapes with the limit of the version."""
    limit = MANY if facts.version >= MANY_SINCE else FEW
    if table.row_versions is None or table.row_versions < share * limit:
        return
    yield Flaw(
        title=fitting(f"{table.name} has {table.row_versions} of {limit} shapes of rows"),
        evidence=(
            Evidence(name="shapes of rows", value=table.row_versions, unit="versions", probe="row-versions"),
            Evidence(name="most that there can be", value=limit, unit="versions", probe="server"),
            Evidence(name="rows", value=round(facts.rows(table)), unit="rows", probe="tables"),
        ),
        impact=Impact(rows=round(facts.rows(table)), risk="a migration that should be instant fails, or copies"),
        explanation=f"After {limit - table.row_versions} more instant changes {table.path} has to be rebuilt first.",
        recommendation="Rebuild the table at a quiet hour, before the migration that needs it.",
        operations=(RepackTable(schema=table.schema, table=table.name),),
    )
