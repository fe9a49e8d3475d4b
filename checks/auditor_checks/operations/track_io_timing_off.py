"""Time spent on storage is not measured.

## What
track_io_timing is off.

## Why it matters
Without it, statement and table statistics count blocks but not the time that reading them took: a slow disk and a
slow plan look the same.

## When it is fine
The clock of the machine is slow to read (pg_test_timing tells), as on some old virtual machines.

## How to fix it
Switch it on and reload.

## Sources
PostgreSQL manual, "Run-time Statistics": track_io_timing, and pg_test_timing.
"""

from __future__ import annotations

from collections.abc import Iterator

from auditor.model.check import Check
from auditor.model.facts import Facts
from auditor.model.finding import Evidence, Flaw, Subject, Unknown, Verdict
from auditor.model.operation import SetSetting
from auditor.model.units import SERVER
from auditor.model.vocabulary import Pillar, Severity

CHECK = Check(
    title="Time spent on storage is not measured",
    passed="Time spent on storage is measured",
    pillar=Pillar.OPERATIONS,
    severity=Severity.LOW,
    unit=SERVER,
    needs=("settings",),
    engines=("postgresql",),
)
NAME = "track_io_timing"


def judge(_server: Facts, facts: Facts) -> Iterator[Verdict]:
    """Read the setting."""
    value = facts.setting(NAME)
    if value is None:
        yield Unknown(reason=f"{NAME} is not visible")
    elif value == "off":
        yield Flaw(
            subject=Subject(kind="setting", name=NAME),
            evidence=(Evidence(name=NAME, value=value, probe="settings"),),
            explanation="Statement and table statistics say how many blocks were read, but not how long that took.",
            recommendation="Check the clock with pg_test_timing, then switch it on; a reload is enough.",
            operations=(SetSetting(name=NAME, value="on", previous=value),),
        )
