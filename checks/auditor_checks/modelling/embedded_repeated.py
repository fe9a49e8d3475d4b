"""The same object is copied into many documents.

## What
Embedded objects with a key of their own (``_id``, ``id``) that stand verbatim in twenty documents and more on average,
and are large enough to matter.

## Why it matters
Whoever changes the original has to find all copies; meanwhile readers see old and new side by side. The copies take
space in every document, cache and backup.

## When it is fine
The copy is meant as a snapshot, such as the address at the moment of an order.

## How to fix it
Keep the object in a collection of its own and refer to it; copy only what every reader shows, and refresh the copies
when the original changes (the extended reference pattern).

## Sources
MongoDB manual, "Embedded Data Versus References", "Reduce $lookup Operations" (extended references).
"""

from __future__ import annotations

from collections.abc import Iterator

from auditor.model.catalog import Table
from auditor.model.check import Check
from auditor.model.facts import Facts
from auditor.model.finding import Evidence, Flaw, Impact, Verdict
from auditor.model.operation import ChangeApplication
from auditor.model.units import COLLECTIONS
from auditor.model.vocabulary import Confidence, Pillar, Severity
from auditor.text import size
from auditor_checks._documents import field_subject, is_data_name, rows, sampled, shape_of, unsampled
from auditor_checks._words import fitting

CHECK = Check(
    title="The same object is copied into many documents",
    passed="No object is copied into many documents",
    pillar=Pillar.MODELLING,
    severity=Severity.LOW,
    confidence=Confidence.POSSIBLE,
    unit=COLLECTIONS,
    needs=("collections", "fields", "collection-sizes"),
)


def judge(
    table: Table, facts: Facts, *, copies: float = 20, width: float = 100, documents: float = 200
) -> Iterator[Verdict]:
    """Compare the number of different objects with the number of documents."""
    if unknown := unsampled(table, int(documents)):
        yield unknown
        return
    for column in table.columns:
        known, shape = column.statistics, shape_of(column)
        if column.family != "document" or shape.in_array or is_data_name(column.name):
            continue
        if known is None or known.distinct is None or (known.average_width or 0) < width:
            continue
        key = next((name for name in ("_id", "id") if table.column(f"{column.name}.{name}") is not None), None)
        each = facts.rows(table) * shape.presence / max(known.distinct, 1.0)
        if key is None or each < copies:
            continue
        path = table.column_path(column.name)
        spent = round((facts.rows(table) * shape.presence - known.distinct) * (known.average_width or 0))
        yield Flaw(
            subject=field_subject(table, column),
            title=fitting(f"{path} is the same in {each:,.0f} documents on average"),
            evidence=(
                Evidence(name="different objects", value=round(known.distinct), unit="objects", probe="fields"),
                Evidence(name="documents with each", value=round(each), unit="documents", probe="fields"),
                Evidence(name="average width", value=known.average_width, unit="bytes", probe="fields"),
                sampled(table),
                rows(table),
            ),
            impact=Impact(bytes=max(0, spent)),
            explanation=f"{path} holds about {known.distinct:,.0f} different objects in {facts.rows(table):,.0f} "
            f"documents; the copies come to {size(max(0, spent))}.",
            recommendation=f"Keep the objects in a collection of their own and refer to them by {key}; copy only what "
            "is always shown.",
            operations=(
                ChangeApplication(
                    topic="repeated-object", subject=path,
                    instruction=f"Say whether {path} is a snapshot; if not, move it into a collection keyed by {key}, "
                    "keep the key and what is always shown, and refresh that when the original changes.",
                ),
            ),
        )  # fmt: skip
