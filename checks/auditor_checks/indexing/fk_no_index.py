"""A foreign key has no index that serves it.

## What
Foreign keys whose columns are not the leading columns, in any order, of a valid index that covers every row that can
refer to something. An index with other columns first, an invalid index, or a partial index does not serve; a partial
index whose only condition is that the column is not null does.

## Why it matters
Deleting a referenced row, or changing its key, searches the referencing table for each row: without an index that is a
scan of the whole table, while the row stays locked. Joins from parent to child pay the same price.

## When it is fine
The referencing table stays small, or rows of the referenced table are never deleted, never re-keyed and never joined
downwards. Small tables and parents without deletes are therefore graded lower.

## How to fix it
Build an index whose leading columns are the foreign key's columns, without blocking writes; on a partitioned table leaf
by leaf.

## Sources
PostgreSQL manual, "Foreign Keys" (5.5.5): declaring a foreign key does not create an index on the referencing columns.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from msgspec.structs import replace

from auditor.model.catalog import Constraint, Index, Table
from auditor.model.check import Check
from auditor.model.facts import Facts
from auditor.model.finding import Evidence, Flaw, Impact, Subject, Unknown
from auditor.model.operation import AddIndex, AnyOperation, CompletePartitionedIndex, RebuildIndex
from auditor.model.vocabulary import Pillar, Severity
from auditor_checks._hidden import unreadable
from auditor_checks._references import REFERENCES, is_served, referrer, serves
from auditor_checks._words import fitting

CHECK = Check(
    title="Foreign key has no supporting index",
    passed="Every foreign key is served by an index",
    pillar=Pillar.INDEXING,
    severity=Severity.MEDIUM,
    unit=REFERENCES,
    needs=("tables", "constraints", "indexes"),
)


def judge(
    key: Constraint, facts: Facts, *, small_rows: float = 1_000, large_rows: float = 100_000
) -> Iterator[Flaw | Unknown]:
    """Report the key unless some usable index starts with its columns."""
    child, parent = referrer(key, facts), facts.table(key.referenced_key)
    if child is None or is_served(key, facts):
        return
    rows, deleted = facts.rows(child), _deleted(parent, facts)
    near = [index for index in facts.indexes_of(child.key) if set(key.columns) & set(index.columns)]
    if child.unreadable is not None and any(index.predicate is not None for index in near):
        yield unreadable(
            child.key, child
        )  # the condition of the partial index could not be read, and it may leave out only nulls
        return
    severity = (
        Severity.LOW if rows < small_rows else Severity.HIGH if rows >= large_rows and deleted else Severity.MEDIUM
    )
    referenced = f"{key.referenced_schema}.{key.referenced_table}"
    columns = [Subject(kind="column", name=child.column_path(column)) for column in key.columns]
    constraint = Subject(kind="constraint", name=key.path)
    yield Flaw(
        title=fitting(f"Foreign key on {', '.join(key.columns)} has no supporting index"),
        subject=columns[0] if len(columns) == 1 else constraint,
        related=(
            *(columns if len(columns) > 1 else [constraint]),
            Subject(kind="table", name=child.path),
            Subject(kind="table", name=referenced),
            *(Subject(kind="index", name=index.path) for index in near),
        ),
        severity=severity,
        evidence=(
            Evidence(name="rows in the referencing table", value=round(rows), unit="rows", probe="tables"),
            Evidence(name="rows deleted from the referenced table", value=deleted, unit="rows", probe="table-usage"),
            Evidence(name="indexes with some of the columns", value=len(near), unit="indexes", probe="indexes"),
        ),
        impact=Impact(rows=round(rows), risk="scans and long row locks when referenced rows are deleted"),
        explanation=(
            f"Each delete or key change in {referenced} has to find the referring rows of {child.path} "
            f"({rows:,.0f} rows) by a scan, because {_why_not(near, key, facts)}."
        ),
        recommendation=f"Index {', '.join(key.columns)} of {child.path}.",
        operations=(_operation(key, child, near),),
    )  # fmt: skip


def _deleted(parent: Table | None, facts: Facts) -> int | None:
    """Rows deleted from the referenced table; None when nobody counted."""
    usages = facts.told_usages(parent) if parent is not None else []
    return sum(usage.deleted for usage in usages) if usages else None


def _operation(key: Constraint, child: Table, near: Sequence[Index]) -> AnyOperation:
    """Mend an index that would serve if it were valid, else build one."""
    for index in near:
        if not index.usable and serves(replace(index, valid=True, ready=True), key.columns):
            mend = CompletePartitionedIndex if index.partitioned else RebuildIndex
            return mend(schema=index.schema, table=index.table, name=index.name)
    return AddIndex(schema=child.schema, table=child.name, columns=key.columns)


def _why_not(near: Sequence[Index], key: Constraint, facts: Facts) -> str:
    broken = next((index for index in near if not index.usable), None)
    if not near:
        child = facts.table(key.table_key)
        leaves = facts.leaves(child) if child is not None else ()
        if any(serves(index, key.columns) for leaf in leaves for index in facts.indexes_of(leaf.key)):
            return "not every partition has an index on the column"
        return "no index holds the column"
    if broken is not None:
        return f"{broken.path} is invalid"
    if any(index.predicate for index in near):
        return "the index that holds the column covers only some rows"
    return "the indexes that hold the column start with another one"
