"""A handful of rows is updated all the time.

## What
Small tables whose rows are each updated many times a minute, on average over at least a day: counters, totals, the last
number given out.

## Why it matters
An update locks its row until the end of its transaction: all who want the same row stand in a queue, and nothing that
they do gets faster than one after the other.

PostgreSQL: Every update leaves a dead row, so that a table of ten rows grows to megabytes between two vacuums.

## When it is fine
One worker alone updates it, and nobody waits.

## How to fix it
Spread the counter over several rows that are added up when read, or insert events and sum them up now and then; make
the update the last statement of its transaction. A fillfactor of 10 to 50 keeps the updates on the page.

## Sources
PostgreSQL manual, "Row-Level Locks"; "Heap-Only Tuples"; view pg_stat_all_tables: n_tup_upd.
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
from auditor_checks._words import counted, fitting

CHECK = Check(
    title="Handful of rows is updated all the time",
    passed="No handful of rows is updated all the time",
    pillar=Pillar.TRANSACTIONS,
    severity=Severity.LOW,
    confidence=Confidence.LIKELY,
    unit=TABLES,
    needs=("tables", "table-usage"),
)


def judge(
    table: Table, facts: Facts, *, rows: float = 100, per_row_and_minute: float = 30, min_days: float = 1
) -> Iterator[Verdict]:
    """Divide the updates by the rows and the time."""
    usage, held = table.usage, facts.rows(table)
    if usage is None or table.kind != "table" or not 1 <= held <= rows or not (usage.updated or usage.changed):
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
    yield Flaw(
        title=fitting(f"Each row of {table.path} is updated {rate:,.0f} times a minute"),
        evidence=(
            Evidence(name="rows", value=round(held), unit="rows", probe="tables"),
            Evidence(name="updates", value=usage.updated, unit="updates", probe="table-usage"),
            Evidence(name="days counted", value=round(days, 1), unit="days", probe=facts.activity_probe),
            Evidence(name="updates of a row", value=round(rate, 1), unit="per minute", probe="table-usage"),
        ),
        impact=Impact(risk="whoever updates the same row waits for the other's commit"),
        explanation=f"{usage.updated:,} updates fell on {counted(round(held), 'row')} in {days:.1f} days.",
        recommendation="Spread the counter over several rows, or insert events and sum them up.",
        operations=(
            ChangeApplication(
                topic="hot-row",
                subject=table.path,
                instruction=f"Spread the updates of {table.path} over more rows, or gather them before writing.",
            ),
        ),
    )
