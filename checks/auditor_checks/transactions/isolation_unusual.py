"""The server isolates transactions in an unusual way.

## What
The default isolation of the server is READ UNCOMMITTED or SERIALIZABLE.

## Why it matters
READ UNCOMMITTED shows rows that are rolled back later. SERIALIZABLE locks each row that is read: readers and writers
wait for each other and deadlock.

## When it is fine
The application was written for it.

## How to fix it
Set it for the sessions that need it, and REPEATABLE READ or READ COMMITTED for all others.

## Sources
MySQL manual, "Transaction Isolation Levels".
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
    title="Transactions are isolated otherwise than applications expect",
    passed="Transactions are isolated as usual",
    pillar=Pillar.TRANSACTIONS,
    severity=Severity.LOW,
    unit=SERVER,
    needs=("settings",),
    engines=PRODUCTS,
)
NAMES = ("transaction_isolation", "tx_isolation")
UNUSUAL = {
    "READ-UNCOMMITTED": (Severity.MEDIUM, "transactions see what others take back later"),
    "SERIALIZABLE": (Severity.LOW, "whoever reads a row locks it, and readers deadlock with writers"),
}


def judge(_server: Facts, facts: Facts) -> Iterator[Verdict]:
    """Read the setting, which has an older and a newer name."""
    name = next((name for name in NAMES if name in facts.settings), None)
    if name is None:
        yield invisible(*NAMES)
        return
    value = (facts.setting(name) or "").upper().replace(" ", "-")
    if value in UNUSUAL:
        severity, harm = UNUSUAL[value]
        yield setting_flaw(
            facts,
            name,
            "REPEATABLE-READ",
            severity=severity,
            title=f"Transactions are {value} unless they say more",
            explanation=f"With {value} {harm}.",
            recommendation="Set it only in the sessions that need it; the default takes no restart.",
            risk=harm,
        )
