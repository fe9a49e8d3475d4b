"""A field holds exact and inexact numbers side by side.

## What
Fields with decimal numbers (Decimal128) in one part of the documents and doubles in another. Integers beside doubles
are left out: JSON brings them so, and they compare as equal.

## Why it matters
A decimal 0.1 and a double 0.1 are different numbers: neither equality nor a unique index takes them for one, sums turn
into decimals with the error of the doubles in them, and drivers return two different types.

## When it is fine
In the middle of a change from one to the other.

## How to fix it
Convert the doubles in batches with the scale that the field means, and demand the type by a validator.

## Sources
MongoDB manual, "Model Monetary Data", "$toDecimal".
"""

from __future__ import annotations

from collections.abc import Iterator

from auditor.model.catalog import Table
from auditor.model.check import Check
from auditor.model.facts import Facts
from auditor.model.finding import Evidence, Flaw, Verdict
from auditor.model.operation import ChangeColumnType
from auditor.model.units import COLLECTIONS
from auditor.model.vocabulary import Confidence, Pillar, Severity
from auditor_checks._documents import field_subject, is_data_name, rows, sampled, shape_of, unsampled
from auditor_checks._words import fitting, percent

CHECK = Check(
    title="Exact and inexact numbers stand side by side",
    passed="No field holds exact and inexact numbers side by side",
    pillar=Pillar.INTEGRITY,
    severity=Severity.MEDIUM,
    confidence=Confidence.LIKELY,
    unit=COLLECTIONS,
    needs=("collections", "fields"),
)


def judge(table: Table, _facts: Facts, *, share: float = 0.005) -> Iterator[Verdict]:
    """Look at the shares of the two types."""
    if unknown := unsampled(table):
        yield unknown
    for column in table.columns:
        shape = shape_of(column)
        decimal, double = shape.types.get("decimal", 0.0), shape.types.get("double", 0.0)
        if decimal < share or double < share or is_data_name(column.name):
            continue
        path = table.column_path(column.name)
        yield Flaw(
            subject=field_subject(table, column),
            title=fitting(f"{path} holds decimals and doubles"),
            evidence=(
                Evidence(name="share of decimal", value=round(decimal, 4), unit="share", probe="fields"),
                Evidence(name="share of double", value=round(double, 4), unit="share", probe="fields"),
                sampled(table),
                rows(table),
            ),
            explanation=f"{percent(decimal)} of the values of {path} are decimals, {percent(double)} doubles.",
            recommendation="Convert the doubles to decimals of the scale that is meant.",
            operations=()
            if shape.in_array
            else (
                ChangeColumnType(
                    schema=table.schema, table=table.name, column=column.name, from_type="double", to_type="decimal"
                ),
            ),
        )
