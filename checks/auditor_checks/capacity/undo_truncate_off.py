"""The space of old undo logs is not given back.

## What
innodb_undo_log_truncate is off although there are undo tablespaces of their own. Without such tablespaces, as by
default on MariaDB before 11, the undo logs grow inside the system tablespace, which is noted as well.

## Why it matters
One transaction that is forgotten for a night keeps gigabytes of old versions. The files stay as large as they were
then.

## When it is fine
Disk is plenty, and nobody misses it.

## How to fix it
Switch it on, which takes no restart where there are at least two undo tablespaces; MariaDB 10.11 makes them when the
server is created.

## Sources
MySQL manual, "Truncating Undo Tablespaces"; MariaDB documentation, "InnoDB Undo Log": more than one since 11.0.
"""

from __future__ import annotations

from collections.abc import Iterator

from auditor.model.check import Check
from auditor.model.facts import Facts
from auditor.model.finding import Evidence, Verdict
from auditor.model.units import SERVER
from auditor.model.vocabulary import Pillar, Severity
from auditor_checks._settings import PRODUCTS, invisible, is_off, setting_flaw

CHECK = Check(
    title="Undo logs that have grown keep their size",
    passed="Undo logs shrink again",
    pillar=Pillar.CAPACITY,
    severity=Severity.LOW,
    unit=SERVER,
    needs=("settings",),
    engines=PRODUCTS,
)
FEWEST = 2
"""So many undo tablespaces are needed so that one can be truncated while another serves."""


def judge(_server: Facts, facts: Facts) -> Iterator[Verdict]:
    """Read the setting, and whether there are tablespaces that could be truncated."""
    value, spaces = facts.setting("innodb_undo_log_truncate"), facts.setting_number("innodb_undo_tablespaces")
    if value is None:
        yield invisible("innodb_undo_log_truncate")
    elif is_off(value):
        inside = spaces is not None and spaces < FEWEST
        yield setting_flaw(
            facts,
            "innodb_undo_log_truncate",
            "ON",
            restart=inside,
            severity=Severity.INFO if inside else Severity.LOW,
            evidence=(Evidence(name="innodb_undo_tablespaces", value=spaces, unit="tablespaces", probe="settings"),),
            explanation="Old versions of rows lie in "
            + ("the system tablespace, which never shrinks." if inside else "undo tablespaces that keep their size."),
            recommendation="Switch it on" + (" once the server is made anew with undo tablespaces." if inside else "."),
            risk="one long transaction takes disk for ever",
        )
