"""An index leaves out nulls of a column that has none.

## What
Partial indexes whose condition holds ``column IS NOT NULL`` although the column is declared NOT NULL: the term leaves
out no row.

## Why it matters
The index is as large as a full one, and a query uses it only when the planner can prove the condition from the query,
so sorting and reading whole tables may miss it. Whoever reads the schema believes that the column may be null.

## When it is fine
The index is older than the NOT NULL and will be replaced anyway.

## How to fix it
Build the index without the term, without blocking writes, and drop the old one. There is no hurry.

## Sources
PostgreSQL manual, "Partial Indexes" (11.8): a partial index is used only if the query's condition implies its
predicate.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from auditor.model.catalog import Index, Table
from auditor.model.check import Check
from auditor.model.facts import Facts
from auditor.model.finding import Evidence, Flaw, Subject
from auditor.model.operation import AddIndex, AnyOperation, DropIndex
from auditor.model.units import INDEXES
from auditor.model.vocabulary import Pillar, Severity
from auditor_checks._words import fitting
from auditor_checks.indexing._redundancy import is_protected

CHECK = Check(
    title="Index leaves out nulls of a column that has none",
    passed="No index leaves out nulls of a column that has none",
    pillar=Pillar.INDEXING,
    severity=Severity.INFO,
    unit=INDEXES,
    needs=("tables", "columns", "indexes"),
    engines=("postgresql",),
)

_TERM = re.compile(r'^\(*("(?:[^"]|"")+"|\w+) IS NOT NULL\)*$')


def judge(index: Index, facts: Facts) -> Iterator[Flaw]:
    """Report a partial index with a term that is always true."""
    if index.predicate is None or not index.usable or is_protected(index, facts):
        return
    table = facts.table(index.table_key)
    if table is None:
        return
    terms = [term.strip() for term in re.split(r"\s+AND\s+", index.predicate)]
    empty = [column for term in terms if (column := _never_null(term, table)) is not None]
    if not empty or " OR " in index.predicate:
        return
    whole = len(empty) == len(terms)
    yield Flaw(
        title=fitting(f"Condition of index {index.name} tests for nulls that cannot be there"),
        related=(
            *(Subject(kind="column", name=table.column_path(name)) for name in empty),
            Subject(kind="table", name=table.path),
        ),
        severity=Severity.LOW if whole else Severity.INFO,
        evidence=(
            Evidence(name="condition", value=index.predicate, probe="indexes"),
            Evidence(name="columns that cannot be null", value=", ".join(empty), probe="columns"),
        ),
        explanation=(
            f"{index.path} is built with the condition {index.predicate}, but {', '.join(empty)} cannot be null."
            + (" It covers every row and yet counts as partial." if whole else "")
        ),
        recommendation="Build it without that term, without blocking writes, when the index is next touched.",
        operations=_operations(index) if whole else (),
    )


def _never_null(term: str, table: Table) -> str | None:
    match = _TERM.match(term)
    if match is None:
        return None
    name = match[1][1:-1].replace('""', '"') if match[1].startswith('"') else match[1]
    column = table.column(name)
    return name if column is not None and not column.nullable else None


def _operations(index: Index) -> tuple[AnyOperation, ...]:
    """Replace the index where its key is plain enough to be written as columns."""
    if index.is_expression or any(part.descending or not part.default_operator_class for part in index.parts):
        return ()
    return (
        AddIndex(
            schema=index.schema, table=index.table, columns=index.columns, include=index.include,
            unique=index.unique, method=None if index.method == "btree" else index.method,
        ),
        DropIndex(schema=index.schema, table=index.table, name=index.name),
    )  # fmt: skip
