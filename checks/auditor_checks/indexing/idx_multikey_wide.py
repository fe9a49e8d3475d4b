"""An index has hundreds of entries for each document.

## What
Indexes over the elements of arrays that are long on average: each element is an entry of its own.

## Why it matters
A change of the array writes an entry for each element that comes or goes, and moving or deleting a document touches all
of them. The index soon is larger than the collection, and takes its place in the cache.

## When it is fine
Each element really is searched for, and the array hardly changes.

## How to fix it
Keep what the array holds as documents of their own, with a reference to this one; or index a short field beside it that
is what queries ask for.

## Sources
MongoDB manual, "Multikey Indexes": for each element of the array an index key.
"""

from __future__ import annotations

from collections.abc import Iterator

from auditor.model.catalog import Index, Table
from auditor.model.check import Check
from auditor.model.facts import Facts
from auditor.model.finding import Evidence, Flaw, Impact
from auditor.model.operation import ChangeApplication
from auditor.model.units import INDEXES, column_called, table_subject
from auditor.model.vocabulary import Confidence, Pillar, Severity
from auditor_checks._words import fitting

CHECK = Check(
    title="An index has hundreds of entries for each document",
    passed="No index has hundreds of entries for each document",
    pillar=Pillar.INDEXING,
    severity=Severity.LOW,
    confidence=Confidence.LIKELY,
    unit=INDEXES,
    needs=("indexes", "fields"),
    engines=("mongodb",),
)


def judge(
    index: Index, facts: Facts, *, many: float = 100, medium: float = 1_000, min_rows: float = 100
) -> Iterator[Flaw]:
    """Report an index by the mean number of elements of what it is over."""
    table = facts.table(index.table_key)
    paths = index.columns if index.several is None else index.several  # older servers do not tell
    if table is None or not paths or facts.rows(table) < min_rows:
        return
    path = max(paths, key=lambda one: _elements(table, one))
    each = _elements(table, path)
    if each < many:
        return
    entries = each * facts.rows(table)
    yield Flaw(
        title=fitting(f"{index.name} has {each:,.0f} entries for each document"),
        severity=Severity.MEDIUM if each >= medium else Severity.LOW,
        related=(column_called(table, path), table_subject(table)),
        evidence=(
            Evidence(name="elements of a document on average", value=round(each), unit="elements", probe="fields"),
            Evidence(name="documents", value=round(facts.rows(table)), unit="documents", probe="collection-sizes"),
            Evidence(name="size of the index", value=index.bytes, unit="bytes", probe="collection-sizes"),
            Evidence(name="size of the collection's data", value=table.heap_bytes, unit="bytes",
                     probe="collection-sizes"),
        ),
        impact=Impact(bytes=index.bytes, risk="each change of the array writes many entries"),
        explanation=(
            f"The arrays at {path} have {each:,.0f} elements on average, each an entry of {index.path}: about "
            f"{entries:,.0f} for {facts.rows(table):,.0f} documents."
        ),
        recommendation="Keep the elements as documents of their own, or index a shorter field beside them.",
        operations=(
            ChangeApplication(
                topic="wide-multikey", subject=index.path,
                instruction=f"Keep what {path} holds as documents of their own that refer to {table.path}.",
            ),
        ),
    )  # fmt: skip


def _elements(table: Table, path: str) -> float:
    """How many values a document has at a path on average: arrays within arrays multiply."""
    parts, product = path.split("."), 1.0
    for end in range(1, len(parts) + 1):
        column = table.column(".".join(parts[:end]))
        if column is not None and column.shape is not None and column.shape.array is not None:
            product *= max(1.0, column.shape.array.mean)
    return product
