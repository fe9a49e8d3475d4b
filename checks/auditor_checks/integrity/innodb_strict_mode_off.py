"""InnoDB ignores options of a table that it cannot honour.

## What
innodb_strict_mode is off.

## Why it matters
CREATE and ALTER TABLE then ignore options that do not go together, and accept rows that are too long until one comes
that does not fit: the error stands in the application instead of the migration.

## When it is fine
An old dump has to be loaded; then only for that session.

## How to fix it
Switch it on, which takes no restart.

## Sources
MySQL manual, innodb_strict_mode; MariaDB documentation, "InnoDB Strict Mode".
"""

from __future__ import annotations

from collections.abc import Iterator

from auditor.model.check import Check
from auditor.model.facts import Facts
from auditor.model.finding import Verdict
from auditor.model.units import SERVER
from auditor.model.vocabulary import Pillar, Severity
from auditor_checks._settings import PRODUCTS, invisible, is_off, setting_flaw

CHECK = Check(
    title="InnoDB makes another table than it was asked for",
    passed="InnoDB refuses what it cannot make",
    pillar=Pillar.INTEGRITY,
    severity=Severity.LOW,
    unit=SERVER,
    needs=("settings",),
    engines=PRODUCTS,
)


def judge(_server: Facts, facts: Facts) -> Iterator[Verdict]:
    """Read the setting."""
    value = facts.setting("innodb_strict_mode")
    if value is None:
        yield invisible("innodb_strict_mode")
    elif is_off(value):
        yield setting_flaw(
            facts,
            "innodb_strict_mode",
            "ON",
            explanation="Options that InnoDB cannot honour are ignored with a warning.",
            recommendation="Switch it on; that takes no restart.",
            risk="tables are not what their migrations say",
        )
