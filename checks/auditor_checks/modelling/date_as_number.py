"""Moments are kept as numbers.

## What
Fields named like moments ("createdAt", "expires", "timestamp") whose sampled numbers are all seconds or milliseconds
since 1970, of the years from 2000 to 2099.

## Why it matters
An expiry passes numbers over in silence, the functions for dates refuse them, nobody sees in the shell what a number
means, and seconds and milliseconds are easily taken for each other.

## When it is fine
The number is a version or an order, and is never shown, compared with a date, or used for an expiry.

## How to fix it
Write the date into a second field, fill it in old documents in batches, move readers and indexes, and drop the number.

## Sources
MongoDB manual, "BSON Types" (Date), "TTL Indexes": only values of the type date expire.
"""

from __future__ import annotations

from collections.abc import Iterator

from auditor.model.catalog import Table
from auditor.model.check import Check
from auditor.model.facts import Facts
from auditor.model.finding import Evidence, Flaw, Verdict
from auditor.model.operation import AnyOperation, ChangeApplication, ChangeColumnType
from auditor.model.units import COLLECTIONS
from auditor.model.vocabulary import Confidence, Pillar, Severity
from auditor_checks._documents import field_subject, is_data_name, rows, sampled, shape_of, unsampled
from auditor_checks._names import words
from auditor_checks._words import fitting

CHECK = Check(
    title="Moments are kept as numbers",
    passed="No moments are kept as numbers",
    pillar=Pillar.MODELLING,
    severity=Severity.LOW,
    confidence=Confidence.LIKELY,
    unit=COLLECTIONS,
    needs=("collections", "fields"),
)
_LAST = frozenset("at on date time timestamp ts expires expiry until since created updated modified".split())


def judge(table: Table, _facts: Facts, *, values: float = 20, share: float = 1.0) -> Iterator[Verdict]:
    """Look at the form of numbers behind names of moments."""
    if unknown := unsampled(table, int(values)):
        yield unknown
        return
    for column in table.columns:
        known, name = column.statistics, words(column.name.rpartition(".")[2])
        if column.family not in ("integer", "float") or known is None or known.sampled_values < values:
            continue
        if not name or name[-1] not in _LAST or is_data_name(column.name):
            continue
        unit = next((one for one in ("seconds", "milliseconds") if known.shapes.get(f"epoch-{one}", 0) >= share), None)
        if unit is None:
            continue
        path = table.column_path(column.name)
        operation: AnyOperation = ChangeApplication(
            topic="date-type", subject=path,
            instruction=f"Write a date beside {path} ({unit} since 1970), fill it in old documents in batches, move "
            "the readers and indexes, and drop the number.",
        )  # fmt: skip
        if unit == "milliseconds" and not shape_of(column).in_array:
            operation = ChangeColumnType(
                schema=table.schema, table=table.name, column=column.name, from_type=column.type, to_type="date"
            )
        yield Flaw(
            subject=field_subject(table, column),
            title=fitting(f"{path} is a moment in {unit} since 1970"),
            evidence=(
                Evidence(name="type", value=column.type, probe="fields"),
                Evidence(name=f"values that are {unit} of 2000 to 2099", value=known.shapes[f"epoch-{unit}"],
                         unit="share", probe="fields"),
                sampled(table),
                rows(table),
            ),
            explanation=f"All {known.sampled_values:,} sampled numbers of {path} are {unit} since 1970.",
            recommendation="Keep it as a date.",
            operations=(operation,),
        )  # fmt: skip
