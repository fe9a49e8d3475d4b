"""Tables inherit from each other in the old way.

## What
Tables made with INHERITS that are not partitions.

## Why it matters
Unique and foreign keys do not reach across the family, the planner cannot prune it well, and routing rows takes
triggers.

## When it is fine
An extension manages the family, or the tables really are kinds of one thing and no key must hold over all.

## How to fix it
Make a partitioned table with the same columns and attach the children to it, after a check that proves their bounds.

## Sources
PostgreSQL manual, "Inheritance: Caveats"; "Table Partitioning".
"""

from __future__ import annotations

from collections.abc import Iterator

from auditor.model.catalog import Table
from auditor.model.check import Check
from auditor.model.facts import Facts
from auditor.model.finding import Evidence, Flaw, Subject
from auditor.model.operation import ChangeApplication
from auditor.model.units import TABLES
from auditor.model.vocabulary import Pillar, Severity
from auditor_checks._words import fitting

CHECK = Check(
    title="Tables inherit in the old way",
    passed="No tables inherit in the old way",
    pillar=Pillar.MODELLING,
    severity=Severity.LOW,
    unit=TABLES,
    needs=("tables", "partitions"),
    engines=("postgresql",),
)


def judge(table: Table, facts: Facts) -> Iterator[Flaw]:
    """Report a table with heirs once, with all of them."""
    heirs = [heir for heir in facts.inheritors.get(table.key, ()) if heir.extension is None]
    if not heirs:
        return
    yield Flaw(
        title=fitting(f"{len(heirs)} tables inherit from {table.name} in the old way"),
        related=tuple(Subject(kind="table", name=heir.path) for heir in heirs),
        evidence=(
            Evidence(name="heirs", value=len(heirs), unit="tables", probe="partitions"),
            Evidence(
                name="rows in the heirs", value=round(sum(facts.rows(h) for h in heirs)), unit="rows", probe="tables"
            ),
        ),
        explanation=f"No key of {table.path} holds over its {len(heirs)} heirs.",
        recommendation="Make a partitioned table and attach the heirs, after a check that proves their bounds.",
        operations=(
            ChangeApplication(
                topic="inheritance",
                subject=table.path,
                instruction="Replace the family by a partitioned table, attaching the heirs one by one.",
            ),
        ),
    )
