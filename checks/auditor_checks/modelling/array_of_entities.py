"""Elements of an array are things with a life of their own.

## What
Arrays of objects whose elements have their own ``_id`` and a moment of creation or change, and of which documents have
twenty and more.

## Why it matters
Each change of one element finds it by a filter within the array and writes the whole document; two changes of different
elements wait for each other; and no query returns one element without its document.

## When it is fine
The elements are always read and written together with their document, and are few.

## How to fix it
Give them a collection of their own that refers back to this one, with an index over the reference; copy what is always
shown with the document (the extended reference pattern).

## Sources
MongoDB manual, "Model One-to-Many Relationships with Document References", "Update Documents in an Array".
"""

from __future__ import annotations

from collections.abc import Iterator

from auditor.model.catalog import Table
from auditor.model.check import Check
from auditor.model.facts import Facts
from auditor.model.finding import Evidence, Flaw, Verdict
from auditor.model.operation import SplitTable
from auditor.model.units import COLLECTIONS
from auditor.model.vocabulary import Confidence, Pillar, Severity
from auditor_checks._documents import field_subject, parent, rows, sampled, shape_of, unsampled
from auditor_checks._names import words

CHECK = Check(
    title="An array holds things with a life of their own",
    passed="No array holds things with a life of their own",
    pillar=Pillar.MODELLING,
    severity=Severity.LOW,
    confidence=Confidence.POSSIBLE,
    unit=COLLECTIONS,
    needs=("collections", "fields"),
)
_LIVED = frozenset({"updated", "modified", "changed"})


def judge(table: Table, _facts: Facts, *, length: float = 20, fields: float = 4) -> Iterator[Verdict]:
    """Look for keys and moments of change among the fields of elements."""
    if unknown := unsampled(table):
        yield unknown
    for column in table.columns:
        array = shape_of(column).array
        if array is None or array.p99 < length or column.base_type != "object" or "." in column.name:
            continue
        own = [one for one in table.columns if parent(one.name) == column.name]
        key = next((one for one in own if one.name == f"{column.name}._id" and shape_of(one).presence >= 0.9), None)
        changed = [one for one in own if one.family == "timestamp-tz" and _LIVED & set(words(one.name))]
        if key is None or not changed or len(own) < fields:
            continue
        path = table.column_path(column.name)
        yield Flaw(
            subject=field_subject(table, column),
            evidence=(
                Evidence(name="99th percentile", value=array.p99, unit="elements", probe="fields"),
                Evidence(name="fields of an element", value=len(own), unit="fields", probe="fields"),
                Evidence(name="key of an element", value=key.name, probe="fields"),
                Evidence(name="moment of its change", value=changed[0].name, probe="fields"),
                sampled(table),
                rows(table),
            ),
            explanation=f"Elements of {path} have a key ({key.name}) and are changed by themselves "
            f"({changed[0].name}); documents have up to {array.maximum:,} of them.",
            recommendation="Give them a collection of their own that refers back to this one.",
            operations=(
                SplitTable(
                    schema=table.schema, table=table.name, columns=(column.name,), into=f"{table.name}_{column.name}"
                ),
            ),
        )
