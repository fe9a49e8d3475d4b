"""Documents are so large that reading one is a burden.

## What
Collections of which one document in a hundred of the sample is larger than a mebibyte. The chunks of GridFS are left
out: they are meant to be large.

## Why it matters
Every read brings the whole document from disk into the cache and every change writes it as a whole, in the log of
operations too. Above 16 MiB the server refuses it.

## When it is fine
An archive that is written once and seldom read.

## How to fix it
Move what takes most of the bytes into a companion collection with the same ``_id``, or into a store of objects; what is
read with the rest stays (the subset pattern).

## Sources
MongoDB manual, "Reduce Bloated Documents", "BSON Document Size" (16 mebibytes).
"""

from __future__ import annotations

from collections.abc import Iterator

from auditor.model.catalog import Column, Table
from auditor.model.check import Check
from auditor.model.facts import Facts
from auditor.model.finding import Evidence, Flaw, Verdict
from auditor.model.operation import AnyOperation, ChangeApplication, SplitTable
from auditor.model.units import COLLECTIONS
from auditor.model.vocabulary import Confidence, Pillar, Severity
from auditor.text import size
from auditor_checks._documents import documents_of, field_subject, rows, sampled, shape_of, unsampled
from auditor_checks._gridfs import is_chunks
from auditor_checks._words import fitting, percent

CHECK = Check(
    title="Documents are very large",
    passed="No documents are very large",
    pillar=Pillar.MODELLING,
    severity=Severity.MEDIUM,
    confidence=Confidence.LIKELY,
    unit=COLLECTIONS,
    needs=("collections", "fields"),
)
SHOWN = 3
MENTIONED = 0.1


def judge(table: Table, _facts: Facts, *, large: float = 1 << 20, huge: float = 8 << 20) -> Iterator[Verdict]:
    """Compare the large documents of the sample with the limit, and name what fills them."""
    if unknown := unsampled(table):
        yield unknown
    known = documents_of(table)
    if known.bytes_p99 is None or known.bytes_p99 < large or is_chunks(table):
        return
    weights = {column.name: _weight(column) for column in table.columns if "." not in column.name}
    whole = sum(weights.values())
    filling = sorted((one for one in table.columns if one.name in weights), key=lambda one: -weights[one.name])[:SHOWN]
    most = filling[0]
    yield Flaw(
        title=fitting(f"Documents of {table.path} have up to {size(known.bytes_maximum)}"),
        severity=Severity.HIGH if known.bytes_p99 >= huge else Severity.MEDIUM,
        related=tuple(field_subject(table, column) for column in filling if weights[column.name] >= MENTIONED * whole),
        evidence=(
            Evidence(name="99th percentile", value=known.bytes_p99, unit="bytes", probe="fields"),
            Evidence(name="largest", value=known.bytes_maximum, unit="bytes", probe="fields"),
            Evidence(name=f"share of {most.name}", value=round(weights[most.name] / whole, 3), unit="share",
                     probe="fields"),
            sampled(table),
            rows(table),
        ),
        explanation=f"One document in a hundred of {table.path} has {size(known.bytes_p99)} or more; "
        f"{percent(weights[most.name] / whole)} of the bytes are in {most.name}.",
        recommendation=f"Move {most.name} into a companion collection with the same _id, or outside of the database.",
        operations=(_operation(table, most),),
    )  # fmt: skip


def _weight(column: Column) -> float:
    shape = shape_of(column)
    return (shape.bytes_mean or 0.0) * shape.presence


def _operation(table: Table, column: Column) -> AnyOperation:
    if column.family in ("text", "document", "binary") or column.base_type == "object":
        return SplitTable(
            schema=table.schema, table=table.name, columns=(column.name,), into=f"{table.name}_{column.name}"
        )
    subject = table.column_path(column.name)
    return ChangeApplication(
        topic="bloated-documents", subject=subject,
        instruction=f"Keep in {subject} what is read with the document, and the rest in documents of their own.",
    )  # fmt: skip
