"""An array grows for as long as its document lives.

## What
Arrays that are long (250 elements at the 99th percentile) and longer in the older half of the sampled documents than in
the newer half; and arrays of a thousand elements and more of very different lengths, where the order of creation is not
known. Arrays of one fixed length, such as vectors, are left out. Lengths come from a sample; the elements are counted,
not kept.

## Why it matters
A document is read, cached, logged and replicated as a whole: each element that is added makes every later read and
update of it dearer, an index over the array has an entry for each element, and at 16 MiB the server refuses to write.

## When it is fine
The application bounds the array (``$push`` with ``$slice``), and the bound was chosen: then the longest documents of
the sample show it.

## How to fix it
Where elements are things of their own, give them a collection that refers back to this one. Where they are
measurements, keep a bounded number for each document (the bucket pattern). Where only the newest are read, keep those
here and the others elsewhere (the subset pattern). Where few documents are the long ones, let only those overflow (the
outlier pattern).

## Sources
MongoDB manual, "Avoid Unbounded Arrays", "BSON Document Size" (16 mebibytes).
"""

from __future__ import annotations

from collections.abc import Iterator

from auditor.model.catalog import Column, Table
from auditor.model.check import Check
from auditor.model.documents import ArrayShape
from auditor.model.facts import Facts
from auditor.model.finding import Evidence, Flaw, Impact, Verdict
from auditor.model.operation import AnyOperation, ChangeApplication, SplitTable
from auditor.model.units import COLLECTIONS
from auditor.model.vocabulary import Confidence, Pillar, Severity
from auditor.text import size
from auditor_checks._documents import field_subject, is_data_name, rows, sampled, shape_of, unsampled
from auditor_checks._words import fitting

CHECK = Check(
    title="An array grows without a bound",
    passed="No array grows without a bound",
    pillar=Pillar.MODELLING,
    severity=Severity.HIGH,
    confidence=Confidence.LIKELY,
    unit=COLLECTIONS,
    needs=("collections", "fields"),
)


def judge(
    table: Table, _facts: Facts, *, length: float = 250, long: float = 1_000, growth: float = 1.5, heavy: float = 1e6
) -> Iterator[Verdict]:
    """Compare the lengths in the older and the newer documents."""
    if unknown := unsampled(table):
        yield unknown
    for column in table.columns:
        array = shape_of(column).array
        if array is None or array.p99 < length or array.median == array.maximum:
            continue
        grows = array.older is not None and array.newer is not None and array.older >= growth * max(array.newer, 1.0)
        uneven = array.older is None and array.p99 >= long and array.maximum >= 4 * max(array.median, 1)
        if grows or uneven:
            grave = grows and (array.p99 >= long or (shape_of(column).bytes_maximum or 0) >= heavy)
            yield _flaw(table, column, array, Severity.HIGH if grave else Severity.MEDIUM, grows=grows)


def _flaw(table: Table, column: Column, array: ArrayShape, severity: Severity, *, grows: bool) -> Flaw:
    path, largest = table.column_path(column.name), shape_of(column).bytes_maximum
    return Flaw(
        subject=field_subject(table, column),
        title=fitting(f"{path} grows to {array.maximum:,} elements and more"),
        severity=severity,
        confidence=Confidence.LIKELY if grows else Confidence.POSSIBLE,
        evidence=(
            Evidence(name="longest", value=array.maximum, unit="elements", probe="fields"),
            Evidence(name="99th percentile", value=array.p99, unit="elements", probe="fields"),
            Evidence(name="mean of the older half", value=array.older, unit="elements", probe="fields"),
            Evidence(name="mean of the newer half", value=array.newer, unit="elements", probe="fields"),
            Evidence(name="largest", value=largest, unit="bytes", probe="fields"),
            sampled(table),
            rows(table),
        ),
        impact=Impact(risk="documents that get slower with their age, and at 16 MiB cannot be written"),
        explanation=f"{path} has {array.mean:,.0f} elements on average and {array.maximum:,} at most ({size(largest)})"
        + (
            f"; in the older documents {array.older:,.0f}, in the newer {array.newer:,.0f}: it goes on growing."
            if grows
            else f", but half of the documents have {array.median:,} or fewer."
        ),
        recommendation="Give the elements a collection of their own that refers back to this one; keep here what is "
        "read with the document, with a bound.",
        operations=(_operation(table, column),),
    )


def _operation(table: Table, column: Column) -> AnyOperation:
    if column.base_type == "object" and "." not in column.name and not is_data_name(column.name):
        return SplitTable(
            schema=table.schema, table=table.name, columns=(column.name,), into=f"{table.name}_{column.name}"
        )
    path = table.column_path(column.name)
    return ChangeApplication(
        topic="unbounded-array", subject=path,
        instruction=f"Bound {path} where it is written ($push with $each and $slice), and keep older elements in "
        "documents of their own: a bounded number in each, with the key of this one.",
    )  # fmt: skip
