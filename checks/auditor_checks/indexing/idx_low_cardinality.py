"""An index on a column with a handful of values.

## What
Single-column B-tree indexes over all rows of a large table whose column is boolean or has only a few distinct values,
so that each value stands in a large share of the rows. Left out are unique indexes, the only index of a foreign key,
and indexes whose scans read few rows: those are used for a rare value.

## Why it matters
A search for a value that a tenth of the rows has is answered faster by reading the table. Such an index is written
with every row and read for nothing.

## When it is fine
One of the values is rare and only that one is searched, or the index answers counts without reading the table.

## How to fix it
If one rare value is what is searched for, a partial index on those rows does it at a fraction of the size. Otherwise
drop the index, or put the column behind a selective one.

## Sources
PostgreSQL manual, "Partial Indexes" (11.8): avoid indexing common values. MongoDB manual, "Create
Queries that Ensure Selectivity".
"""

from __future__ import annotations

from collections.abc import Iterator

from auditor.model.catalog import Column, Index
from auditor.model.check import Check
from auditor.model.facts import Facts
from auditor.model.finding import Evidence, Flaw, Impact, Verdict
from auditor.model.operation import DropIndex
from auditor.model.units import INDEXES, column_called, table_subject
from auditor.model.vocabulary import Confidence, Pillar, Severity
from auditor.text import size
from auditor_checks._hidden import hidden_statistics
from auditor_checks._words import SIZES, fitting, percent
from auditor_checks.indexing._redundancy import redundancy
from auditor_checks.indexing._usage import enforces, only_foreign_key_support

CHECK = Check(
    title="Index on a column with a handful of values",
    passed="No index is on a column with a handful of values",
    pillar=Pillar.INDEXING,
    severity=Severity.LOW,
    confidence=Confidence.LIKELY,
    unit=INDEXES,
    needs=(
        "tables|collections",
        "columns|fields",
        "indexes",
        "constraints|indexes",
        "column-statistics|fields",
    ),
)


def judge(
    index: Index, facts: Facts, *,
    max_distinct: float = 10, min_rows: float = 10_000, rare_share: float = 0.05, medium_bytes: float = 100_000_000,
) -> Iterator[Verdict]:  # fmt: skip
    """Report the index if each value of its only column stands in many rows and its scans read many."""
    table = facts.table(index.table_key)
    if table is None or not _plain(index) or facts.rows(table) < min_rows:
        return
    column = table.column(index.parts[0].column or "")
    if (
        column is None
        or column.family == "array"
        or only_foreign_key_support(index, facts)
        or redundancy(index, facts) is not None
    ):
        return
    if column.statistics is None:
        if not table.statistics_visible:
            yield hidden_statistics(table, facts)
        return
    distinct = _distinct(column)
    if distinct is None or distinct > max_distinct:
        return
    rows, common = facts.rows(table), column.statistics.top_frequency
    rest = 1 - column.statistics.null_fraction - (common or 0.0)
    per_scan = _rows_per_scan(index, facts)
    if per_scan is not None and per_scan < rare_share * rows:
        return
    if per_scan is None and common is not None and rest < rare_share:
        return  # one value dominates: the index may be there for the rare one, and no scan tells
    own = facts.index_bytes(index)
    yield Flaw(
        title=fitting(f"Index {index.name} is on a column with {distinct:.0f} distinct values"),
        related=(column_called(table, column.name), table_subject(table)),
        severity=Severity.MEDIUM if (own or 0) >= medium_bytes else Severity.LOW,
        evidence=(
            Evidence(name="distinct values", value=distinct, unit="values", probe="column-statistics|fields"),
            Evidence(name="share of the commonest value", value=common, unit="share", probe="column-statistics|fields"),
            Evidence(name="rows read per scan", value=per_scan, unit="rows", probe="index-usage"),
            Evidence(name="rows", value=round(rows), unit="rows", probe="tables|collection-sizes"),
            Evidence(name="size", value=own, unit="bytes", probe=SIZES),
        ),
        impact=Impact(bytes=own, risk="writes maintain an index that narrows nothing"),
        explanation=_explanation(index, column, rows, per_scan, size(own)),
        recommendation=(
            "If queries search for a rare value only, build a partial index on those rows in its place; otherwise drop "
            f"{index.name} without blocking writes after watching its scans."
        ),
        operations=(DropIndex(schema=index.schema, table=index.table, name=index.name, observe_days=14),),
    )


def _plain(index: Index) -> bool:
    return (
        index.usable
        and index.method == "btree"
        and len(index.parts) == 1
        and not index.include
        and index.predicate is None
        and not enforces(index)
    )


def _distinct(column: Column) -> float | None:
    if column.family == "boolean":
        return 2.0
    return column.statistics.distinct if column.statistics is not None else None


def _rows_per_scan(index: Index, facts: Facts) -> float | None:
    scans = facts.index_scans(index)
    if not scans:
        return None
    reads = [part.rows_read for part in facts.index_parts(index) if part.rows_read is not None]
    return sum(reads) / scans if reads else None


def _explanation(index: Index, column: Column, rows: float, per_scan: float | None, own: str) -> str:
    common = column.statistics.top_frequency if column.statistics is not None else None
    share = f", the commonest in {percent(common)} of them" if common else ""
    scans = f" Its scans read {per_scan:,.0f} rows each." if per_scan is not None else " No scan of it was counted."
    return (
        f"{column.name} has {_distinct(column) or 0:.0f} distinct values in {rows:,.0f} rows{share}. {index.path} "
        f"takes {own} and cannot narrow a search much.{scans}"
    )
