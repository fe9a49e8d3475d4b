"""The redo log is too small for what is written.

## What
The redo log is full within an hour at the rate since the start of the server; or, on MariaDB, the checkpoint is near
the end of the log at this moment.

## Why it matters
When the log is full InnoDB has to write pages at once, and all writers wait for it. A larger log lets pages be written
when there is time, and once instead of many times.

## When it is fine
A load has just run, and the rate since the start is that of the load.

## How to fix it
Make innodb_redo_log_capacity (MySQL from 8.0.30 on) or innodb_log_file_size (MariaDB) larger; both take no restart on
current versions. A larger log makes the recovery after a crash longer.

## Sources
MySQL manual, "Redo Log: Configuring Redo Log Capacity"; MariaDB documentation, "InnoDB Redo Log".
"""

from __future__ import annotations

from collections.abc import Iterator

from auditor.model.check import Check
from auditor.model.facts import Facts
from auditor.model.finding import Evidence, Unknown, Verdict
from auditor.model.units import SERVER
from auditor.model.vocabulary import Pillar, Severity
from auditor.text import duration, size
from auditor_checks._settings import PRODUCTS, invisible, setting_flaw

CHECK = Check(
    title="The redo log holds less than an hour of writes",
    passed="The redo log holds an hour of writes",
    pillar=Pillar.CAPACITY,
    severity=Severity.MEDIUM,
    unit=SERVER,
    needs=(
        "settings",
        "status",
    ),
    engines=PRODUCTS,
)
NAMES = ("innodb_redo_log_capacity", "innodb_log_file_size")


def judge(
    _server: Facts, facts: Facts, *, hours: float = 1, min_days: float = 1, full: float = 0.75
) -> Iterator[Verdict]:
    """Divide the capacity by the rate of writes; look at the age of the checkpoint where it is told."""
    name = next((name for name in NAMES if name in facts.settings), None)
    capacity = None if name is None else facts.setting_number(name)
    if name is None or capacity is None:
        yield invisible(*NAMES)
        return
    capacity *= (facts.setting_number("innodb_log_files_in_group") or 1) if name == NAMES[1] else 1
    age, limit = facts.counter("innodb_checkpoint_age"), facts.counter("innodb_checkpoint_max_age")
    days = facts.counted_days(("innodb_os_log_written",), min_days)
    written = facts.counter("innodb_os_log_written") or 0.0
    full_now = age is not None and limit is not None and limit > 0 and age >= full * limit
    if isinstance(days, Unknown) and not full_now:
        yield days
        return
    hourly = 0.0 if isinstance(days, Unknown) else written / (days * 24)
    if not full_now and hourly * hours < capacity:
        return
    wanted = int(max(2 * capacity, 2 * hours * hourly))
    yield setting_flaw(
        facts,
        name,
        f"{wanted}",
        title=f"The redo log of {size(capacity)} is full within {duration(3600 * capacity / hourly)}"
        if hourly
        else f"The redo log of {size(capacity)} is nearly full",
        evidence=(
            Evidence(name="capacity of the redo log", value=capacity, unit="bytes", probe="settings"),
            Evidence(name="written in an hour", value=round(hourly), unit="bytes", probe="status"),
            Evidence(name="age of the checkpoint", value=age, unit="bytes", probe="status"),
        ),
        explanation=f"{size(hourly)} are written to the redo log in an hour, and it holds {size(capacity)}."
        if hourly
        else f"The checkpoint is {size(age)} behind, of {size(limit)} that it may be.",
        recommendation="Let it hold an hour or two of writes; that takes no restart on current versions.",
        risk="writers wait while pages are written to make room",
    )
