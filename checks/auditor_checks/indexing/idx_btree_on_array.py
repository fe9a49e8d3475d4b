"""A B-tree index on an array column.

## What
Non-unique B-tree indexes whose first column is an array and that no query was seen to scan.

## Why it matters
A B-tree compares whole arrays. It answers "is equal to this array" and sorting, not "contains", "overlaps" or "has
this element", which is what arrays are searched for; those queries read the whole table.

## When it is fine
Whole arrays are compared or sorted. An index that is being scanned does that and is not reported.

## How to fix it
Build a GIN index on the column without blocking writes, rewrite ``= ANY(column)`` as a containment, and drop the old
one.

## Sources
PostgreSQL manual, "Index Types" (11.2) and "GIN Indexes", built-in operator classes (array_ops).
"""

from __future__ import annotations

from collections.abc import Iterator

from auditor.model.catalog import Index
from auditor.model.check import Check
from auditor.model.facts import Facts
from auditor.model.finding import Evidence, Flaw, Impact, Subject
from auditor.model.operation import AddIndex, DropIndex
from auditor.model.units import INDEXES
from auditor.model.vocabulary import Confidence, Pillar, Severity
from auditor_checks._words import fitting
from auditor_checks.indexing._usage import enforces

CHECK = Check(
    title="B-tree index on an array cannot find elements",
    passed="No B-tree index is on an array",
    pillar=Pillar.INDEXING,
    severity=Severity.LOW,
    confidence=Confidence.LIKELY,
    unit=INDEXES,
    needs=("tables", "columns", "indexes"),
    engines=("postgresql",),
)


def judge(index: Index, facts: Facts) -> Iterator[Flaw]:
    """Report a B-tree index that begins with an array and was never scanned."""
    table = facts.table(index.table_key)
    if table is None or index.method != "btree" or not index.parts or enforces(index) or not index.usable:
        return
    column = table.column(index.parts[0].column or "")
    if column is None or column.family != "array" or facts.index_scans(index):
        return
    path, own = table.column_path(column.name), facts.index_bytes(index)
    served = any(
        other.method == "gin" and other.usable and column.name in other.columns for other in facts.indexes_of(table.key)
    )
    better = () if served else (AddIndex(schema=table.schema, table=table.name, columns=(column.name,), method="gin"),)
    yield Flaw(
        title=fitting(f"B-tree index {index.name} on the array {column.name} cannot find elements"),
        related=(Subject(kind="column", name=path), Subject(kind="table", name=table.path)),
        evidence=(
            Evidence(name="column type", value=column.type, probe="columns"),
            Evidence(name="scans", value=facts.index_scans(index), unit="scans", probe="index-usage"),
            Evidence(name="size", value=own, unit="bytes", probe="sizes"),
        ),
        impact=Impact(bytes=own, risk="searches for elements read the whole table"),
        explanation=(
            f"{index.path} orders the whole arrays of {path} ({column.type}). It cannot answer which rows contain an "
            "element, and no scan of it was counted."
        ),
        recommendation=(
            f"Drop {index.name}; the GIN index on the column finds elements."
            if served
            else f"Build a GIN index on {column.name} without blocking writes and drop {index.name}."
        ),
        operations=(*better, DropIndex(schema=index.schema, table=index.table, name=index.name, observe_days=14)),
    )
