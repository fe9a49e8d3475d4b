"""Autovacuum is switched off for a table.

## What
Tables with the storage option ``autovacuum_enabled`` off. Partitions are reported together under their root.

## Why it matters
The table's dead rows are never removed and its statistics never refreshed. The option is usually set for one load or
one migration and then forgotten.

## When it is fine
The table is written by batches that vacuum and analyse it themselves, or is emptied by TRUNCATE every time. A table
that nobody writes is reported as low.

## How to fix it
Reset the option, which takes no lock that readers or writers notice, and vacuum the table once.

## Sources
PostgreSQL manual, "CREATE TABLE", storage parameters (autovacuum_enabled).
"""

from __future__ import annotations

from collections.abc import Iterator

from auditor.model.catalog import Table
from auditor.model.check import Check
from auditor.model.facts import Facts
from auditor.model.finding import Evidence, Flaw, Impact, Subject
from auditor.model.operation import SetTableOptions
from auditor.model.units import TABLES
from auditor.model.vocabulary import Pillar, Severity
from auditor_checks._words import fitting
from auditor_checks.operations._autovacuum import enabled

CHECK = Check(
    title="Autovacuum is off for a table",
    passed="Autovacuum is off for no table",
    pillar=Pillar.OPERATIONS,
    severity=Severity.MEDIUM,
    unit=TABLES,
    needs=("tables",),
    engines=("postgresql",),
)


def judge(
    table: Table, facts: Facts, *, min_rows: float = 1_000, high_dead: float = 1_000_000, high_rows: float = 10_000_000
) -> Iterator[Flaw]:
    """Report the table if it, or any of its partitions, is left out of automatic maintenance."""
    leaves = facts.leaves(table)
    off = [leaf for leaf in leaves if not enabled(leaf)]
    if not off:
        return
    dead = sum(leaf.usage.dead_rows for leaf in off if leaf.usage is not None)
    written = sum(leaf.usage.writes for leaf in off if leaf.usage is not None)
    rows = sum(facts.rows(leaf) for leaf in off)
    severity = Severity.MEDIUM
    if dead >= high_dead or (rows >= high_rows and written):
        severity = Severity.HIGH
    elif rows < min_rows or not written:
        severity = Severity.LOW
    part = table.kind == "partitioned"
    yield Flaw(
        title=fitting(
            f"Autovacuum is off for {len(off)} of {len(leaves)} partitions of {table.name}"
            if part
            else f"Autovacuum is off for {table.name}"
        ),
        related=tuple(Subject(kind="partition", name=leaf.path) for leaf in off[:20]) if part else (),
        severity=severity,
        evidence=(
            Evidence(name="autovacuum_enabled", value=off[0].options["autovacuum_enabled"], probe="tables"),
            Evidence(name="rows", value=round(rows), unit="rows", probe="tables"),
            Evidence(name="dead rows", value=dead, unit="rows", probe="table-usage"),
            Evidence(name="rows written", value=written, unit="rows", probe="table-usage"),
        ),
        impact=Impact(rows=dead, risk="dead rows stay, statistics age"),
        explanation=(
            f"{f'{len(off)} partitions of ' if part else ''}{table.path} left to {'themselves' if part else 'itself'}: "
            f"{dead:,} dead rows beside {rows:,.0f} live ones, {written:,} rows written since the counters began."
        ),
        recommendation="Reset autovacuum_enabled and vacuum the table once, unless a job of yours maintains it.",
        operations=tuple(
            SetTableOptions(schema=leaf.schema, table=leaf.name, options={"autovacuum_enabled": ""}) for leaf in off
        ),
    )
