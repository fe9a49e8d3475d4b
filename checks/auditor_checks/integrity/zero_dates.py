"""The default of a column is a date of zeros.

## What
DATE, DATETIME and TIMESTAMP columns whose default is 0000-00-00 or has a month or day of zero.

## Why it matters
Such a date is neither null nor a time: drivers fail on it or make it null, comparisons find it before all others, and
the next dump or upgrade with a strict mode refuses the table. So does any ALTER TABLE, also one of another column.

## When it is fine
Never in new tables.

## How to fix it
Let the column be null where there is no date, turn the zeros into nulls, and take the default away.

## Sources
MySQL manual, "Server SQL Modes": NO_ZERO_DATE and NO_ZERO_IN_DATE; upgrade checks for zero dates.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from auditor.model.check import Check
from auditor.model.facts import Facts, TableColumn
from auditor.model.finding import Evidence, Flaw, Impact, Verdict
from auditor.model.operation import ChangeApplication
from auditor.model.units import COLUMNS
from auditor.model.vocabulary import Pillar, Severity
from auditor_checks._settings import PRODUCTS
from auditor_checks._words import fitting

CHECK = Check(
    title="A column has a date that does not exist as its default",
    passed="No default is a date that does not exist",
    pillar=Pillar.INTEGRITY,
    severity=Severity.MEDIUM,
    unit=COLUMNS,
    needs=(
        "tables",
        "columns",
    ),
    engines=PRODUCTS,
)
ZERO = re.compile(r"\b0000-\d\d-\d\d|\b\d{4}-00-\d\d|\b\d{4}-\d\d-00")


def judge(column: TableColumn, facts: Facts) -> Iterator[Verdict]:
    """Read the default."""
    own = column.column
    if own.family not in ("date", "timestamp", "timestamp-tz") or not ZERO.search(own.default or ""):
        return
    yield Flaw(
        title=fitting(f"The default of {column.path} is a date of zeros"),
        evidence=(
            Evidence(name="default", value=own.default, probe="columns"),
            Evidence(name="rows", value=round(facts.rows(column.table)), unit="rows", probe="tables"),
        ),
        impact=Impact(rows=round(facts.rows(column.table)), risk="drivers, dumps and upgrades stumble over it"),
        explanation=f"Rows of {column.table.path} without {own.name} get {own.default}.",
        recommendation="Allow nulls, turn zeros into nulls, and take the default away.",
        operations=(
            ChangeApplication(
                topic="zero-dates",
                subject=column.path,
                instruction=f"Allow nulls in {column.path}, turn dates of zeros into nulls, drop the default.",
            ),
        ),
    )
