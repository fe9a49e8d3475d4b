"""The server does not count its own activity.

## What
track_counts or track_activities is off for the whole server.

## Why it matters
Autovacuum decides by these counters: without them it never cleans nor analyzes a table, and the database degrades
without a sign. Without activity tracking nobody can see what sessions do.

## When it is fine
Never on a server that is in use.

## How to fix it
Reset both settings and reload.

## Sources
PostgreSQL manual, "Run-time Statistics": track_counts is needed by the autovacuum daemon.
"""

from __future__ import annotations

from collections.abc import Iterator

from auditor.model.check import Check
from auditor.model.facts import Facts
from auditor.model.finding import Evidence, Flaw, Subject, Unknown, Verdict
from auditor.model.operation import ResetSetting
from auditor.model.units import SERVER
from auditor.model.vocabulary import Pillar, Severity

CHECK = Check(
    title="Server does not count its own activity",
    passed="Server counts its own activity",
    pillar=Pillar.OPERATIONS,
    severity=Severity.HIGH,
    unit=SERVER,
    needs=("settings",),
    engines=("postgresql",),
)
NEEDED = {
    "track_counts": "autovacuum decides by these counters: no table is cleaned or analyzed any more",
    "track_activities": "nobody can see what sessions are doing",
}


def judge(_server: Facts, facts: Facts) -> Iterator[Verdict]:
    """Read both settings; each that is off is a finding of its own."""
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
