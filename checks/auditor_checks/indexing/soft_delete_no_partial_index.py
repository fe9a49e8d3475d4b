"""Reads of live rows go through indexes that are full of deleted ones.

## What
Large tables with a column that marks rows as deleted, a substantial share of marked rows by the statistics, frequent
reads, and not one index whose condition tests the mark.

## Why it matters
Deleted rows stay in every index. Each search for live rows finds them, fetches them from the table and throws them
away; the share that is thrown away grows for as long as nothing is purged.

## When it is fine
Rows are read by their key only, or deleted rows are read as often as live ones.

## How to fix it
Build the indexes that searches for live rows use with the condition that the row is not deleted, without blocking
writes, and drop the full ones afterwards.

## Sources
PostgreSQL manual, "Partial Indexes" (11.8): setting up a partial index to exclude uninteresting values.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from auditor.model.catalog import Column, Index, Table
from auditor.model.check import Check
from auditor.model.facts import Facts, TableColumn
from auditor.model.finding import Evidence, Flaw, Impact, Subject, Verdict
from auditor.model.operation import AddIndex, AnyOperation, ChangeApplication
from auditor.model.units import TABLES, column_subject
from auditor.model.vocabulary import Confidence, Pillar, Severity
from auditor_checks._hidden import hidden_statistics, unreadable
from auditor_checks._soft_delete import deleted_share, deletion_mark, live_condition
from auditor_checks._words import fitting, percent
from auditor_checks.indexing._usage import enforces

CHECK = Check(
    title="Soft-deleted rows fill the indexes that live rows are read through",
    passed="Soft-deleted rows are kept out of the indexes that live rows are read through",
    pillar=Pillar.INDEXING,
    severity=Severity.MEDIUM,
    confidence=Confidence.LIKELY,
    unit=TABLES,
    needs=(
        "tables|collections",
        "columns|fields",
        "indexes",
        "constraints|collections",
        "column-statistics|fields",
        "table-usage|collection-usage",
        "index-usage",
    ),
    engines=("postgresql", "mongodb"),
)


def judge(
    table: Table, facts: Facts, *, min_rows: float = 10_000, min_share: float = 0.2, min_reads: float = 1_000
) -> Iterator[Verdict]:
    """Report the table if many of its rows are marked as deleted and no index leaves them out."""
    column = deletion_mark(table)
    rows = facts.rows(table)
    if column is None or rows < min_rows:
        return
    if table.unreadable is not None:
        yield unreadable(table.key, table)
        return
    indexes = [index for index in facts.indexes_of(table.key) if index.usable]
    if any(index.predicate is not None and _mentions(index.predicate, column.name) for index in indexes):
        return
    share = deleted_share(column)
    if share is None:
        if not table.statistics_visible:
            yield hidden_statistics(table, facts)
        return
    searches = {index.key: facts.index_scans(index) or 0 for index in indexes if not index.primary}
    whole = sum(leaf.usage.sequential_scans for leaf in facts.leaves(table) if leaf.usage is not None)
    reads = sum(searches.values()) + whole
    if share < min_share or reads < min_reads:
        return
    best = max(
        (index for index in indexes if _replaceable(index)),
        key=lambda index: (searches[index.key], index.name), default=None,
    )  # fmt: skip
    word = facts.capabilities.terms.row
    yield Flaw(
        title=fitting(f"{percent(share)} of the {word}s of {table.name} are deleted, and every index holds them"),
        related=(
            column_subject(TableColumn(table, column)),
            *([Subject(kind="index", name=best.path)] if best is not None else []),
        ),
        severity=Severity.MEDIUM if share >= 0.5 or rows >= 1_000_000 else Severity.LOW,
        evidence=(
            Evidence(
                name="share of deleted rows", value=round(share, 3), unit="share", probe="column-statistics|fields"
            ),
            Evidence(name="rows", value=round(rows), unit="rows", probe="tables|collection-sizes"),
            Evidence(name="reads other than by primary key", value=reads, unit="scans", probe="index-usage"),
        ),
        impact=Impact(rows=round(rows * share), risk="searches fetch deleted rows and throw them away"),
        explanation=(
            f"{percent(share)} of {rows:,.0f} {word}s of {table.path} are marked by {column.name}. It was searched "
            f"{reads:,} times other than by its primary key, and no index leaves the deleted rows out."
        ),
        recommendation=(
            f"Build the indexes that serve searches for live rows with the condition that {column.name} says "
            f"the {word} is not deleted, and drop the full ones afterwards."
        ),
        operations=(_operation(table, column, best),),
    )


def _mentions(predicate: str, name: str) -> bool:
    return re.search(rf'(?<![\w"]){re.escape(name)}(?!\w)|"{re.escape(name)}"', predicate) is not None


def _replaceable(index: Index) -> bool:
    plain = all(part.column is not None and part.default_operator_class for part in index.parts)
    return plain and not enforces(index) and index.predicate is None and index.method == "btree"


def _operation(table: Table, column: Column, best: Index | None) -> AnyOperation:
    if best is None or (column.shape is not None and column.family == "boolean" and column.nullable):
        return ChangeApplication(
            topic="soft-delete-reads", subject=table.path,
            instruction=f"Index what searches for live rows filter by, with a condition on {column.name}.",
        )  # fmt: skip
    return AddIndex(
        schema=table.schema, table=table.name, columns=best.columns, include=best.include,
        predicate=live_condition(column),
        descending=tuple(part.column for part in best.parts if part.descending and part.column is not None),
    )  # fmt: skip
