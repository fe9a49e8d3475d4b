"""Values have types that are deprecated.

## What
Fields with values of the types undefined, dbPointer, symbol or javascriptWithScope, or binary values of the old subtype
2.

## Why it matters
Drivers read them as something else or refuse them, no new program can write them, and what compares or copies documents
changes them on the way. A migration to another product stops at the first one.

## When it is fine
An archive that nobody converts or reads by a new driver.

## How to fix it
Rewrite them in batches: undefined as null or left out, symbols as text, pointers as the key that they hold.

## Sources
MongoDB manual, "BSON Types": deprecated types; BSON specification.
"""

from __future__ import annotations

from collections.abc import Iterator

from auditor.model.catalog import Column, Table
from auditor.model.check import Check
from auditor.model.facts import Facts
from auditor.model.finding import Evidence, Flaw, Verdict
from auditor.model.operation import ChangeApplication
from auditor.model.units import COLLECTIONS
from auditor.model.vocabulary import Pillar, Severity
from auditor_checks._documents import field_subject, is_data_name, rows, sampled, shape_of, unsampled

CHECK = Check(
    title="Values have types that are deprecated",
    passed="No values have types that are deprecated",
    pillar=Pillar.EVOLUTION,
    severity=Severity.LOW,
    unit=COLLECTIONS,
    needs=("collections", "fields"),
)
_OLD = ("undefined", "dbPointer", "symbol", "javascriptWithScope")


def judge(table: Table, _facts: Facts) -> Iterator[Verdict]:
    """Look at the types and subtypes."""
    if unknown := unsampled(table):
        yield unknown
    for column in table.columns:
        old = _deprecated(column)
        if not old or is_data_name(column.name):
            continue
        path = table.column_path(column.name)
        yield Flaw(
            subject=field_subject(table, column),
            evidence=(
                *(
                    Evidence(name=f"share of {name}", value=round(part, 4), unit="share", probe="fields")
                    for name, part in old.items()
                ),
                sampled(table),
                rows(table),
            ),
            explanation=f"{path} holds values of the type {', '.join(old)}.",
            recommendation="Rewrite them in batches as a type that is not deprecated.",
            operations=(
                ChangeApplication(
                    topic="deprecated-types", subject=path,
                    instruction=f"Find the documents whose {path} is {' or '.join(old)} by $type, and rewrite them in "
                    "batches.",
                ),
            ),
        )  # fmt: skip


def _deprecated(column: Column) -> dict[str, float]:
    shape = shape_of(column)
    found = {name: shape.types[name] for name in _OLD if name in shape.types}
    if "binary-old" in shape.formats:
        found["binary subtype 2"] = shape.formats["binary-old"]
    return found
