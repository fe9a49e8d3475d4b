"""A column that is never null may be null.

## What
Nullable columns without a single null in the statistics of a table of ten thousand rows or more, where something else
says that a value is expected: a default, a foreign key, membership in a unique key, a boolean type, or a name for the
time of creation. The statistics must be fresh. Columns that only happen to be filled are not reported.

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
from collections.abc import Iterator
from typing import NamedTuple

from auditor.model.catalog import Column, Table
from auditor.model.check import Check
from auditor.model.facts import Facts
from auditor.model.finding import Evidence, Flaw, Subject, Unknown
from auditor.model.operation import SetNotNull
from auditor.model.units import Unit
from auditor.model.vocabulary import Confidence, Pillar, Severity
from auditor_checks._names import words
from auditor_checks._soft_delete import marks_deletion
from auditor_checks.integrity._keys import key_columns, table_subject
from auditor_checks.integrity._statistics import is_fresh, untold

_CREATION = {("created", "at"), ("created", "on"), ("created",), ("creation", "date"), ("date", "created"),
             ("inserted", "at"), ("create", "time"), ("create", "date"), ("creation", "time")}  # fmt: skip


class Expected(NamedTuple):
    """A nullable column, and what says that it is expected to hold a value."""

    table: Table
    column: Column
    reason: str

    @property
    def path(self) -> str:
        """The column's name as a report shows it."""
        return self.table.column_path(self.column.name)


def expected_columns(facts: Facts) -> list[Expected]:
    """The nullable columns of which something says that a value is expected."""
    found = []
    for table, column in facts.columns:
        if column.nullable and column.generated is None and not marks_deletion(column):
            reason = _reason(table, column, facts)
            if reason is not None:
                found.append(Expected(table, column, reason))
    return found


def _reason(table: Table, column: Column, facts: Facts) -> str | None:
    """What says that the column is expected to hold a value; None when nothing does."""
    if column.default is not None and not re.match(r"\(?NULL\b", column.default, re.IGNORECASE):
        return "it has a default"
    if any(column.name in key.columns for key in facts.constraints_of(table.key, "foreign-key")):
        return "it refers to another table"
    if column.name in key_columns(table, facts):
        return "it is part of a unique key"
    if column.family == "boolean":
        return "it says yes or no"
    return "it names the time of creation" if words(column.name) in _CREATION else None


CHECK = Check(
    title="Column that is never null may be null",
    passed="Columns that are expected to hold a value must",
    pillar=Pillar.INTEGRITY,
    severity=Severity.LOW,
    confidence=Confidence.LIKELY,
    unit=Unit(
        plural="nullable columns that are expected to hold a value", items=expected_columns,
        subject=lambda item: Subject(kind="column", name=item.path),
        weight=lambda facts, item: facts.exposure(item.table),
    ),
    needs=("tables", "columns", "constraints", "indexes"),
)  # fmt: skip


def judge(item: Expected, facts: Facts, *, least_rows: float = 10_000) -> Iterator[Flaw | Unknown]:
    """Report the column when fresh statistics of a large table hold no null."""
    table, column, reason = item
    rows = facts.rows(table)
    if rows < least_rows or _checked(table, column, facts):
        return
    if column.statistics is None:
        if unknown := untold(table, facts):
            yield unknown
        return
    if column.statistics.null_fraction > 0.0 or not is_fresh(table, facts):
        return
    yield Flaw(
        related=(table_subject(table),),
        evidence=(
            Evidence(name="share of nulls in the sample", value=0.0, probe="column-statistics"),
            Evidence(name="rows", value=round(rows), unit="rows", probe="tables"),
            Evidence(name="what says that a value is expected", value=reason, probe="columns"),
        ),
        explanation=f"{column.name} of {table.path} may be null, but none of the sampled rows of {rows:,.0f} is, and "
        f"{reason}.",
        recommendation="If the value is mandatory, say so; the rows are checked beside the running application.",
        operations=(SetNotNull(schema=table.schema, table=table.name, column=column.name),),
    )


def _checked(table: Table, column: Column, facts: Facts) -> bool:
    """Whether a check constraint forbids nulls already."""
    return any(
        check.enforced and check.columns == (column.name,) and re.search(r"IS NOT NULL", check.definition or "")
        for check in facts.constraints_of(table.key, "check")
    )
