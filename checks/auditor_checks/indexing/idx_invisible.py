"""An index is hidden from the planner and still maintained.

## What
Indexes that are invisible (MySQL) or ignored (MariaDB), on tables of some size or that are written. Those that keep a
rule, unique ones and the only one of a foreign key, are left out: they do their work all the same.

## Why it matters
Hiding an index is the trial before it is dropped. Nothing reads it, and every write goes on maintaining it; a trial
that was forgotten costs for ever what it was to save.

## When it is fine
The trial is running: since when, the server does not tell.

## How to fix it
If nobody has missed it for a full cycle of business, a month's end among it, drop it; otherwise show it again.

## Sources
MySQL manual, "Invisible Indexes"; MariaDB documentation, "Ignored Indexes".
"""

from __future__ import annotations

from collections.abc import Iterator

from auditor.model.catalog import Index
from auditor.model.check import Check
from auditor.model.facts import Facts
from auditor.model.finding import Evidence, Flaw, Impact, Subject
from auditor.model.operation import DropIndex
from auditor.model.units import INDEXES
from auditor.model.vocabulary import Confidence, Pillar, Severity
from auditor_checks._words import fitting
from auditor_checks.indexing._usage import enforces, only_foreign_key_support

CHECK = Check(
    title="Index is hidden from the planner and still maintained",
    passed="No index is hidden from the planner",
    pillar=Pillar.INDEXING,
    severity=Severity.LOW,
    confidence=Confidence.POSSIBLE,
    unit=INDEXES,
    needs=("tables", "indexes"),
    engines=("mysql", "mariadb"),
)


def judge(index: Index, facts: Facts, *, min_rows: float = 1_000) -> Iterator[Flaw]:
    """Report what is hidden where it costs anything."""
    table = facts.table(index.table_key)
    if table is None or index.visible or enforces(index) or only_foreign_key_support(index, facts):
        return
    written, rows = facts.writes(table), facts.rows(table)
    if rows < min_rows and written < min_rows:
        return
    yield Flaw(
        title=fitting(f"{index.path} is hidden and still maintained"),
        related=(Subject(kind="table", name=table.path),),
        evidence=(
            Evidence(name="rows", value=round(rows), unit="rows", probe="tables"),
            Evidence(name="rows written", value=written if table.usage is not None else None, unit="rows",
                     probe="table-usage"),
            Evidence(name="size", value=index.bytes, unit="bytes", probe="index-sizes"),
        ),
        impact=Impact(bytes=index.bytes, risk="writes maintain what nothing reads"),
        explanation=f"No plan uses {index.path}, and each write to {table.path} maintains it.",
        recommendation="Drop it if nobody has missed it for a full cycle of business; otherwise show it again.",
        operations=(DropIndex(schema=index.schema, table=index.table, name=index.name, observe_days=0),),
    )  # fmt: skip
