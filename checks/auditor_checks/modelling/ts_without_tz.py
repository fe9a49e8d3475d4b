"""A column records a moment without its time zone.

## What
Columns of type timestamp without time zone that hold moments (created_at, paid_on …), and time with time zone, which
cannot name a zone's rules.

## Why it matters
The stored value means nothing without knowing the zone of whoever wrote it. Two servers, or one server after a change
of its TimeZone setting, disagree by hours, and an hour repeats when summer time ends.

## When it is fine
Civil time that is meant to stay the same on the clock: opening hours, birthdays with a time, schedules in local time.
Their names tell (local, opens, closes, scheduled for a place), and they are left out; so are columns whose name says
that they are UTC, and the tables of migration tools.

## How to fix it
Use timestamp with time zone. When all values are UTC, the conversion with the session's TimeZone set to UTC does not
rewrite the table, but rebuilds indexes over the column.

## Sources
PostgreSQL manual, "Date/Time Types"; PostgreSQL wiki, "Don't Do This": don't use timestamp (without time zone).
"""

from __future__ import annotations

from collections.abc import Iterator

from auditor.model.catalog import Column, Table
from auditor.model.check import Check
from auditor.model.facts import Facts
from auditor.model.finding import Evidence, Flaw, Subject
from auditor.model.operation import ChangeApplication, ChangeColumnType
from auditor.model.units import TABLES
from auditor.model.vocabulary import Confidence, Pillar, Severity
from auditor_checks._bookkeeping import tool_of
from auditor_checks._names import words
from auditor_checks._words import fitting

CHECK = Check(
    title="Moments are stored without time zone",
    passed="Moments are stored with time zone",
    pillar=Pillar.MODELLING,
    severity=Severity.LOW,
    confidence=Confidence.LIKELY,
    unit=TABLES,
    needs=("tables", "columns"),
    engines=("postgresql",),
)
CIVIL = frozenset(
    ("utc local civil wall opens opening closes closing hours schedule scheduled shift timetable").split()
)

_ADVICE = (
    "Make new columns timestamp with time zone; convert an old one when its table is changed for another reason, or at "
    "once where both kinds stand side by side."
)


def judge(table: Table, facts: Facts) -> Iterator[Flaw]:
    """Report the table's columns that hold moments without a zone."""
    if tool_of(table) is not None:
        return
    bare = [c for c in table.columns if c.family in ("timestamp", "time-tz") and not CIVIL & set(words(c.name))]
    for column in bare:
        yield _flaw(table, column, facts)


def _flaw(table: Table, column: Column, facts: Facts) -> Flaw:
    zoned = [c.name for c in table.columns if c.family == "timestamp-tz"]
    name = table.column_path(column.name)
    return Flaw(
        title=fitting(f"{column.name} has no time zone"),
        subject=Subject(kind="column", name=name),
        related=(Subject(kind="table", name=table.path),),
        severity=Severity.MEDIUM if zoned else Severity.LOW,
        evidence=(
            Evidence(name="type", value=column.type, probe="columns"),
            Evidence(name="columns of the table with a zone", value=len(zoned), unit="columns", probe="columns"),
            Evidence(name="rows", value=round(facts.rows(table)), unit="rows", probe="tables"),
        ),
        explanation=(
            f"{name} stores what a clock showed, not when"
            + (f", beside {zoned[0]}, which stores the moment: comparing the two is wrong." if zoned else ".")
        ),
        recommendation=f"Find out which zone the writers meant (usually UTC). {_ADVICE}",
        operations=_operations(table, column, bool(zoned)),
        discriminator=column.name,
    )


def _operations(table: Table, column: Column, mixed: bool) -> tuple[ChangeColumnType | ChangeApplication, ...]:
    """Convert where moments with and without zone stand side by side; elsewhere it is one decision for the schema."""
    if mixed and column.family == "timestamp":
        return (
            ChangeColumnType(
                schema=table.schema,
                table=table.name,
                column=column.name,
                from_type=column.type,
                to_type="timestamp with time zone",
                using="{column} AT TIME ZONE 'UTC'",
            ),
        )
    return (ChangeApplication(topic="time-zones", subject=table.schema, instruction=_ADVICE),)
