"""An index consists mostly of nulls.

## What
Plain single-column B-tree indexes over all rows of a large table whose column is null in most of them. Unique
indexes, partial indexes, and columns that a statement was seen to test with ``IS NULL`` are left out.

## Why it matters
Rows without a value are what nobody searches for, yet each has an entry that is written, cached and logged.

## When it is fine
The nulls themselves are searched (work that is not done yet), or the column has just been added and is being filled.

## How to fix it
Build a partial index with ``WHERE column IS NOT NULL`` without blocking writes and drop the full one. Searches for a
value imply the condition, foreign keys too.

## Sources
PostgreSQL manual, "Partial Indexes" (11.8). MongoDB manual, "Partial Indexes", Comparison with Sparse Indexes.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

import msgspec

from auditor.model.catalog import Index
from auditor.model.check import Check
from auditor.model.facts import Facts
from auditor.model.finding import Evidence, Flaw, Impact, Verdict
from auditor.model.operation import AddIndex, DropIndex
from auditor.model.units import INDEXES, column_called, table_subject
from auditor.model.vocabulary import Confidence, Pillar, Severity
from auditor.text import size
from auditor_checks._hidden import hidden_statistics
from auditor_checks._words import SIZES, fitting, percent
from auditor_checks.indexing._redundancy import redundancy
from auditor_checks.indexing._usage import enforces

CHECK = Check(
    title="Index consists mostly of nulls",
    passed="No index consists mostly of nulls",
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
    engines=("postgresql", "mongodb"),
)


def judge(
    index: Index, facts: Facts, *, min_share: float = 0.8, min_rows: float = 10_000, medium_bytes: float = 100_000_000
) -> Iterator[Verdict]:
    """Report the index if most of its entries are nulls that nobody is seen to search."""
    table = facts.table(index.table_key)
    if table is None or not _plain(index) or facts.rows(table) < min_rows:
        return
    column = table.column(index.parts[0].column or "")
    if column is None:
        return
    if column.statistics is None:
        if not table.statistics_visible:
            yield hidden_statistics(table, facts)
        return
    share = column.statistics.null_fraction
    searched = any(column.name in entry.use.nulls for entry in facts.statement_uses.get(table.key, ()))
    if share < min_share or searched or redundancy(index, facts) is not None:
        return
    own = facts.index_bytes(index)
    yield Flaw(
        title=fitting(f"{percent(share)} of index {index.name} are nulls"),
        related=(column_called(table, column.name), table_subject(table)),
        severity=Severity.MEDIUM if (own or 0) * share >= medium_bytes else Severity.LOW,
        evidence=(
            Evidence(name="share of nulls", value=round(share, 4), unit="share", probe="column-statistics|fields"),
            Evidence(name="rows", value=round(facts.rows(table)), unit="rows", probe="tables|collection-sizes"),
            Evidence(name="size", value=own, unit="bytes", probe=SIZES),
        ),
        impact=Impact(bytes=round(own * share) if own else None, risk="entries that nobody searches are maintained"),
        explanation=(
            f"{column.name} is null in {percent(share)} of the rows of {table.path}; {index.path} ({size(own)}) has an "
            "entry for each of them. No statement was seen to search for the nulls."
        ),
        recommendation=(
            f"Build an index on {column.name} without the nulls, not blocking writes, then drop {index.name}."
        ),
        operations=(
            AddIndex(
                schema=table.schema, table=table.name, columns=(column.name,), predicate=_filled(column.name, facts)
            ),
            DropIndex(schema=index.schema, table=index.table, name=index.name),
        ),
    )


def _plain(index: Index) -> bool:
    return (
        index.usable
        and not index.sparse
        and index.method == "btree"
        and len(index.parts) == 1
        and index.predicate is None
        and index.parts[0].default_operator_class
        and not enforces(index)
        and not index.include
    )


def _filled(name: str, facts: Facts) -> str:
    """The condition that a column has a value, in the engine's own words."""
    if facts.capabilities.terms.script == "javascript":
        return msgspec.json.encode({name: {"$exists": True}}).decode()
    quoted = name if re.fullmatch(r"[a-z_][a-z0-9_]*", name) else '"' + name.replace('"', '""') + '"'
    return f"{quoted} IS NOT NULL"
