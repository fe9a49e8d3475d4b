"""A key is a number that is no integer.

## What
Primary keys of one column, and columns that refer to one, whose type is floating-point, or numeric without digits after
the point and small enough for bigint; numeric of any length where the values of a large table are short.

## Why it matters
A floating-point number beyond its exact digits is not the number that was stored: two ids become one. numeric is exact,
but takes more space in every index and is several times slower to compare and to join than bigint.

## When it is fine
Ids of 19 digits and more that come from elsewhere fit no integer. Ids that came with a migration, as long as they do
not hurt.

## How to fix it
Give the key and all that refer to it the type bigint together, by way of second columns on large tables.

## Sources
PostgreSQL manual, "Numeric Types": calculations on numeric are very slow compared to the integer types; floating-point
types are inexact.
"""

from __future__ import annotations

from collections.abc import Iterator

from auditor.model.catalog import Column, Table
from auditor.model.check import Check
from auditor.model.facts import Facts
from auditor.model.finding import Evidence, Flaw, Subject
from auditor.model.operation import ChangeColumnType
from auditor.model.units import TABLES
from auditor.model.vocabulary import Confidence, Pillar, Severity
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


SHORT_BYTES = 11
"""The stored width of 16 decimal digits: three bytes, and two for every four digits (numeric.c, NumericShort)."""


def judge(table: Table, facts: Facts, *, min_rows: float = 1_000) -> Iterator[Flaw]:
    """Look at the type of the table's one-column primary key."""
    key = facts.primary_key(table.key)
    column = table.column(key.columns[0]) if key is not None and len(key.columns) == 1 else None
    if column is None or column.family not in ("float", "decimal"):
        return
    inexact = column.family == "float"
    if not inexact and not _fits_bigint(column, facts.rows(table), min_rows):
        return
    referring = facts.referencing(table.key)
    yield Flaw(
        title=fitting(f"Key {table.column_path(column.name)} is {column.type}"),
        severity=Severity.HIGH if inexact else Severity.LOW,
        confidence=Confidence.LIKELY if not inexact and column.precision is None else Confidence.CERTAIN,
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
            else f"{column.type} holds numbers that fit bigint, which is smaller and faster."
        ),
        recommendation="Give it the type bigint, together with the columns that refer to it.",
        operations=(
            ChangeColumnType(
                schema=table.schema, table=table.name, column=column.name, from_type=column.type, to_type="bigint"
            ),
        ),
    )  # fmt: skip


def _fits_bigint(column: Column, rows: float, min_rows: float) -> bool:
    """Whether a numeric column holds nothing longer than bigint, by its declaration, or else by its average width."""
    if column.precision is not None:
        return column.precision <= BIGINT_DIGITS and not column.scale
    width = column.statistics.average_width if column.statistics is not None else None
    return rows >= min_rows and width is not None and width <= SHORT_BYTES
