"""A column holds nothing, or the same value in every row.

## What
Columns that are null in every sampled row, or that hold one value in all of them, in tables of ten thousand rows or
more with fresh statistics. A mandatory column without a default is not called constant: somebody writes it each time.
Left out: flags, references, keys, the partition key, times (of something that has not happened yet), marks of deletion,
and columns that a view or a constraint uses. More than three in one table are one finding.

## Why it matters
A dead column is read by people, copied by tools and guarded by code for nothing; often it shows a feature that was
never finished or a value that is no longer written.

## When it is fine
The column is new, or for a case that has not come up. One audit cannot tell; two that agree months apart can.

## How to fix it
Find out who writes and reads it. When nobody does, stop mapping it in the application, then drop it: that changes
only the catalog.

## Sources
PostgreSQL manual, ALTER TABLE, DROP COLUMN: the space is not given back at once; view pg_stats: null_frac,
n_distinct.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from auditor.model.catalog import Column, Table
from auditor.model.check import Check
from auditor.model.facts import Facts
from auditor.model.finding import Evidence, Flaw, Unknown
from auditor.model.operation import ChangeApplication
from auditor.model.units import Unit
from auditor.model.vocabulary import Confidence, Pillar, Severity
from auditor_checks._soft_delete import marks_deletion
from auditor_checks.integrity._keys import column_subjects, table_subject
from auditor_checks.integrity._statistics import is_fresh, untold

_TIMES = ("date", "time", "time-tz", "timestamp", "timestamp-tz", "interval", "range")


class Plain(NamedTuple):
    """A table with those of its columns that nothing but their values gives a reason to be there."""

    table: Table
    columns: Sequence[Column]


def plain_columns(facts: Facts) -> list[Plain]:
    """The tables with columns outside of keys, flags, times and views."""
    viewed = {(schema, name, column) for view in facts.views for schema, name, column in view.columns_read}
    found = []
    for table in facts.tables:
        used = {c for constraint in facts.constraints_of(table.key) for c in constraint.columns}
        used.update(table.partition_columns)
        columns = [
            column
            for column in table.columns
            if column.name not in used and (table.schema, table.name, column.name) not in viewed
            and column.family != "boolean" and column.family not in _TIMES
            and column.generated is None and not marks_deletion(column)
        ]  # fmt: skip
        if columns:
            found.append(Plain(table, columns))
    return found


CHECK = Check(
    title="Column is empty or constant",
    passed="Columns hold values that differ",
    pillar=Pillar.INTEGRITY,
    severity=Severity.LOW,
    confidence=Confidence.POSSIBLE,
    unit=Unit(
        plural="tables with columns outside of keys, flags and times", items=plain_columns,
        subject=lambda item: table_subject(item.table), weight=lambda facts, item: facts.exposure(item.table),
    ),
    needs=("tables", "columns", "column-statistics", "constraints", "views"),
)  # fmt: skip


def judge(item: Plain, facts: Facts, *, least_rows: float = 10_000, most_apart: float = 3) -> Iterator[Flaw | Unknown]:
    """Report the columns of which fresh statistics of a large table know at most one value, many of them together."""
    table, rows = item.table, facts.rows(item.table)
    if rows < least_rows:
        return
    if unknown := untold(table, facts):
        yield unknown
        return
    if not is_fresh(table, facts):
        return
    dead = [(column, state) for column in item.columns if (state := _state(column)) is not None]
    groups = [dead] if len(dead) > most_apart else [[one] for one in dead]
    for group in groups:
        yield _flaw(table, group, rows)


def _state(column: Column) -> str | None:
    """What the statistics say of a dead column; None for one that lives or was not sampled."""
    statistics = column.statistics
    if statistics is None:
        return None
    if statistics.null_fraction == 1.0:
        return "is null"
    written = not column.nullable and column.default is None  # each insert names it
    return "holds one value" if statistics.distinct == 1.0 and not statistics.null_fraction and not written else None


def _flaw(table: Table, group: Sequence[tuple[Column, str]], rows: float) -> Flaw:
    subjects = column_subjects(table, [column.name for column, _ in group])
    many = len(group) > 1
    states = "; ".join(f"{column.name} {state}" for column, state in group)
    return Flaw(
        title=f"{len(group)} columns are empty or constant" if many else None,
        subject=None if many else subjects[0],
        related=subjects if many else (table_subject(table),),
        evidence=(
            Evidence(name="in every sampled row", value=states, probe="column-statistics"),
            Evidence(name="rows", value=round(rows), unit="rows", probe="tables"),
        ),
        explanation=f"In every sampled row of {table.path} ({rows:,.0f} in all): {states}.",
        recommendation="Find out who writes and reads what is dead; where nobody does, stop mapping it and drop it.",
        operations=tuple(
            ChangeApplication(
                topic="dead-column", subject=subject.name,
                instruction=f"Search the code for {subject.name}. When nothing needs it, stop mapping it, then drop.",
            )
            for subject in subjects
        ),
    )  # fmt: skip
