"""The server does not count its own activity.

## What
track_counts or track_activities is off for the whole server. MySQL and MariaDB: the performance schema is off, as it is
by default on MariaDB.

## Why it matters
PostgreSQL: Autovacuum decides by these counters: without them it never cleans nor analyzes a table, and the database
degrades without a sign. Without activity tracking nobody can see what sessions do.

MySQL, MariaDB: Without the performance schema nobody can tell which statements cost most, which indexes are used and
who waits for whom.

## When it is fine
Never on a server that is in use.

MariaDB: A small server may save the memory of the performance schema.

## How to fix it
PostgreSQL: Reset the settings and reload.

MySQL, MariaDB: Switch the performance schema on; it takes a restart.

## Sources
PostgreSQL manual, "Run-time Statistics": track_counts is needed by the autovacuum daemon. MariaDB documentation,
"Performance Schema Overview".
"""

from __future__ import annotations

from collections.abc import Iterator

from auditor.model.check import Check
from auditor.model.facts import Facts
from auditor.model.finding import Evidence, Flaw, Subject, Unknown, Verdict
from auditor.model.operation import ResetSetting
from auditor.model.units import SERVER
from auditor.model.vocabulary import Pillar, Severity
from auditor_checks._settings import PRODUCTS, invisible, is_off, setting_flaw

CHECK = Check(
    title="Server does not count its own activity",
    passed="Server counts its own activity",
    pillar=Pillar.OPERATIONS,
    severity=Severity.HIGH,
    unit=SERVER,
    needs=("settings",),
    engines=("postgresql", "mysql", "mariadb"),
)
NEEDED = {
    "track_counts": "autovacuum decides by these counters: no table is cleaned or analyzed any more",
    "track_activities": "nobody can see what sessions are doing",
}


def judge(_server: Facts, facts: Facts) -> Iterator[Verdict]:
    """Read the settings of the engine; each that is off is a finding of its own."""
    if facts.target.engine in PRODUCTS:
        yield from _performance_schema(facts)
        return
    for name, harm in NEEDED.items():
        value = facts.setting(name)
        if value is None:
            yield Unknown(reason=f"{name} is not visible")
        elif value == "off":
            yield Flaw(
                title=f"{name} is off",
                subject=Subject(kind="setting", name=name),
                severity=Severity.HIGH if name == "track_counts" else Severity.MEDIUM,
                evidence=(Evidence(name=name, value=value, probe="settings"),),
                explanation=f"With {name} off {harm}.",
                recommendation="Reset it; a reload is enough.",
                operations=(ResetSetting(name=name, previous=value),),
                discriminator=name,
            )


def _performance_schema(facts: Facts) -> Iterator[Verdict]:
    """Read whether anything is counted of tables, indexes and statements."""
    value = facts.setting("performance_schema")
    if value is None:
        yield invisible("performance_schema")
    elif is_off(value):
        yield setting_flaw(
            facts, "performance_schema", "ON", severity=Severity.LOW, restart=True,
            title="performance_schema is off",
            explanation="The server counts neither statements nor how tables and indexes are used: whatever rests on "
            "that was not assessed.",
            recommendation="Switch it on at the next restart; it takes some hundred megabytes of memory on large "
            "servers.",
            risk="nobody can tell which statements cost most and which indexes are unused",
        )  # fmt: skip
