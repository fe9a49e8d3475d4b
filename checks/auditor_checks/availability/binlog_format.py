"""The binary log does not say which rows changed.

## What
A binary log is written, and binlog_format is STATEMENT or MIXED, or binlog_row_image leaves columns out.

## Why it matters
A statement that is not deterministic does something else on the replica, and the data drifts apart without an error.
Change data capture and tools for online changes need rows, and whole ones.

## When it is fine
MIXED, the default on MariaDB, writes rows where a statement is known to be unsafe: it is graded low.

## How to fix it
Set ROW and FULL for new sessions, which takes no restart, and let pools open their connections again.

## Sources
MySQL manual, "Replication Formats"; MariaDB documentation, "Binary Log Formats".
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
    title="The binary log holds statements instead of rows",
    passed="The binary log holds whole rows",
    pillar=Pillar.AVAILABILITY,
    severity=Severity.MEDIUM,
    unit=SERVER,
    needs=("settings",),
    engines=PRODUCTS,
)


def judge(_server: Facts, facts: Facts) -> Iterator[Verdict]:
    """Read both settings where there is a binary log."""
    logs, form, image = (facts.setting(name) for name in ("log_bin", "binlog_format", "binlog_row_image"))
    if logs is None:
        yield invisible("log_bin")
    if not is_on(logs):
        return
    if form is not None and form.upper() != "ROW":
        mixed = form.upper() == "MIXED"
        yield setting_flaw(
            facts,
            "binlog_format",
            "ROW",
            severity=Severity.LOW if mixed else Severity.MEDIUM,
            title=f"The binary log is written as {form}",
            explanation="Replicas repeat statements"
            + (" that are held to be safe." if mixed else ", whatever they do."),
            recommendation="Set ROW, and let writers connect again.",
            risk="replicas drift apart from their source, and changes cannot be read from the log",
        )
    if image is not None and image.upper() not in ("FULL", "FULL_NODUP"):
        yield setting_flaw(
            facts,
            "binlog_row_image",
            "FULL",
            severity=Severity.LOW,
            title=f"The binary log holds rows in part: {image}",
            explanation="The log leaves out columns that did not change.",
            recommendation="Set FULL where something else than replicas reads the log.",
            risk="change data capture and a restore of single rows lack values",
        )
