"""A column that is never null may be null.

## What
Nullable columns without a single null in the statistics of a table of ten thousand rows or more, where something else
says that a value is expected: a default, a foreign key, membership in a unique key, a boolean type, or a name for the
time of creation. The statistics must be fresh. Columns that only happen to be filled are not reported. More than
three in one table are one finding.

## Why it matters
Every reader must allow for a null that never comes, conditions such as <> and NOT IN quietly drop rows when it does,
and a unique key or a reference with a null in it is not checked.

## When it is fine
The value is optional and has been given so far.

## How to fix it
Add a check that the column is not null, unvalidated; validate it; then set the column to not null, which uses the
validated check instead of reading the table; drop the check.

## Sources
PostgreSQL manual, ALTER TABLE, SET NOT NULL: the scan is skipped if a valid check constraint proves it (12 and
later).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from auditor.model.catalog import Column, Table
from auditor.model.check import Check
from auditor.model.facts import Facts
from auditor.model.finding import Evidence, Flaw, Unknown
from auditor.model.operation import SetNotNull
from auditor.model.units import Unit
from auditor.model.vocabulary import Confidence, Pillar, Severity
from auditor_checks._names import words
from auditor_checks._soft_delete import marks_deletion
from auditor_checks.integrity._keys import column_subjects, key_columns, table_subject
from auditor_checks.integrity._statistics import is_fresh, untold

_CREATION = {("created", "at"), ("created", "on"), ("created",), ("creation", "date"), ("date", "created"),
             ("inserted", "at"), ("create", "time"), ("create", "date"), ("creation", "time")}  # fmt: skip


class Expected(NamedTuple):
    """A table with its nullable columns of which something says that a value is expected, and what that is."""

    table: Table
    columns: Sequence[tuple[Column, str]]


def expected_columns(facts: Facts) -> list[Expected]:
    """The tables with nullable columns that are expected to hold a value."""
    found = []
    for table in facts.tables:
        columns = [
            (column, reason)
            for column in table.columns
            if column.nullable and column.generated is None and not marks_deletion(column)
            and (reason := _reason(table, column, facts)) is not None and not _checked(table, column, facts)
        ]  # fmt: skip
        if columns:
            found.append(Expected(table, columns))
    return found


def _reason(table: Table, column: Column, facts: Facts) -> str | None:
    """What says that the column is expected to hold a value; None when nothing does."""
    if column.default is not None and not re.match(r"\(?NULL\b", column.default, re.IGNORECASE):
        return "has a default"
    if any(column.name in key.columns for key in facts.constraints_of(table.key, "foreign-key")):
        return "refers to another table"
    if column.name in key_columns(table, facts):
        return "is part of a unique key"
    if column.family == "boolean":
        return "says yes or no"
    return "names the time of creation" if words(column.name) in _CREATION else None


CHECK = Check(
    title="Column that is never null may be null",
    passed="Columns that are expected to hold a value must",
    pillar=Pillar.INTEGRITY,
    severity=Severity.LOW,
    confidence=Confidence.LIKELY,
    unit=Unit(
        plural="tables with optional columns that are expected to hold a value", items=expected_columns,
        subject=lambda item: table_subject(item.table), weight=lambda facts, item: facts.exposure(item.table),
    ),
    needs=("tables", "columns", "column-statistics", "constraints", "indexes"),
)  # fmt: skip


def judge(
    item: Expected, facts: Facts, *, least_rows: float = 10_000, most_apart: float = 3
) -> Iterator[Flaw | Unknown]:
    """Report the columns without a null in fresh statistics of a large table, many of them together."""
    table, rows = item.table, facts.rows(item.table)
    if rows < least_rows:
        return
    if unknown := untold(table, facts):
        yield unknown
        return
    if not is_fresh(table, facts):
        return
    filled = [
        (column, reason)
        for column, reason in item.columns
        if column.statistics is not None and column.statistics.null_fraction == 0.0
    ]
    groups = [filled] if len(filled) > most_apart else [[one] for one in filled]
    for group in groups:
        yield _flaw(table, group, rows)


def _flaw(table: Table, group: Sequence[tuple[Column, str]], rows: float) -> Flaw:
    names = [column.name for column, _ in group]
    subjects = column_subjects(table, names)
    many = len(group) > 1
    why = "; ".join(f"{column.name} {reason}" for column, reason in group)
    return Flaw(
        title=f"{len(group)} columns that are never null may be null" if many else None,
        subject=None if many else subjects[0],
        related=subjects if many else (table_subject(table),),
        evidence=(
            Evidence(name="columns without a null in the sample", value=len(group), unit="columns",
                     probe="column-statistics"),
            Evidence(name="rows", value=round(rows), unit="rows", probe="tables"),
            Evidence(name="what says that a value is expected", value=why, probe="columns"),
        ),
        explanation=f"None of the sampled rows of {table.path} ({rows:,.0f} in all) lacks a value in "
        f"{', '.join(names)}, and a value is expected: {why}.",
        recommendation="Forbid nulls where a value is mandatory; the rows are checked beside the running application.",
        operations=tuple(SetNotNull(schema=table.schema, table=table.name, column=name) for name in names),
    )  # fmt: skip


def _checked(table: Table, column: Column, facts: Facts) -> bool:
    """Whether a check constraint forbids nulls already."""
    return any(
        check.enforced and check.columns == (column.name,) and re.search(r"IS NOT NULL", check.definition or "")
        for check in facts.constraints_of(table.key, "check")
    )
