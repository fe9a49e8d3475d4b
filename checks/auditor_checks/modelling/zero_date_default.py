"""Columns have a day that does not exist as their default.

## What
Columns of dates and times whose default is zero ('0000-00-00'), or has a month or day of zero. One finding for each
table.

## Why it matters
The usual modes of the server refuse such values: an INSERT that leaves the column out fails, and so does any ALTER
TABLE, also one of another column, so that an upgrade or a migration stops there. Drivers turn the value into null,
into an error, or into the last day of the year before the first.

## When it is fine
Never for long: it works only where NO_ZERO_DATE or the strict mode is switched off for its sake.

## How to fix it
Let the column be null, fill null in where it is zero, and drop the default.

## Sources
MySQL manual, "Server SQL Modes": NO_ZERO_DATE, NO_ZERO_IN_DATE; MariaDB documentation, "SQL_MODE".
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from auditor.model.catalog import Table
from auditor.model.check import Check
from auditor.model.facts import Facts
from auditor.model.finding import Evidence, Flaw, Impact, Subject
from auditor.model.operation import ChangeApplication
from auditor.model.units import TABLES
from auditor.model.vocabulary import Pillar, Severity
from auditor_checks._words import fitting

CHECK = Check(
    title="Columns have a day that does not exist as their default",
    passed="No column has a zero date as its default",
    pillar=Pillar.MODELLING,
    severity=Severity.MEDIUM,
    unit=TABLES,
    needs=("tables", "columns"),
    engines=("mysql", "mariadb"),
)
_ZERO = re.compile(r"'?\d{4}-(?:00-\d\d|\d\d-00)")
_FAMILIES = ("date", "timestamp", "timestamp-tz")


def judge(table: Table, facts: Facts) -> Iterator[Flaw]:
    """Report the table's columns of dates and times with such a default."""
    found = [c for c in table.columns if c.family in _FAMILIES and _ZERO.match(c.default or "")]
    if not found:
        return
    names = ", ".join(column.name for column in found)
    yield Flaw(
        title=fitting(f"Zero dates are the default of {names} in {table.name}"),
        related=tuple(Subject(kind="column", name=table.column_path(column.name)) for column in found),
        evidence=(
            Evidence(name="columns", value=len(found), unit="columns", probe="columns"),
            Evidence(name="default", value=found[0].default, probe="columns"),
            Evidence(name="rows", value=round(facts.rows(table)), unit="rows", probe="tables"),
        ),
        impact=Impact(rows=round(facts.rows(table)), risk="changes of the table that fail"),
        explanation=f"{names} of {table.path} begin as {found[0].default}, which the usual modes of the server refuse.",
        recommendation="Let the columns be null, fill null in where they are zero, and drop the default.",
        operations=(
            ChangeApplication(
                topic="zero-dates", subject=table.path,
                instruction=f"Replace zero dates by null in {names} of {table.path}, in the program and in its rows, "
                "and drop the default.",
            ),
        ),
    )  # fmt: skip
