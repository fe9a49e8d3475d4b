"""InnoDB flushes neighbours of pages, as turning disks want it.

## What
innodb_flush_neighbors is on, which is the default on MariaDB.

## Why it matters
On solid state storage it gains nothing, and writes pages that might have changed again before they had to be written.

## When it is fine
The data lies on turning disks, which the server does not tell.

## How to fix it
Set it to 0, which takes no restart, where the storage is solid.

## Sources
MySQL manual, "Configuring Buffer Pool Flushing": the setting is for turning disks, and 0 by default since 8.0.
"""

from __future__ import annotations

from collections.abc import Iterator

from auditor.model.check import Check
from auditor.model.facts import Facts
from auditor.model.finding import Verdict
from auditor.model.units import SERVER
from auditor.model.vocabulary import Confidence, Pillar, Severity
from auditor_checks._settings import PRODUCTS, invisible, is_off, setting_flaw

CHECK = Check(
    title="InnoDB writes pages that it need not write",
    passed="InnoDB writes only the pages that it has to",
    pillar=Pillar.OPERATIONS,
    severity=Severity.INFO,
    confidence=Confidence.POSSIBLE,
    unit=SERVER,
    needs=("settings",),
    engines=PRODUCTS,
)


def judge(_server: Facts, facts: Facts) -> Iterator[Verdict]:
    """Read the setting."""
    value = facts.setting("innodb_flush_neighbors")
    if value is None:
        yield invisible("innodb_flush_neighbors")
    elif not is_off(value) and not facts.target.managed:
        yield setting_flaw(
            facts,
            "innodb_flush_neighbors",
            "0",
            explanation="With each page that has to be written, dirty pages beside it are written as well.",
            recommendation="Set 0 if the data lies on solid state storage; that takes no restart.",
            risk="more writes than needed",
        )
