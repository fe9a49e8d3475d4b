"""A table that is written all the time runs a trigger for each row.

## What
Row triggers that fire ten times a second and more, on the average of the counted time. Those of online schema changes
that were left behind are another check's business.

## Why it matters
The trigger runs within the statement that fired it: its time is added to each row, what it locks stays locked until the
transaction ends, and what it does is in no statistics of statements. What it writes to another table makes two writes
of one, and a queue of those who write to the same row there.

MySQL, MariaDB: gh-ost refuses a table with triggers, and pt-online-schema-change takes it with --preserve-triggers
only.

## When it is fine
An audit that a law asks for; a trigger that only sets a column of the row itself costs little.

## How to fix it
Let a default or a generated column do what it can. Move the rest to the application, or to a reader of the log of
changes, which runs behind and not within the transaction.

## Sources
MySQL manual, "Trigger Syntax and Examples"; MariaDB documentation, "Trigger Overview"; the requirements of gh-ost.
"""

from __future__ import annotations

from collections.abc import Iterator

from auditor.model.catalog import Table, Trigger
from auditor.model.check import Check
from auditor.model.facts import Facts
from auditor.model.finding import Evidence, Flaw, Impact, Subject, Unknown, Verdict
from auditor.model.operation import ChangeApplication
from auditor.model.units import TABLES
from auditor.model.vocabulary import Confidence, Pillar, Severity
from auditor_checks._settings import PRODUCTS
from auditor_checks._words import fitting

CHECK = Check(
    title="Busy table runs triggers for each row",
    passed="Busy tables run no triggers",
    pillar=Pillar.QUERIES,
    severity=Severity.LOW,
    confidence=Confidence.LIKELY,
    unit=TABLES,
    needs=("tables", "triggers", "table-usage"),
    engines=PRODUCTS,
)
_SECONDS_PER_DAY = 86400.0
_OF_TOOLS = ("pt_osc_",)
"""How the names of triggers begin that a tool makes for the time of a change."""


def judge(
    table: Table, facts: Facts, *, per_second: float = 10, medium_per_second: float = 100, min_days: float = 1
) -> Iterator[Verdict]:
    """Count how often the table's triggers fired: once for each row of their events."""
    triggers = [
        trigger
        for trigger in facts.catalog.triggers
        if trigger.table_key == table.key and trigger.level == "row" and not trigger.name.startswith(_OF_TOOLS)
    ]
    if not triggers:
        return
    days, usages = facts.stats_days, facts.told_usages(table)
    if days is None or days < min_days or not usages:
        why = "is not counted" if not usages else f"has been counted for less than {min_days:g} days"
        yield Unknown(reason=f"what is written to {table.path} {why}")
        return
    counts = {
        "insert": sum(usage.inserted for usage in usages),
        "update": sum(usage.updated for usage in usages),
        "delete": sum(usage.deleted for usage in usages),
    }
    fired = sum(counts.get(event, 0) for trigger in triggers for event in trigger.events)
    rate = fired / (days * _SECONDS_PER_DAY)
    if rate >= per_second:
        yield _flaw(table, triggers, fired, days, busy=rate >= medium_per_second)


def _flaw(table: Table, triggers: list[Trigger], fired: int, days: float, *, busy: bool) -> Flaw:
    written = sorted({".".join(key) for trigger in triggers for key in trigger.writes})
    return Flaw(
        title=fitting(f"Triggers of {table.name} fire {fired / (days * _SECONDS_PER_DAY):,.0f} times a second"),
        severity=Severity.MEDIUM if busy and written else Severity.LOW,
        related=(
            *(Subject(kind="trigger", name=trigger.path) for trigger in triggers),
            *(Subject(kind="table", name=name) for name in written),
        ),
        evidence=(
            Evidence(name="triggers", value=len(triggers), unit="triggers", probe="triggers"),
            Evidence(name="rows for which they fired", value=fired, unit="rows", probe="table-usage"),
            Evidence(name="days counted", value=round(days, 1), unit="days", probe="status"),
            Evidence(name="tables that they write to", value=", ".join(written) or "none", probe="triggers"),
        ),
        impact=Impact(risk="each write is longer than it looks, and holds more locks"),
        explanation=f"{', '.join(trigger.name for trigger in triggers)} fired {fired:,} times in {days:,.1f} days"
        + (f" and wrote to {', '.join(written)} each time." if written else "."),
        recommendation="Let a default or a generated column do what it can, and move the rest out of the transaction.",
        operations=(
            ChangeApplication(
                topic="hot-trigger",
                subject=table.path,
                instruction=f"Find out what the triggers of {table.path} do, and who could do it elsewhere: "
                f"{', '.join(trigger.name for trigger in triggers)}.",
            ),
        ),
    )
