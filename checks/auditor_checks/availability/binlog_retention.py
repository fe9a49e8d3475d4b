"""Binary logs are kept too long or too short.

## What
A binary log is written, and its files never expire, which is the default on MariaDB, or expire within a day.

## Why it matters
Files that never expire fill the disk and stop the server. Files that go within hours are gone before the next backup is
made, or before a replica that was away has read them.

## When it is fine
Something else takes the files away, or copies each as it is closed.

## How to fix it
Keep them for longer than the time between two backups that are known to be good, and watch the disk.

## Sources
MySQL manual, binlog_expire_logs_seconds; MariaDB documentation, "Using and Maintaining the Binary Log".
"""

from __future__ import annotations

from collections.abc import Iterator

from auditor.model.check import Check
from auditor.model.facts import Facts
from auditor.model.finding import Verdict
from auditor.model.units import SERVER
from auditor.model.vocabulary import Pillar, Severity
from auditor.text import duration
from auditor_checks._settings import PRODUCTS, invisible, is_off, is_on, setting_flaw

CHECK = Check(
    title="Binary logs are kept for ever, or hardly",
    passed="Binary logs are kept for days",
    pillar=Pillar.AVAILABILITY,
    severity=Severity.MEDIUM,
    unit=SERVER,
    needs=("settings",),
    engines=PRODUCTS,
)
DAY = 86400.0


def judge(_server: Facts, facts: Facts) -> Iterator[Verdict]:
    """Read for how long files are kept; older versions count days."""
    if not is_on(facts.setting("log_bin")):
        if facts.setting("log_bin") is None:
            yield invisible("log_bin")
        return
    seconds, days = facts.setting_number("binlog_expire_logs_seconds"), facts.setting_number("expire_logs_days")
    limit = facts.setting_number("max_binlog_total_size")
    if seconds is None and days is None:
        yield invisible("binlog_expire_logs_seconds")
        return
    kept = seconds or (days or 0) * DAY
    if is_off(facts.setting("binlog_expire_logs_auto_purge")):
        kept = 0
    if kept >= DAY or (not kept and limit):
        return
    name = "binlog_expire_logs_seconds" if seconds is not None else "expire_logs_days"
    yield setting_flaw(
        facts,
        name,
        "604800" if seconds is not None else "7",
        severity=Severity.MEDIUM if kept else Severity.LOW,
        title=f"Binary logs expire after {duration(kept)}" if kept else "Binary logs never expire",
        explanation="Files of the binary log are " + (f"gone after {duration(kept)}." if kept else "kept for ever."),
        recommendation="Keep them for longer than two backups take, for instance a week.",
        risk="no restore to a point in time" if kept else "the disk fills up and the server stops",
    )
