"""The server takes the time zone of its machine.

## What
time_zone is SYSTEM and the zone of the machine is not UTC.

## Why it matters
A machine that is set up otherwise, or a failover to one, shifts all that NOW() and DATETIME hold; each conversion of a
TIMESTAMP asks the operating system under a lock; and one hour is there twice in autumn.

## When it is fine
The zone of the machine is UTC: nothing is reported then.

## How to fix it
Set a zone by its offset, +00:00 for the best, after a look who writes local times.

## Sources
MySQL manual, "MySQL Server Time Zone Support"; MariaDB documentation, "Time Zones".
"""

from __future__ import annotations

from collections.abc import Iterator

from auditor.model.check import Check
from auditor.model.facts import Facts
from auditor.model.finding import Evidence, Verdict
from auditor.model.units import SERVER
from auditor.model.vocabulary import Confidence, Pillar, Severity
from auditor_checks._settings import PRODUCTS, invisible, setting_flaw

CHECK = Check(
    title="Times depend on the zone of the machine",
    passed="Sessions have a time zone of their own",
    pillar=Pillar.OPERATIONS,
    severity=Severity.INFO,
    confidence=Confidence.LIKELY,
    unit=SERVER,
    needs=("settings",),
    engines=PRODUCTS,
)


def judge(_server: Facts, facts: Facts) -> Iterator[Verdict]:
    """Read both settings."""
    zone, machine = facts.setting("time_zone"), facts.setting("system_time_zone")
    if zone is None or machine is None:
        yield invisible("time_zone")
    elif zone.upper() == "SYSTEM" and machine.upper() not in ("UTC", "GMT", "ETC/UTC", "UCT", "ZULU", ""):
        yield setting_flaw(
            facts,
            "time_zone",
            "+00:00",
            evidence=(Evidence(name="system_time_zone", value=machine, probe="settings"),),
            explanation=f"Sessions live in the zone of the machine, {machine}.",
            recommendation="Set +00:00 after a look who writes local times.",
            risk="times shift with the machine, and an hour of autumn is there twice",
        )
