"""An index names the columns of the primary key that InnoDB appends anyway.

## What
Secondary indexes of InnoDB tables whose last columns are the whole primary key, in its order. Unique indexes are left
out.

## Why it matters
InnoDB keeps the primary key in every secondary index: naming it changes nothing but what the index is called, and hides
that a shorter one is the same.

## When it is fine
Queries that sort by these columns are easier to understand so; another engine may hold the table one day.

## How to fix it
Leave it, or drop the columns from the definition when the index is made anew.

## Sources
MySQL manual, "Clustered and Secondary Indexes".
"""

from __future__ import annotations

from collections.abc import Iterator

from auditor.model.catalog import Index
from auditor.model.check import Check
from auditor.model.facts import Facts
from auditor.model.finding import Evidence, Flaw, Subject, Verdict
from auditor.model.units import INDEXES
from auditor.model.vocabulary import Pillar, Severity
from auditor_checks._settings import PRODUCTS

CHECK = Check(
    title="An index repeats the primary key at its end",
    passed="Indexes leave the primary key to InnoDB",
    pillar=Pillar.INDEXING,
    severity=Severity.INFO,
    unit=INDEXES,
    needs=(
        "tables",
        "indexes",
        "constraints",
    ),
    engines=PRODUCTS,
)


def judge(index: Index, facts: Facts) -> Iterator[Verdict]:
    """Compare the end of the index with the primary key."""
    table, key = facts.table(index.table_key), facts.primary_key(index.table_key)
    if index.unique or index.method != "btree" or table is None or (table.engine or "").lower() != "innodb":
        return
    if key is None or len(index.parts) <= len(key.columns) or index.is_expression:
        return
    end = index.parts[-len(key.columns) :]
    if tuple(part.column for part in end) != key.columns or any(part.length or part.descending for part in end):
        return
    kept = ", ".join(index.columns[: -len(key.columns)])
    yield Flaw(
        related=(Subject(kind="table", name=table.path),),
        evidence=(
            Evidence(name="columns of the index", value=", ".join(index.columns), probe="indexes"),
            Evidence(name="primary key", value=", ".join(key.columns), probe="constraints"),
        ),
        explanation=f"An index over ({kept}) holds the same entries in the same order.",
        recommendation="Leave the primary key out when the index is made anew.",
    )
