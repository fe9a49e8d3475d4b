"""A foreign key has no index that serves it.

## What
Foreign keys whose columns are not the leading columns, in any order, of a valid index that covers every row that can
refer to something. An index with other columns first, an invalid index, or a partial index does not serve; a partial
index whose only condition is that the column is not null does. Between documents, references are fields that hold keys
of another collection, as far as a look-up of some values found them there.

## Why it matters
PostgreSQL, MySQL, MariaDB: Deleting a referenced row, or changing its key, searches the referencing table for each row:
without an index that is a scan of the whole table, while the row stays locked. Joins from parent to child pay the same
price.

MongoDB: To find what belongs to one document of the other collection, for a page, for a ``$lookup`` from there or to
delete it with its owner, every document of this one is read.

## When it is fine
PostgreSQL, MySQL, MariaDB: The referencing table stays small, or rows of the referenced table are never deleted, never
re-keyed and never joined downwards. Small tables and parents without deletes are therefore graded lower.

MongoDB: The collection stays small, or nobody goes from the other one to this. Where no search by the field was
counted, and in small collections, it is graded low.

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
from auditor.model.units import Unit
from auditor.model.vocabulary import Confidence, Pillar, Severity
from auditor_checks._documents import documents_of
from auditor_checks._hidden import unreadable
from auditor_checks._links import Linked, links, looked_up
from auditor_checks._links import subject as linked_subject
from auditor_checks._references import REFERENCES, distinct_references, is_served, referrer, serves
from auditor_checks._words import fitting

CHECK = Check(
    title="Foreign key has no supporting index",
    passed="Every foreign key is served by an index",
    pillar=Pillar.INDEXING,
    severity=Severity.MEDIUM,
    unit=Unit(
        plural="references",
        items=lambda facts: [*distinct_references(facts), *links(facts)],
        subject=lambda item: linked_subject(item) if isinstance(item, Linked) else REFERENCES.subject(item),
        weight=lambda facts, item: (
            facts.exposure(item.table) if isinstance(item, Linked) else REFERENCES.weight(facts, item)
        ),
    ),
    needs=("tables|collections", "constraints|references", "indexes"),
)


def judge(
    key: Constraint | Linked, facts: Facts, *, small_rows: float = 1_000, large_rows: float = 100_000
) -> Iterator[Flaw | Unknown]:
    """Report the key unless some usable index starts with its columns."""
    if isinstance(key, Linked):
        yield from _linked(key, facts, small_rows, large_rows)
        return
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


def _linked(item: Linked, facts: Facts, small_rows: float, large_rows: float) -> Iterator[Flaw]:
    """Report a reference between documents unless some index begins with its field."""
    indexes = facts.indexes_of(item.table.key)
    served = any(
        index.usable and index.columns[:1] == (item.link.field,) and (index.predicate is None or index.sparse)
        for index in indexes
    )
    if (
        served
        or documents_of(item.table).time_series is not None
        or item.link.field in documents_of(item.table).shard_key[:1]
    ):
        return
    documents = facts.rows(item.table)
    searched = sum(
        one.statement.calls
        for one in facts.statement_uses.get(item.table.key, ())
        if item.link.field in (*one.use.equal, *one.use.joined)
    )
    near = [index for index in indexes if item.link.field in index.columns]
    yield Flaw(
        title=fitting(f"No index begins with {item.path}, which refers to {item.target}"),
        severity=Severity.LOW
        if documents < small_rows or not searched
        else Severity.MEDIUM
        if documents < large_rows
        else Severity.HIGH,
        confidence=Confidence.LIKELY,
        related=(
            Subject(kind="collection", name=item.target),
            *(Subject(kind="index", name=index.path) for index in near),
        ),
        evidence=(
            *looked_up(item),
            Evidence(name="documents that refer", value=round(documents), unit="documents", probe="collection-sizes"),
            Evidence(name="counted searches by it", value=searched, unit="calls", probe="profile"),
            Evidence(name="indexes that hold the field", value=len(near), unit="indexes", probe="indexes"),
        ),
        impact=Impact(rows=round(documents), risk="scans of the collection for what belongs to one document"),
        explanation=f"{item.path} refers to {item.target}, and no index of {item.table.path} begins with it: to find "
        f"what belongs to one of these, or to join from there, all {documents:,.0f} documents are read.",
        recommendation=f"Index {item.link.field} of {item.table.path}, unless nobody goes that way.",
        operations=(AddIndex(schema=item.table.schema, table=item.table.name, columns=(item.link.field,)),),
    )


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
