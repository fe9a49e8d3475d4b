"""Periods of one thing may overlap.

## What
Tables with a start and an end (valid_from and valid_to, or the like) and a key of their subject together with the
start, which nothing keeps from overlapping: no exclusion constraint, no key WITHOUT OVERLAPS.

## Why it matters
The key shows that at one moment one row is meant to hold, but it only forbids equal starts. Two prices for the same day
are accepted, and a join by date returns the row twice: invoices are wrong, and nobody sees an error.

## When it is fine
Periods may overlap by design: bookings of a resource with several places.

## How to fix it
Look for overlaps and mend them, then add an exclusion constraint over the subject and the range (with btree_gist), or,
from version 18, a key WITHOUT OVERLAPS. Building it locks the table against writes: on a large one, by way of a copy.

## Sources
PostgreSQL manual, "Constraints on Ranges"; "CREATE TABLE": EXCLUDE, WITHOUT OVERLAPS.
"""

from __future__ import annotations

from collections.abc import Iterator

from auditor.model.catalog import Column, Table
from auditor.model.check import Check
from auditor.model.facts import Facts
from auditor.model.finding import Evidence, Flaw, Impact
from auditor.model.operation import AddExclusion, ChangeApplication
from auditor.model.units import TABLES
from auditor.model.vocabulary import Confidence, Pillar, Severity
from auditor_checks._names import words
from auditor_checks._words import fitting

CHECK = Check(
    title="Periods of one thing may overlap",
    passed="Periods of one thing cannot overlap",
    pillar=Pillar.INTEGRITY,
    severity=Severity.MEDIUM,
    confidence=Confidence.LIKELY,
    unit=TABLES,
    needs=("tables", "columns", "constraints", "indexes", "triggers"),
    engines=("postgresql",),
)
FIRST = {"valid", "effective", "active"}
STARTS, ENDS = {"from", "since", "start"}, {"to", "until", "till", "thru", "through", "end"}
TIMES = ("date", "timestamp", "timestamp-tz")


def judge(table: Table, facts: Facts) -> Iterator[Flaw]:
    """Look for a key of subject and start, where the table has an end as well and nothing forbids overlaps."""
    pair = _period(table)
    if pair is None:
        return
    start, end = pair
    keys = [
        index
        for index in facts.indexes_of(table.key)
        if index.unique and index.predicate is None and len(index.columns) > 1 and start.name in index.columns
    ]
    guards = [
        *facts.constraints_of(table.key, "exclusion"),
        *(i for i in facts.indexes_of(table.key) if i.exclusion or i.method == "gist"),
        *(t for t in facts.triggers if t.table_key == table.key and t.timing != "instead of"),
    ]
    if not keys or guards:
        return
    subject = [name for name in keys[0].columns if name not in (start.name, end.name)]
    yield Flaw(
        title=fitting(f"Periods of one {', '.join(subject)} in {table.path} may overlap"),
        evidence=(
            Evidence(name="start", value=start.name, probe="columns"),
            Evidence(name="end", value=end.name, probe="columns"),
            Evidence(name="key that holds the start", value=keys[0].name, probe="indexes"),
            Evidence(name="exclusion constraints", value=0, unit="constraints", probe="constraints"),
            Evidence(name="rows", value=round(facts.rows(table)), unit="rows", probe="tables"),
        ),
        impact=Impact(rows=round(facts.rows(table)), risk="a question for one day returns two rows"),
        explanation=(
            f"{keys[0].name} lets no two periods of the same {', '.join(subject)} start at the same {start.name}; "
            f"that one starts before another's {end.name} is forbidden by nothing."
        ),
        recommendation="Look for overlaps, then add an exclusion constraint over the subject and the range.",
        operations=(_remedy(table, subject, start.name, end.name),),
    )


def _period(table: Table) -> tuple[Column, Column] | None:
    """The start and the end of the table's period, as far as names and types tell."""
    times = [(words(column.name), column) for column in table.columns if column.family in TIMES]
    for name, start in times:
        if len(name) < 2 or name[0] not in FIRST or name[1] not in STARTS:
            continue
        for other, end in times:
            alike = len(other) > 1 and other[0] == name[0] and other[1] in ENDS and other[2:] == name[2:]
            if alike and start.family == end.family:
                return start, end
    return None


def _remedy(table: Table, subject: list[str], start: str, end: str) -> AddExclusion | ChangeApplication:
    """Exclude overlaps where the key tells the subject and the table is a plain one; else people have to look."""
    if subject and table.kind == "table" and table.parent is None:
        return AddExclusion(schema=table.schema, table=table.name, columns=tuple(subject), period=(start, end))
    return ChangeApplication(
        topic="overlapping-periods",
        subject=table.path,
        instruction=(
            f"Mend overlaps in {table.path}, then exclude them: {', '.join(subject)} WITH =, "
            f"range({start}, {end}) WITH &&."
        ),
    )
