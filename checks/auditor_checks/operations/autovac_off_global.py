"""Autovacuum is switched off for the whole server.

## What
The setting ``autovacuum`` is off. Only vacuums against transaction wraparound still start by themselves.

## Why it matters
Dead rows are never removed and statistics never refreshed: tables and indexes grow without end, plans get worse, and
in the end the forced vacuums come all at once, at the worst moment.

## When it is fine
For the minutes of an initial load. A nightly vacuum by a job does not replace it on tables that change by day.

## How to fix it
Switch it on (a reload is enough). Let it clean the worst tables first, at a quiet hour, if it has been off for long.

## Sources
PostgreSQL manual, "The Autovacuum Daemon" (24.1.6) and the setting autovacuum (19.10).
"""

from __future__ import annotations

from collections.abc import Iterator

from auditor.model.check import Check
from auditor.model.facts import Facts
from auditor.model.finding import Evidence, Flaw, Impact, Subject
from auditor.model.operation import ResetSetting
from auditor.model.units import SERVER
from auditor.model.vocabulary import Pillar, Severity
from auditor_checks.operations._autovacuum import is_on

CHECK = Check(
    title="Autovacuum is off for the whole server",
    passed="Autovacuum is on",
    pillar=Pillar.OPERATIONS,
    severity=Severity.HIGH,
    unit=SERVER,
    needs=("settings",),
    engines=("postgresql",),
)


def judge(facts: Facts, _: Facts) -> Iterator[Flaw]:
    """Report the setting when it is off."""
    value = facts.setting("autovacuum")
    if value is None or is_on(value):
        return
    worst = sorted(
        (table for table in facts.storage_tables if table.usage is not None and table.usage.dead_rows > 0),
        key=lambda table: (-(table.usage.dead_rows if table.usage else 0), table.key),
    )
    dead = sum(table.usage.dead_rows for table in worst if table.usage is not None)
    yield Flaw(
        subject=Subject(kind="setting", name="autovacuum"),
        related=tuple(Subject(kind="table", name=table.path) for table in worst[:5]),
        evidence=(
            Evidence(name="autovacuum", value=value, probe="settings"),
            Evidence(name="dead rows in this database", value=dead, unit="rows", probe="table-usage"),
        ),
        impact=Impact(rows=dead, risk="growth without end, ageing statistics, forced vacuums all at once"),
        explanation=(
            f"No table is vacuumed or analysed by itself. This database has {dead:,} dead rows by now"
            + (f", most of them in {worst[0].path}." if worst else ".")
        ),
        recommendation="Switch autovacuum on by a reload; at a quiet hour if it has been off for long.",
        operations=(ResetSetting(name="autovacuum", previous=value),),
    )
