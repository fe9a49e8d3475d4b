"""Transactions wait for rows that others have locked.

## What
InnoDB counted more waits for row locks than the limit in a minute, or more sessions waiting at once on average than a
few.

## Why it matters
Who waits holds a connection and its own locks: waits of one transaction become those of many.

## When it is fine
Many workers take from one queue; better with SKIP LOCKED.

## How to fix it
Give updates an index so that they lock fewer rows, keep transactions short, and take hot counters apart.

## Sources
MySQL manual, "InnoDB Locking"; Innodb_row_lock_waits and Innodb_row_lock_time.
"""

from __future__ import annotations

from collections.abc import Iterator

from auditor.model.check import Check
from auditor.model.facts import Facts
from auditor.model.finding import Evidence, Flaw, Impact, Unknown, Verdict
from auditor.model.operation import ChangeApplication
from auditor.model.units import SERVER
from auditor.model.vocabulary import Pillar, Severity
from auditor.text import duration
from auditor_checks._settings import PRODUCTS

CHECK = Check(
    title="Transactions wait long for rows",
    passed="Transactions hardly wait for rows",
    pillar=Pillar.TRANSACTIONS,
    severity=Severity.MEDIUM,
    unit=SERVER,
    needs=("status",),
    engines=PRODUCTS,
)
NAMES = ("innodb_row_lock_waits", "innodb_row_lock_time")


def judge(
    _server: Facts, facts: Facts, *, per_minute: float = 60, waiting: float = 1, min_days: float = 0.1
) -> Iterator[Verdict]:
    """Divide the waits, and the time that was spent in them, by the time in which they were counted."""
    days = facts.counted_days(NAMES, min_days)
    if isinstance(days, Unknown):
        yield days
        return
    waits, milliseconds = (facts.counter(name) or 0.0 for name in NAMES)
    rate, average = waits / (days * 1440), milliseconds / 1000 / (days * 86400)
    if not waits or (rate < per_minute and average < waiting):
        return
    yield Flaw(
        title=f"Transactions wait for rows {rate:,.0f} times a minute",
        severity=Severity.HIGH if average >= waiting else Severity.MEDIUM,
        evidence=(
            Evidence(name="waits for rows", value=waits, unit="waits", probe="status"),
            Evidence(name="time spent waiting", value=round(milliseconds / 1000, 1), unit="seconds", probe="status"),
            Evidence(name="sessions waiting on average", value=round(average, 3), unit="sessions", probe="status"),
            Evidence(name="days counted", value=round(days, 2), unit="days", probe="status"),
        ),
        impact=Impact(milliseconds=milliseconds, risk="sessions pile up behind each other"),
        explanation=f"{waits:,.0f} waits took {duration(milliseconds / 1000)} in {days:.1f} days.",
        recommendation="Index what updates search by, keep transactions short, and take hot rows apart.",
        operations=(
            ChangeApplication(
                topic="lock-waits",
                subject="server",
                instruction="Find the rows that are waited for, index what updates search by, keep transactions short.",
            ),
        ),
    )
