"""The partitions of a table end now or soon.

## What
Tables that are partitioned by ranges of a date or time whose newest partition ends before the next period begins:
less than one period ahead, or a month where the periods are longer. Tables whose last partition is open, and tables
that are partitioned by something else than time, are not meant. MySQL and MariaDB: a last partition up to MAXVALUE is
taken for a default partition.

## Why it matters
When the last partition ends, inserts fail; or, with a default partition, rows pile up there and block the partitions
that should have been.

## When it is fine
The table is closed and takes no new rows. Without inserts since the counters began the finding is only *possible*.

## How to fix it
Create the partitions of the coming periods now, and let a job do so, some periods ahead, with an alarm when it fails.

## Sources
PostgreSQL manual, "Table Partitioning", 5.12.2.2 "Partition Maintenance". MySQL manual, "RANGE Partitioning" and
"Management of RANGE and LIST Partitions".
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import NamedTuple

from auditor.model.catalog import Table, dotted
from auditor.model.check import Check
from auditor.model.facts import Facts
from auditor.model.finding import Evidence, Flaw, Impact, Subject, Unknown, Verdict
from auditor.model.operation import AddPartitions
from auditor.model.units import PARTITIONED_TABLES
from auditor.model.vocabulary import Confidence, Pillar, Severity
from auditor_checks._words import fitting
from auditor_checks.capacity._partitions import (
    default_of,
    ends_of_parts,
    interval_word,
    nodes,
    rest_of,
    spans,
    time_column,
)

CHECK = Check(
    title="Partitions for the coming period are missing",
    passed="Partitions reach into the coming period",
    pillar=Pillar.CAPACITY,
    severity=Severity.HIGH,
    unit=PARTITIONED_TABLES,
    needs=("tables", "columns", "partitions", "table-usage"),
    engines=("postgresql", "mysql", "mariadb"),
)


class _End(NamedTuple):
    """Where the partitions of a table end."""

    upper: datetime
    width: timedelta
    table: Table


def judge(root: Table, facts: Facts, *, max_lead_days: float = 31) -> Iterator[Verdict]:
    """Report the table if the partitions of time of it, or of a table below it, end too soon."""
    ends: list[_End] = []
    for table in nodes(root, facts):
        if time_column(table) is None or not (table.parts or facts.partitions.get(table.key)):
            continue
        if table.parts:
            yield from _end_of_parts(table, ends)
            continue
        found = spans(table, facts)
        if not found and default_of(table, facts) is None:
            yield Unknown(reason=f"the bounds of the partitions of {table.path} could not be read")
        elif found and found[-1].upper is not None and found[-1].width is not None:
            ends.append(_End(found[-1].upper, found[-1].width, table))
    late = [end for end in ends if end.upper - facts.now < min(end.width, timedelta(days=max_lead_days))]
    if not late:
        return
    first = min(late, key=lambda end: (end.upper, end.table.key))
    left = (first.upper - facts.now) / timedelta(days=1)
    usages = facts.told_usages(first.table)
    inserted = sum(usage.inserted for usage in usages) if usages else None
    default = _default(first.table, facts)
    day = first.upper.date().isoformat()
    yield Flaw(
        title=fitting(f"Partitions of {root.name} {'ended' if left <= 0 else 'end'} on {day}"),
        related=tuple(Subject(kind="partition", name=end.table.path) for end in late if end.table is not root)[:20],
        severity=_severity(left, inserted, default is not None),
        confidence=Confidence.CERTAIN if inserted else Confidence.POSSIBLE,
        evidence=(
            Evidence(name="newest bound", value=first.upper.isoformat(), probe="partitions"),
            Evidence(name="days left", value=round(left), unit="days", probe="partitions"),
            Evidence(name="days that a partition covers", value=first.width / timedelta(days=1), unit="days",
                     probe="partitions"),
            Evidence(name="default partition", value=default, probe="partitions"),
            Evidence(name="rows inserted", value=inserted, unit="rows", probe="table-usage"),
        ),
        impact=Impact(
            deadline=day,
            risk="rows land in the default partition" if default else "inserts of new rows fail",
        ),
        explanation=_explanation(first, left, default, inserted),
        recommendation=(
            "Create the partitions of the coming periods, and let a job keep some of them ahead, with an alarm when it "
            "fails; leave it if the table is closed."
        ),
        operations=tuple(
            AddPartitions(
                schema=end.table.schema, table=end.table.name, column=end.table.partition_columns[0],
                interval=interval_word(end.width), from_bound=end.upper.date().isoformat(),
            )
            for end in late
        ),
    )  # fmt: skip


def _end_of_parts(table: Table, ends: list[_End], *, usual: timedelta = timedelta(days=30)) -> Iterator[Unknown]:
    """Add where the partitions end that are no tables; a single one tells no period, and the usual one is assumed."""
    found = ends_of_parts(table)
    if found and all(part.until or part.rest for part in table.parts):
        width = found[-1] - found[-2] if len(found) > 1 else usual
        ends.append(_End(found[-1], width, table))
    elif not all(part.rest for part in table.parts):
        yield Unknown(reason=f"the bounds of the partitions of {table.path} could not be read")


def _default(table: Table, facts: Facts) -> str | None:
    """The name of what takes the rows that no other partition is meant for."""
    default, rest = default_of(table, facts), rest_of(table)
    if default is not None:
        return default.path
    return dotted(table.schema, table.name, rest[0].name) if rest else None


def _severity(left: float, inserted: int | None, caught: bool) -> Severity:
    if not inserted:
        return Severity.LOW
    if caught:
        return Severity.MEDIUM
    return Severity.CRITICAL if left <= 7 else Severity.HIGH


def _explanation(end: _End, left: float, default: str | None, inserted: int | None) -> str:
    when = f"ended {-left:,.0f} days ago" if left <= 0 else f"ends in {left:,.0f} days"
    after = (
        f"Rows after that go to the default partition {default}." if default else "Rows after that cannot be inserted."
    )
    quiet = "" if inserted else " No insert was counted, so the table may be closed."
    return f"The newest partition of {end.table.path} {when} ({end.upper.date().isoformat()}). {after}{quiet}"
