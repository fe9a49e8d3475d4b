"""Autovacuum comes to a huge table only after millions of dead rows.

## What
Large tables that are updated or deleted from and whose autovacuum threshold, computed from the settings and their own
options, is above a million dead rows. Version 18 caps the threshold, which is taken into account.

## Why it matters
The default waits for a fifth of the table. On a table of a hundred million rows that is twenty million dead rows:
scans slow down long before, and the vacuum that finally comes takes hours.

## When it is fine
The table is small, or it only grows; inserts alone do not make dead rows.

## How to fix it
Give the table its own smaller scale factor, so that it is vacuumed often and briefly. Setting it takes no lock that
readers or writers notice.

## Sources
PostgreSQL manual, "The Autovacuum Daemon" (24.1.6): threshold = base + scale factor * number of rows.
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
from auditor_checks.operations._autovacuum import enabled, number, vacuum_threshold

CHECK = Check(
    title="Autovacuum waits for millions of dead rows",
    passed="Autovacuum comes to large tables in time",
    pillar=Pillar.OPERATIONS,
    severity=Severity.LOW,
    unit=TABLES,
    needs=("tables", "table-usage", "settings"),
    engines=("postgresql",),
)


def judge(
    table: Table,
    facts: Facts,
    *,
    max_dead: float = 1_000_000,
    min_changes: float = 0.01,
    medium_dead: float = 10_000_000,
) -> Iterator[Flaw]:
    """Report the table if a part of it that changes has a threshold above the limit."""
    late = [
        (threshold, leaf)
        for leaf in facts.leaves(table)
        if enabled(leaf)
        and (threshold := vacuum_threshold(leaf, facts)) is not None
        and threshold > max_dead
        and _changed(leaf) >= min_changes * facts.rows(leaf)
    ]
    if not late:
        return
    threshold, worst = max(late, key=lambda entry: (entry[0], entry[1].key))
    rows, scale = facts.rows(worst), number(worst, facts, "autovacuum_vacuum_scale_factor")
    wanted = f"{max(0.001, round(max_dead / 2 / rows, 3)):g}"
    yield Flaw(
        title=fitting(f"Autovacuum waits for {threshold:,.0f} dead rows in {worst.name}"),
        related=tuple(Subject(kind="partition", name=leaf.path) for _, leaf in late if leaf is not table)[:20],
        severity=Severity.MEDIUM if threshold >= medium_dead else Severity.LOW,
        evidence=(
            Evidence(name="rows", value=round(rows), unit="rows", probe="tables"),
            Evidence(name="scale factor in force", value=scale, probe="settings"),
            Evidence(name="dead rows at which autovacuum comes", value=round(threshold), unit="rows", probe="settings"),
            Evidence(name="rows updated and deleted", value=_changed(worst), unit="rows", probe="table-usage"),
        ),
        impact=Impact(rows=round(threshold), risk="slow scans before each vacuum, and long vacuums"),
        explanation=(
            f"{worst.path} has {rows:,.0f} rows and a scale factor of {scale:g}: autovacuum comes only after "
            f"{threshold:,.0f} dead rows."
        ),
        recommendation=f"Set the table's autovacuum_vacuum_scale_factor to {wanted} or so; no lock that hurts.",
        operations=tuple(
            SetTableOptions(schema=leaf.schema, table=leaf.name, options={"autovacuum_vacuum_scale_factor": wanted})
            for _, leaf in late
        ),
    )


def _changed(table: Table) -> int:
    return 0 if table.usage is None else table.usage.updated + table.usage.deleted
