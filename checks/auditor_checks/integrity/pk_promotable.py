"""A unique key over mandatory columns could serve as the missing primary key.

## What
In a table without a primary key: the unique index that fits best as one. It is valid, covers every row, holds plain
columns that are never null, and is checked at once. One index per table is reported.

## Why it matters
The table already pays for a key and gets none of what a primary key gives: a target for foreign keys without naming
columns, row addressing in logical replication, and what tools and frameworks need to find a row. Promoting a bare
unique index changes only the catalog and holds its lock for milliseconds.

## When it is fine
A table whose key is deliberately open to change, or that will get a surrogate key instead.

## How to fix it
Make the index the primary key. An index that already belongs to a unique constraint cannot be promoted: build its
twin beside it, promote that one, and drop the constraint unless a foreign key refers to it.

## Sources
PostgreSQL manual, ALTER TABLE, "ADD table_constraint_using_index": the index must be unique, without expressions or
predicate, of the default sort order, not deferrable; not for partitioned tables.
"""

from __future__ import annotations

from collections.abc import Iterator

from auditor.model.catalog import Table
from auditor.model.check import Check
from auditor.model.facts import Facts
from auditor.model.finding import Evidence, Flaw, Subject
from auditor.model.units import TABLES
from auditor.model.vocabulary import Pillar, Severity
from auditor_checks.integrity._keys import column_subjects, promotable, proposed_key, row_keys, table_subject

CHECK = Check(
    title="Unique key could be the missing primary key",
    passed="No unique key stands in for a missing primary key",
    pillar=Pillar.INTEGRITY,
    severity=Severity.LOW,
    unit=TABLES,
    needs=("tables", "columns", "constraints", "indexes"),
)


def judge(table: Table, facts: Facts) -> Iterator[Flaw]:
    """Report the best of the table's row keys, if it has no primary key."""
    keys = row_keys(table, facts) if facts.primary_key(table.key) is None else ()
    if not keys:
        return
    best = min(keys, key=lambda index: not promotable(index, table, facts))
    at_once = promotable(best, table, facts)
    columns = ", ".join(best.columns)
    yield Flaw(
        subject=Subject(kind="index", name=best.path),
        severity=Severity.LOW if at_once else Severity.INFO,
        related=(table_subject(table), *column_subjects(table, best.columns)),
        evidence=(
            Evidence(name="unique over mandatory columns", value=columns, probe="indexes"),
            Evidence(name="can be promoted as it stands", value=at_once, probe="indexes"),
            Evidence(name="other such keys", value=len(keys) - 1, unit="indexes", probe="indexes"),
        ),
        explanation=(
            f"{table.path} has no primary key, though {best.name} already keeps ({columns}) unique and none of them "
            + ("can be null: promoting it rewrites nothing." if at_once else "can be null.")
            + (
                ""
                if at_once
                else f" It cannot be promoted as it stands, because {_why_not(table, best.constraint, facts)}."
            )
        ),
        recommendation=(
            f"Make {best.name} the primary key of {table.path}; it takes the constraint's name."
            if at_once
            else f"Build the primary key over ({columns}) beside it, then drop {best.name} unless it is referred to."
        ),
        operations=(proposed_key(table, facts),),
    )


def _why_not(table: Table, constraint: str | None, facts: Facts) -> str:
    if not facts.capabilities.promotes_indexes:
        return "this engine builds a primary key anew, and the table with it"
    if table.kind == "partitioned":
        return "the table is partitioned"
    return "it belongs to a unique constraint" if constraint else "it sorts or compares in a way of its own"
