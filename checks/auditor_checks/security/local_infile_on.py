"""LOAD DATA LOCAL is allowed.

## What
local_infile is on, which is the default on MariaDB.

## Why it matters
A statement can have the client send a file of its machine. Who can inject a statement, or stands in for the server,
reads what the client may read.

## When it is fine
Loaders use it and nobody else connects; or clients refuse it themselves, as most do by now.

## How to fix it
Switch it off, which takes no restart, after having asked who loads files so.

## Sources
MySQL manual, "Security Considerations for LOAD DATA LOCAL"; MariaDB documentation, local_infile.
"""

from __future__ import annotations

from collections.abc import Iterator

from auditor.model.check import Check
from auditor.model.facts import Facts
from auditor.model.finding import Verdict
from auditor.model.units import SERVER
from auditor.model.vocabulary import Pillar, Severity
from auditor_checks._settings import PRODUCTS, invisible, is_on, setting_flaw

CHECK = Check(
    title="Clients may be asked for their files",
    passed="Server asks no client for its files",
    pillar=Pillar.SECURITY,
    severity=Severity.LOW,
    unit=SERVER,
    needs=("settings",),
    engines=PRODUCTS,
)


def judge(_server: Facts, facts: Facts) -> Iterator[Verdict]:
    """Read the setting."""
    value = facts.setting("local_infile")
    if value is None:
        yield invisible("local_infile")
    elif is_on(value):
        yield setting_flaw(
            facts,
            "local_infile",
            "OFF",
            explanation="The server accepts LOAD DATA LOCAL, which sends files of a client's machine.",
            recommendation="Switch it off unless a loader needs it; that takes no restart.",
            risk="an injected statement can read files of the client",
        )
