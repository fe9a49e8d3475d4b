"""A handful of rows is updated all the time.

## What
Small tables whose rows are each updated many times a minute, on average over at least a day: counters, totals, the last
number given out.

## Why it matters
All who want the same row do what they do one after the other, however many they are.

PostgreSQL, MySQL, MariaDB: An update locks its row until the end of its transaction, and the others stand in a queue.

MongoDB: Updates of a document that meet have to begin again, and end a transaction that they are part of.

PostgreSQL: Every update leaves a dead row, so that a table of ten rows grows to megabytes between two vacuums.

## When it is fine
One worker alone updates it, and nobody waits.

## How to fix it
Spread the counter over several rows that are added up when read, or insert events and sum them up now and then; make
the update the last statement of its transaction.

PostgreSQL: A fillfactor of 10 to 50 keeps the updates on the page.

## Sources
PostgreSQL manual, "Row-Level Locks"; "Heap-Only Tuples"; view pg_stat_all_tables: n_tup_upd. MongoDB
manual, "Transactions", In-progress Transactions and Write Conflicts; "top".
"""

from __future__ import annotations

from collections.abc import Iterator

from auditor.model.catalog import Table
from auditor.model.check import Check
from auditor.model.facts import Facts
from auditor.model.finding import Evidence, Flaw, Impact, Unknown, Verdict
from auditor.model.operation import ChangeApplication
from auditor.model.units import TABLES
from auditor.model.vocabulary import Confidence, Pillar, Severity
from auditor_checks._words import USAGE, counted, fitting

CHECK = Check(
    title="Handful of rows is updated all the time",
    passed="No handful of rows is updated all the time",
    pillar=Pillar.TRANSACTIONS,
    severity=Severity.LOW,
    confidence=Confidence.LIKELY,
    unit=TABLES,
    needs=("tables|collections", "table-usage|collection-usage"),
)


def judge(
    table: Table, facts: Facts, *, rows: float = 100, per_row_and_minute: float = 30, min_days: float = 1
) -> Iterator[Verdict]:
    """Divide the updates by the rows and the time."""
    usage, held = table.usage, facts.rows(table)
    if (
        usage is None
        or table.kind not in ("table", "collection")
        or not 1 <= held <= rows
        or not (usage.updated or usage.changed)
    ):
        return
    # Rows that come and go are a queue: what was updated is gone.
    if usage.deleted > usage.updated * 0.1:
        return
    days = facts.stats_days
    if days is None:
        yield Unknown(reason="how long usage has been counted is not known")
        return
    minutes = max(days, 1 / 1440) * 1440
    if usage.changed is not None:
        if usage.changed / held / minutes >= per_row_and_minute:
            yield Unknown(reason=f"how many of the writes to {table.path} were updates is not counted")
        return
    rate = usage.updated / held / minutes
    if rate < per_row_and_minute:
        return
    if days < min_days:
        yield Unknown(reason=f"usage has been counted for {days:.1f} days; {min_days:g} are needed")
        return
    row, counter = facts.capabilities.terms.row, "server-status" if table.kind == "collection" else facts.activity_probe
    yield Flaw(
        title=fitting(f"Each {row} of {table.path} is updated {rate:,.0f} times a minute"),
        evidence=(
            Evidence(name="rows", value=round(held), unit="rows", probe="tables|collection-sizes"),
            Evidence(name="updates", value=usage.updated, unit="updates", probe=USAGE),
            Evidence(name="days counted", value=round(days, 1), unit="days", probe=counter),
            Evidence(name="updates of a row", value=round(rate, 1), unit="per minute", probe=USAGE),
        ),
        impact=Impact(risk="whoever updates the same one waits for the other"),
        explanation=f"{usage.updated:,} updates fell on {counted(round(held), row)} in {days:.1f} days.",
        recommendation=f"Spread the counter over several {row}s, or insert events and sum them up.",
        operations=(
            ChangeApplication(
                topic="hot-row",
                subject=table.path,
                instruction=f"Spread the updates of {table.path} over more {row}s, or gather them before writing.",
            ),
        ),
    )
