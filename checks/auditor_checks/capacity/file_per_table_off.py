"""New tables go into the system tablespace.

## What
innodb_file_per_table is off.

## Why it matters
The file of the system tablespace never gives space back: what is dropped or deleted stays on the disk until the server
is made anew from a dump. Instant clean-up by TRUNCATE and rebuilding a table to shrink it do not work.

## When it is fine
General tablespaces are used on purpose.

## How to fix it
Switch it on, which takes no restart, then rebuild the tables one by one.

## Sources
MySQL manual, "File-Per-Table Tablespaces"; MariaDB documentation, "InnoDB File-Per-Table Tablespaces".
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
    title="Tables share one file that never shrinks",
    passed="Each table has a file of its own",
    pillar=Pillar.CAPACITY,
    severity=Severity.MEDIUM,
    unit=SERVER,
    needs=("settings",),
    engines=PRODUCTS,
)


def judge(_server: Facts, facts: Facts) -> Iterator[Verdict]:
    """Read the setting."""
    value = facts.setting("innodb_file_per_table")
    if value is None:
        yield invisible("innodb_file_per_table")
    elif is_off(value):
        yield setting_flaw(
            facts,
            "innodb_file_per_table",
            "ON",
            explanation="What is made from now on lies in the system tablespace, which never shrinks.",
            recommendation="Switch it on, then rebuild the tables of the system tablespace one by one.",
            risk="the disk fills up and cannot be freed without a dump",
        )
