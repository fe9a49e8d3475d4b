"""Dead rows pile up beyond the point at which autovacuum should have come.

## What
Tables whose dead rows exceed, by a factor, the threshold at which autovacuum comes to them, computed from the
settings and the table's own options, when the dead rows are many. A table that is being vacuumed at this moment is
not reported. A partitioned table is reported once, with its worst partition.

## Why it matters
Autovacuum is off, cannot keep up, or cannot remove the rows because somebody still holds an old snapshot. Meanwhile
every scan reads the dead rows, indexes keep pointing to them, and the table grows into space that it will not give
back.

## When it is fine
A batch has just ended and autovacuum will come within minutes.

## How to fix it
End whatever holds the horizon back, if something does. Then vacuum the table, and let autovacuum come earlier by a
smaller scale factor for this table.

## Sources
PostgreSQL manual, "Routine Vacuuming" (24.1), "The Autovacuum Daemon" (24.1.6).
"""

from __future__ import annotations

from collections.abc import Iterator

from auditor.model.catalog import Table
from auditor.model.check import Check
from auditor.model.facts import Facts
from auditor.model.finding import Evidence, Flaw, Impact, Subject
from auditor.model.operation import VacuumTable
from auditor.model.units import TABLES
from auditor.model.vocabulary import Pillar, Severity
from auditor_checks._words import fitting
from auditor_checks.operations._autovacuum import enabled, is_on, vacuum_threshold, vacuumed
from auditor_checks.operations._horizon import Holder, holders

CHECK = Check(
    title="Dead rows pile up beyond the autovacuum threshold",
    passed="Dead rows stay below the autovacuum threshold",
    pillar=Pillar.OPERATIONS,
    severity=Severity.MEDIUM,
    unit=TABLES,
    needs=("tables", "table-usage", "settings"),
    engines=("postgresql",),
)


def judge(
    table: Table, facts: Facts, *, factor: float = 2.0, min_dead: float = 10_000, high_dead: float = 1_000_000
) -> Iterator[Flaw]:
    """Report the table if a part of it has many more dead rows than the threshold."""
    working = {(work.schema, work.name) for work in facts.workload.progress if work.kind == "vacuum"}
    late = [
        (leaf.usage.dead_rows, leaf, threshold)
        for leaf in facts.leaves(table)
        if leaf.usage is not None
        and leaf.usage.dead_rows >= min_dead
        and leaf.key not in working
        and (threshold := vacuum_threshold(leaf, facts)) is not None
        and leaf.usage.dead_rows > factor * threshold
    ]
    if not late:
        return
    dead, worst, threshold = max(late, key=lambda entry: (entry[0], entry[1].key))
    rows = facts.rows(worst)
    yield Flaw(
        title=fitting(f"{dead:,} dead rows in {worst.name}, {dead / max(threshold, 1):,.1f} times the threshold"),
        related=tuple(Subject(kind="partition", name=leaf.path) for _, leaf, _ in late if leaf is not table)[:20],
        severity=(
            Severity.HIGH if dead >= high_dead and dead > rows else
            Severity.LOW if dead < 10 * min_dead and dead < rows else Severity.MEDIUM
        ),
        evidence=(
            Evidence(name="dead rows", value=dead, unit="rows", probe="table-usage"),
            Evidence(name="live rows", value=round(rows), unit="rows", probe="tables"),
            Evidence(name="dead rows at which autovacuum comes", value=round(threshold), unit="rows", probe="settings"),
            Evidence(name="last autovacuum", value=_usage(worst, "last_autovacuum"), probe="table-usage"),
            Evidence(name="last vacuum", value=_usage(worst, "last_vacuum"), probe="table-usage"),
        ),
        impact=Impact(rows=dead, risk="scans read dead rows and the table grows"),
        explanation=(
            f"{worst.path} has {dead:,} dead rows beside {rows:,.0f} live ones; autovacuum should come at "
            f"{threshold:,.0f}. {_why(worst, facts)}"
        ),
        recommendation=_advice(worst, facts),
        operations=tuple(VacuumTable(schema=leaf.schema, table=leaf.name) for _, leaf, _ in late),
    )  # fmt: skip


def _usage(table: Table, name: str) -> str | None:
    return getattr(table.usage, name, None)


def _why(table: Table, facts: Facts) -> str:
    if not is_on(facts.setting("autovacuum") or "on"):
        return "Autovacuum is switched off on this server."
    if not enabled(table):
        return "Autovacuum is switched off for this table."
    held = _holder(facts)
    if held is not None:
        return f"Rows that died in the last {held.age:,} transactions cannot be removed: {held.words} holds them."
    return "It was vacuumed before." if vacuumed(table) else "No vacuum of it is known."


def _advice(table: Table, facts: Facts) -> str:
    held = _holder(facts)
    first = f"{held.advice}. " if held is not None else ""
    return f"{first}Vacuum {table.path}, and give it a smaller scale factor if this comes back."


def _holder(facts: Facts) -> Holder | None:
    """Who keeps a notable number of dead rows of tables."""
    return next((holder for holder in holders(facts) if holder.age >= 10_000 and holder.rows == "Rows"), None)
