"""A table that only grows is never vacuumed, because inserts do not call autovacuum.

## What
Large tables that are practically only inserted into, without any known vacuum, where inserts do not call autovacuum:
the insert threshold is disabled by the setting or by the table's option.

## Why it matters
No page is frozen or marked as all-visible while it is written. Index-only scans read the table all the same, and one
day a forced vacuum against wraparound has to read and rewrite everything at once.

## When it is fine
A job of yours vacuums the table, or it is dropped as a whole before it grows old.

## How to fix it
Enable the insert threshold (it is on by default since version 13), and vacuum the table once with freezing at a quiet
hour.

## Sources
PostgreSQL manual, settings autovacuum_vacuum_insert_threshold and autovacuum_vacuum_insert_scale_factor (19.10).
"""

from __future__ import annotations

from collections.abc import Iterator

from auditor.model.catalog import Table
from auditor.model.check import Check
from auditor.model.facts import Facts
from auditor.model.finding import Evidence, Flaw, Impact, Subject
from auditor.model.operation import AnyOperation, ResetSetting, SetTableOptions, VacuumTable
from auditor.model.units import TABLES
from auditor.model.vocabulary import Confidence, Pillar, Severity
from auditor_checks._words import fitting
from auditor_checks.operations._autovacuum import enabled, insert_threshold, vacuumed

CHECK = Check(
    title="Insert-only table is never vacuumed",
    passed="Tables that only grow are vacuumed too",
    pillar=Pillar.OPERATIONS,
    severity=Severity.MEDIUM,
    confidence=Confidence.LIKELY,
    unit=TABLES,
    needs=("tables", "table-usage", "settings"),
    engines=("postgresql",),
)

_OPTION = "autovacuum_vacuum_insert_threshold"


def judge(
    table: Table, facts: Facts, *, min_rows: float = 100_000, other_share: float = 0.01, high_rows: float = 100_000_000
) -> Iterator[Flaw]:
    """Report the table if a large part of it only grows and nothing will vacuum it."""
    left = [
        leaf
        for leaf in facts.leaves(table)
        if facts.rows(leaf) >= min_rows
        and enabled(leaf)
        and not vacuumed(leaf)
        and insert_threshold(leaf, facts) is None
        and (_OPTION in leaf.options or facts.setting(_OPTION) is not None)
        and _only_grows(leaf, other_share)
    ]
    if not left:
        return
    worst = max(left, key=lambda leaf: (facts.rows(leaf), leaf.key))
    rows = facts.rows(worst)
    yield Flaw(
        title=fitting(f"{worst.name} only grows and is never vacuumed"),
        related=tuple(Subject(kind="partition", name=leaf.path) for leaf in left if leaf is not table)[:20],
        severity=Severity.HIGH if rows >= high_rows else Severity.MEDIUM,
        evidence=(
            Evidence(name="rows", value=round(rows), unit="rows", probe="tables"),
            Evidence(name="rows inserted", value=worst.usage.inserted if worst.usage else None, unit="rows",
                     probe="table-usage"),
            Evidence(name=_OPTION, value=worst.options.get(_OPTION, facts.setting(_OPTION)), probe="settings"),
            Evidence(name="age", value=worst.transaction_age, unit="transactions", probe="ages"),
        ),
        impact=Impact(rows=round(rows), risk="one vacuum against wraparound has to read and write it all"),
        explanation=(
            f"{worst.path} has {rows:,.0f} rows, is practically only inserted into, and inserts do not call autovacuum "
            f"here ({_OPTION} is -1). No vacuum of it is known."
        ),
        recommendation="Enable the insert threshold and vacuum the table once with freezing at a quiet hour.",
        operations=tuple(operation for leaf in left for operation in _operations(leaf, facts)),
    )  # fmt: skip


def _only_grows(table: Table, other_share: float) -> bool:
    usage = table.usage
    return usage is not None and usage.inserted > 0 and usage.updated + usage.deleted <= other_share * usage.inserted


def _operations(table: Table, facts: Facts) -> tuple[AnyOperation, ...]:
    enable: AnyOperation = (
        SetTableOptions(schema=table.schema, table=table.name, options={_OPTION: ""})
        if _OPTION in table.options
        else ResetSetting(name=_OPTION, previous=facts.setting(_OPTION) or "-1")
    )
    return (enable, VacuumTable(schema=table.schema, table=table.name, freeze=True))
