"""InnoDB was started with repairs switched off.

## What
innodb_force_recovery is above zero.

## Why it matters
The server skips parts of its recovery so that damaged data can be dumped: purging, rolling back or undo logs do not
take place. From 4 on data files can be damaged for good, and tables cannot be changed.

## When it is fine
Somebody is dumping a damaged server at this moment.

## How to fix it
Dump all tables, make a new server from the dump, and start it without the setting.

## Sources
MySQL manual, "Forcing InnoDB Recovery"; MariaDB documentation, "InnoDB Recovery Modes".
"""

from __future__ import annotations

from collections.abc import Iterator

from auditor.model.check import Check
from auditor.model.facts import Facts
from auditor.model.finding import Verdict
from auditor.model.units import SERVER
from auditor.model.vocabulary import Pillar, Severity
from auditor_checks._settings import PRODUCTS, invisible, setting_flaw

CHECK = Check(
    title="InnoDB runs in forced recovery",
    passed="InnoDB runs as usual",
    pillar=Pillar.AVAILABILITY,
    severity=Severity.CRITICAL,
    unit=SERVER,
    needs=("settings",),
    engines=PRODUCTS,
)
DAMAGING = 4
"""From this level on data files can be damaged: MySQL manual."""


def judge(_server: Facts, facts: Facts) -> Iterator[Verdict]:
    """Read the setting; from 4 on it is gravest."""
    value = facts.setting_number("innodb_force_recovery")
    if value is None:
        yield invisible("innodb_force_recovery")
    elif value > 0:
        yield setting_flaw(
            facts,
            "innodb_force_recovery",
            "0",
            restart=True,
            severity=Severity.CRITICAL if value >= DAMAGING else Severity.HIGH,
            explanation=f"At level {value:.0f} InnoDB leaves out parts of its recovery and of its daily work.",
            recommendation="Dump all tables, make a new server from the dump, and start it without the setting.",
            risk="old versions of rows are never removed, and data files can be damaged for good",
        )
