"""Transactions deadlock.

## What
The database counted deadlocks at a rate above the limit since its counters began.

## Why it matters
In each deadlock the server kills one transaction: users see errors, and both sides have waited for deadlock_timeout.

## When it is fine
A few a month, retried by the application.

## How to fix it
Take locks in the same order in all code paths (sort the ids before updating), keep transactions short, and log lock
waits to find the pairs.

## Sources
PostgreSQL manual, "Deadlocks"; view pg_stat_database.
"""

from __future__ import annotations

from collections.abc import Iterator

from auditor.model.check import Check
from auditor.model.facts import Facts, moment
from auditor.model.finding import Evidence, Flaw, Unknown, Verdict
from auditor.model.operation import ChangeApplication
from auditor.model.server import Database
from auditor.model.units import COUNTED_DATABASES
from auditor.model.vocabulary import Pillar, Severity
from auditor_checks._words import fitting

CHECK = Check(
    title="Transactions deadlock",
    passed="Transactions do not deadlock",
    pillar=Pillar.TRANSACTIONS,
    severity=Severity.MEDIUM,
    unit=COUNTED_DATABASES,
    needs=("databases|innodb-metrics",),
)


def judge(
    database: Database, facts: Facts, *, per_day: float = 1, minimum: float = 3, high_per_day: float = 50
) -> Iterator[Verdict]:
    """Compare the deadlocks per day with the limit; windows of less than a day count as one."""
    if database.deadlocks is None:
        yield Unknown(reason="the counters of the database are not visible")
        return
    since = moment(database.stats_since)
    days = max(1.0, (facts.now - since).total_seconds() / 86400) if since else facts.stats_days
    if days is None:
        if database.deadlocks:
            yield Unknown(reason="the server does not tell since when it counts")
        return
    rate = database.deadlocks / max(1.0, days)
    probe = "databases" if database.name else "innodb-metrics"
    if database.deadlocks < minimum or rate < per_day:
        return
    yield Flaw(
        title=fitting(f"{database.deadlocks} deadlocks in {days:.0f} days"),
        severity=Severity.HIGH if rate >= high_per_day else Severity.MEDIUM,
        evidence=(
            Evidence(name="deadlocks", value=database.deadlocks, unit="deadlocks", probe=probe),
            Evidence(name="counted for", value=round(days, 1), unit="days", probe=probe),
            Evidence(name="rolled back transactions", value=database.rollbacks, unit="transactions", probe=probe),
        ),
        explanation=f"The server had to kill {database.deadlocks} transactions to end deadlocks in {days:.1f} days.",
        recommendation="Take locks in one order everywhere; log lock waits to find the pairs.",
        operations=(
            ChangeApplication(
                topic="deadlocks",
                subject=database.name or "server",
                instruction="Take row locks in the same order in all code paths.",
            ),
        ),
    )
