"""InnoDB keeps more and more old versions of rows.

## What
The history list of InnoDB holds more transactions than the limit: changes that no purge has removed, mostly because an
old transaction might still want to see what was before.

## Why it matters
Every read of a changed row walks through its old versions, undo logs grow, and indexes keep entries of rows that are
gone. It gets slower until the old transaction ends, and for a while after.

## When it is fine
A large load has just ended, and the list is getting shorter.

## How to fix it
Find the oldest transaction and end it; then keep transactions short. Give the purge more threads if there is none.

## Sources
MySQL manual, "Purge Configuration"; MariaDB documentation, "InnoDB Purge".
"""

from __future__ import annotations

from collections.abc import Iterator

from auditor.model.check import Check
from auditor.model.facts import Facts
from auditor.model.finding import Evidence, Flaw, Impact, Unknown, Verdict
from auditor.model.operation import ChangeApplication
from auditor.model.units import SERVER
from auditor.model.vocabulary import Pillar, Severity
from auditor_checks._settings import PRODUCTS

CHECK = Check(
    title="Old versions of rows pile up",
    passed="Old versions of rows are removed in time",
    pillar=Pillar.TRANSACTIONS,
    severity=Severity.MEDIUM,
    unit=SERVER,
    needs=("innodb-metrics",),
    engines=PRODUCTS,
)
NAME = "innodb_history_list_length"


def judge(
    _server: Facts, facts: Facts, *, length: float = 100_000, high_length: float = 5_000_000
) -> Iterator[Verdict]:
    """Compare the length of the list with the limit, and name the oldest transaction with it."""
    found = facts.counter(NAME)
    if found is None:
        yield Unknown(reason="the length of the history list is not visible")
        return
    if found < length:
        return
    oldest = max((s.transaction_seconds for s in facts.sessions if s.transaction_seconds is not None), default=None)
    yield Flaw(
        title=f"{found:,.0f} transactions wait to be purged",
        severity=Severity.HIGH if found >= high_length else Severity.MEDIUM,
        evidence=(
            Evidence(name="length of the history list", value=found, unit="transactions", probe="innodb-metrics"),
            Evidence(name="oldest transaction", value=oldest, unit="seconds", probe="sessions"),
        ),
        impact=Impact(risk="reads get slower and undo logs grow until the oldest transaction ends"),
        explanation=f"InnoDB keeps old versions of the rows that {found:,.0f} transactions have changed.",
        recommendation="End the oldest transaction, and keep transactions short.",
        operations=(
            ChangeApplication(
                topic="old-transactions",
                subject="server",
                instruction="Find the oldest open transaction, end it, and keep transactions short.",
            ),
        ),
    )
