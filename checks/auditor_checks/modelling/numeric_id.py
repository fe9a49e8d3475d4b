"""A key is a number that is no integer.

## What
Primary keys of one column, and columns that refer to one, whose type is floating-point, or numeric without digits after
the point and small enough for bigint.

## Why it matters
A floating-point number beyond its exact digits is not the number that was stored: two ids become one. numeric is exact,
but takes more space in every index and is several times slower to compare and to join than bigint.

## When it is fine
Ids of 19 digits and more that come from elsewhere fit numeric only. Ids of a migrated Oracle schema, as long as they do
not hurt.

## How to fix it
Give the key and all that refer to it the type bigint together, by way of second columns on large tables.

## Sources
PostgreSQL manual, "Numeric Types": calculations on numeric are very slow compared to the integer types; floating-point
types are inexact.
"""

from __future__ import annotations

from collections.abc import Iterator

from auditor.model.catalog import Table
from auditor.model.check import Check
from auditor.model.facts import Facts
from auditor.model.finding import Evidence, Flaw, Subject
from auditor.model.operation import ChangeColumnType
from auditor.model.units import TABLES
from auditor.model.vocabulary import Pillar, Severity
from auditor_checks._words import fitting

CHECK = Check(
    title="Key is a number that is no integer",
    passed="Numbered keys are integers",
    pillar=Pillar.MODELLING,
    severity=Severity.LOW,
    unit=TABLES,
    needs=("tables", "columns", "constraints"),
)
BIGINT_DIGITS = 18


def judge(table: Table, facts: Facts) -> Iterator[Flaw]:
    """Look at the type of the table's one-column primary key."""
    key = facts.primary_key(table.key)
    column = table.column(key.columns[0]) if key is not None and len(key.columns) == 1 else None
    if column is None or column.family not in ("float", "decimal"):
        return
    inexact = column.family == "float"
    # A numeric without a declared precision takes digits after the point as well.
    if not inexact and (column.precision is None or column.precision > BIGINT_DIGITS or column.scale):
        return
    referring = facts.referencing(table.key)
    yield Flaw(
        title=fitting(f"Key {table.column_path(column.name)} is {column.type}"),
        severity=Severity.HIGH if inexact else Severity.LOW,
        related=(
            Subject(kind="column", name=table.column_path(column.name)),
            *(Subject(kind="constraint", name=reference.path) for reference in referring),
        ),
        evidence=(
            Evidence(name="type", value=column.type, probe="columns"),
            Evidence(name="foreign keys to it", value=len(referring), unit="foreign keys", probe="constraints"),
            Evidence(name="rows", value=round(facts.rows(table)), unit="rows", probe="tables"),
        ),
        explanation=(
            f"{column.type} does not keep large whole numbers apart." if inexact
            else f"{column.type} holds whole numbers that fit bigint, which is smaller and faster."
        ),
        recommendation="Give it the type bigint, together with the columns that refer to it.",
        operations=(
            ChangeColumnType(
                schema=table.schema, table=table.name, column=column.name, from_type=column.type, to_type="bigint"
            ),
        ),
    )  # fmt: skip
