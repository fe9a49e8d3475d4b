"""TIMESTAMP columns change by themselves.

## What
explicit_defaults_for_timestamp is off.

## Why it matters
The first TIMESTAMP column of a table without a default then takes the time of each change, and NULL stored in it means
now. A migration that was written elsewhere makes another table here.

## When it is fine
An old schema relies on it.

## How to fix it
Write the defaults out, then switch it on, which is the default since MySQL 8.0.2 and MariaDB 10.10.

## Sources
MySQL manual, explicit_defaults_for_timestamp; MariaDB documentation, explicit_defaults_for_timestamp.
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
    title="TIMESTAMP columns get defaults that nobody wrote",
    passed="Columns have the defaults that were written",
    pillar=Pillar.INTEGRITY,
    severity=Severity.LOW,
    unit=SERVER,
    needs=("settings",),
    engines=PRODUCTS,
)


def judge(_server: Facts, facts: Facts) -> Iterator[Verdict]:
    """Read the setting."""
    value = facts.setting("explicit_defaults_for_timestamp")
    if value is None:
        yield invisible("explicit_defaults_for_timestamp")
    elif is_off(value):
        yield setting_flaw(
            facts,
            "explicit_defaults_for_timestamp",
            "ON",
            restart=True,
            explanation="A TIMESTAMP column without a default gets one that changes with each update of the row.",
            recommendation="Write the defaults out in migrations, then switch it on at the next restart.",
            risk="times of creation are overwritten by later changes",
        )
