"""REPEATABLE READ allows lost updates.

## What
MariaDB: innodb_snapshot_isolation is off while transactions are REPEATABLE READ.

## Why it matters
A transaction reads from its snapshot, but updates and locking reads see the newest rows: it can overwrite a change that
it has never seen, without an error.

## When it is fine
The application locks what it reads before it changes it, or compares a version. Others would have to handle a new error
(1020) first: it is no free switch.

## How to fix it
Let some sessions try it and handle the error by a retry; then set it for all. It is on by default since 11.6.2.

## Sources
MariaDB documentation, innodb_snapshot_isolation.
"""

from __future__ import annotations

from collections.abc import Iterator

from auditor.model.check import Check
from auditor.model.facts import Facts
from auditor.model.finding import Evidence, Verdict
from auditor.model.units import SERVER
from auditor.model.vocabulary import Confidence, Pillar, Severity
from auditor_checks._settings import is_off, setting_flaw

CHECK = Check(
    title="A transaction may overwrite what it never saw",
    passed="A transaction never overwrites what it did not see",
    pillar=Pillar.TRANSACTIONS,
    severity=Severity.LOW,
    confidence=Confidence.POSSIBLE,
    unit=SERVER,
    needs=("settings",),
    engines=("mariadb",),
)


def judge(_server: Facts, facts: Facts) -> Iterator[Verdict]:
    """Read the setting where the product has it."""
    value = facts.setting("innodb_snapshot_isolation")
    isolation = facts.setting("transaction_isolation") or facts.setting("tx_isolation") or ""
    if value is not None and is_off(value) and isolation.upper() == "REPEATABLE-READ":
        yield setting_flaw(
            facts,
            "innodb_snapshot_isolation",
            "ON",
            evidence=(Evidence(name="isolation of the server", value=isolation, probe="settings"),),
            explanation="A transaction that reads, computes and writes can undo a change that came in between.",
            recommendation="Try it in some sessions that retry on error 1020, then set it for all.",
            risk="lost updates without an error",
        )
