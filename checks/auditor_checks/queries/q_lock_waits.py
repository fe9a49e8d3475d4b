"""Statements wait for locks, and the log says which.

## What
Statements of which the log tells that they waited for a lock, often and long enough to matter. PostgreSQL logs a wait
with `log_lock_waits` once it lasts longer than `deadlock_timeout`; the slow query logs of MySQL and MariaDB give the
time of locks with each statement (on MySQL that of row locks, on MariaDB that of table and metadata locks).

## Why it matters
While a statement waits, its user waits and its connection is held. Waits grow faster than the load, until the pool of
connections is empty.

## When it is fine
One wait behind a planned migration. Queues that lock on purpose are better served by SKIP LOCKED.

## How to fix it
Find who holds the lock (a long transaction, a hot row, a schema change), shorten that, and give every session a limit.

PostgreSQL: That is `lock_timeout`.

MySQL, MariaDB: These are `innodb_lock_wait_timeout` and `lock_wait_timeout`.

## Sources
PostgreSQL manual, "Error Reporting and Logging": log_lock_waits; MySQL manual, "The Slow Query Log"; MariaDB manual,
"Slow Query Log Overview".
"""

from __future__ import annotations

from collections.abc import Iterator

from auditor.model.check import Check
from auditor.model.facts import Facts
from auditor.model.finding import Flaw, Impact, Unknown, Verdict
from auditor.model.operation import ChangeApplication
from auditor.model.units import LOGS
from auditor.model.vocabulary import Pillar, Severity
from auditor.model.workload import SlowLog
from auditor_checks._words import fitting
from auditor_checks.queries._logged import evidence, is_statement, logged
from auditor_checks.queries._statements import short

CHECK = Check(
    title="Statements wait for locks",
    passed="No logged statement waits long for locks",
    pillar=Pillar.TRANSACTIONS,
    severity=Severity.MEDIUM,
    unit=LOGS,
    needs=(),  # without a log there is nothing to look at
    engines=("postgresql", "mysql", "mariadb", "mongodb"),
)


def judge(
    log: SlowLog | Unknown,
    facts: Facts,  # noqa: ARG001 -- every judge has it
    *,
    minimum_ms: float = 5_000,
    min_waits: float = 3,
    high_ms: float = 60_000,
    most: float = 10,
) -> Iterator[Verdict]:
    """Compare each statement's waits with the limits; a single wait counts when it is very long."""
    if isinstance(log, Unknown):
        yield log
        return
    waits = [entry for entry in log.entries if entry.kind == "lock-wait" and is_statement(entry)]
    long = [
        entry
        for entry in waits
        if entry.total_ms >= minimum_ms and (entry.count >= min_waits or entry.maximum_ms >= high_ms)
    ]
    for entry in sorted(long, key=lambda entry: (-entry.total_ms, entry.text))[: int(most)]:
        yield Flaw(
            subject=logged(entry),
            title=fitting(f"A statement waited {entry.count} times for locks, {entry.total_ms / 1000:,.0f} s in all"),
            severity=Severity.HIGH if entry.maximum_ms >= high_ms else Severity.MEDIUM,
            evidence=evidence(entry, "waits"),
            impact=Impact(milliseconds=round(entry.total_ms, 1)),
            explanation=(
                f"The log tells of {entry.count:,} waits of this statement, the longest of "
                f"{entry.maximum_ms / 1000:,.1f} s."
            ),
            recommendation="Find who holds the lock meanwhile and shorten it; give sessions a lock timeout.",
            operations=(
                ChangeApplication(
                    topic="lock-waits",
                    subject=logged(entry).name,
                    instruction=f"Find what holds the lock that this waits for: {short(entry.text)}",
                ),
            ),
        )
