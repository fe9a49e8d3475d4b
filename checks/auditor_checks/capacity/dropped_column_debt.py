"""Dropped columns still weigh on a table.

## What
Tables in which many columns were dropped over time: the slots of dropped columns stay for ever and count towards the
limit of 1,600.

## Why it matters
Every new row carries a mark for each dropped column, rows written before keep the old values, and a table that adds
and drops columns regularly reaches the limit one day, when no column can be added any more.

## When it is fine
A handful of dropped columns is nothing.

## How to fix it
Only a rewritten table is rid of them: repack it online when it has to be rewritten anyway. Stop whatever adds and
drops columns as a routine.

## Sources
PostgreSQL manual, "ALTER TABLE", DROP COLUMN, and "PostgreSQL Limits" (appendix K): dropped columns contribute to the
limit.
"""

from __future__ import annotations

from collections.abc import Iterator

from auditor.model.catalog import Table
from auditor.model.check import Check
from auditor.model.facts import Facts
from auditor.model.finding import Evidence, Flaw, Impact
from auditor.model.operation import RepackTable
from auditor.model.units import TABLES
from auditor.model.vocabulary import Pillar, Severity
from auditor_checks._words import fitting

CHECK = Check(
    title="Dropped columns still weigh on a table",
    passed="No table carries many dropped columns",
    pillar=Pillar.CAPACITY,
    severity=Severity.LOW,
    unit=TABLES,
    needs=("tables", "columns"),
    engines=("postgresql",),
)

_MOST = 1_600
"""The most columns of a table, dropped ones included (MaxHeapAttributeNumber)."""


def judge(table: Table, facts: Facts, *, many: float = 30, near: float = 0.75) -> Iterator[Flaw]:
    """Report the table by its dropped columns, and by how close it is to the limit."""
    dropped, used = table.dropped_columns, table.dropped_columns + len(table.columns)
    if dropped < many:
        return
    leaves = [leaf for leaf in facts.leaves(table) if leaf.dropped_columns >= many]
    yield Flaw(
        title=fitting(f"{table.name} carries {dropped:,} dropped columns"),
        severity=Severity.HIGH if used >= near * _MOST else Severity.LOW,
        evidence=(
            Evidence(name="dropped columns", value=dropped, unit="columns", probe="tables"),
            Evidence(name="columns", value=len(table.columns), unit="columns", probe="columns"),
            Evidence(name="limit of both together", value=_MOST, unit="columns"),
        ),
        impact=Impact(risk="wider rows; no column can be added at the limit"),
        explanation=(
            f"{table.path} has {len(table.columns)} columns and the slots of {dropped:,} dropped ones: {used:,} of "
            f"{_MOST:,} that a table can ever have."
        ),
        recommendation="Repack the table online when it is rewritten anyway; stop routines that add and drop columns.",
        operations=tuple(RepackTable(schema=leaf.schema, table=leaf.name) for leaf in leaves),
    )
