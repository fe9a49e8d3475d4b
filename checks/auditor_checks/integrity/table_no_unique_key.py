"""A table has no key of any kind: nothing tells two equal rows apart.

## What
Tables that have neither a primary key nor a valid unique index over all their rows. A unique index that covers only
some rows does not count; one over an expression does. Partitions and inheriting tables count as part of their table.

## Why it matters
The same row can be stored any number of times, and a duplicate cannot be removed without touching its twin. A row
cannot be addressed from outside the database, and a replica that applies changes row by row has to search by whole
rows.

## When it is fine
A landing table that is filled, de-duplicated into its place and emptied; an append-only log that nothing updates.
Tables that are only appended to and those that a crash may empty are graded lower, large or changed ones higher.

## How to fix it
Find the columns that name a row, remove the duplicates, and make them the key; where there are none, add a number.

PostgreSQL: Until then, a table that is replicated row by row needs the replica identity FULL.

## Sources
PostgreSQL manual, "Unique Constraints" (5.5.3) and "Logical Replication", "Publication" (replica identity).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from auditor.model.catalog import Index, Table
from auditor.model.check import Check
from auditor.model.facts import Facts
from auditor.model.finding import Evidence, Flaw, Impact, Subject
from auditor.model.operation import AnyOperation, SetReplicaIdentity
from auditor.model.units import TABLES
from auditor.model.vocabulary import Pillar, Severity
from auditor_checks.integrity._keys import (
    ancestor,
    changed_rows,
    family_of,
    inserted_rows,
    is_pattern,
    proposed_key,
    publications_of,
    replicates_rows,
    table_subject,
    unique_indexes,
)

CHECK = Check(
    title="Table has no key at all",
    passed="Every table has a primary or unique key",
    pillar=Pillar.INTEGRITY,
    severity=Severity.MEDIUM,
    unit=TABLES,
    needs=("tables", "constraints", "indexes"),
)


def judge(table: Table, facts: Facts, *, large_rows: float = 100_000) -> Iterator[Flaw]:
    """Report the table, or the whole inheritance tree at its top."""
    if _has_key(table, facts) or is_pattern(table, facts):
        return
    top = ancestor(table, facts)
    tree = family_of(top, facts)
    if len(tree) > 1 and not any(_has_key(member, facts) for member in tree):
        if table.key == top.key:
            yield _flaw(top, tree, facts, large_rows)
    elif table.key not in facts.inheritors or facts.rows(table) > 0:
        yield _flaw(table, [table], facts, large_rows)


def _has_key(table: Table, facts: Facts) -> bool:
    """Whether a key covers every row of the table, or of each of its partitions."""
    if facts.primary_key(table.key) is not None or unique_indexes(table, facts):
        return True
    leaves = facts.leaves(table) if table.kind == "partitioned" else ()
    return bool(leaves) and all(facts.primary_key(f.key) is not None or unique_indexes(f, facts) for f in leaves)


def _flaw(table: Table, members: Sequence[Table], facts: Facts, large_rows: float) -> Flaw:
    rows = sum(facts.rows(member) for member in members)
    changed = _together(changed_rows(member, facts) for member in members)
    inserted = _together(inserted_rows(member, facts) for member in members)
    partial = [i for member in members for i in facts.indexes_of(member.key) if i.unique]
    published = publications_of(table, facts, "update", "delete") if not replicates_rows(table, facts) else ()
    appended_only = (inserted or 0) > 0 and not changed
    if published or (rows >= large_rows and changed):
        severity = Severity.HIGH
    else:
        severity = Severity.LOW if appended_only or table.persistence != "permanent" else Severity.MEDIUM
    operations: list[AnyOperation] = [proposed_key(member, facts) for member in members]
    if published:
        operations.append(SetReplicaIdentity(schema=table.schema, table=table.name, identity="full"))
    return Flaw(
        severity=severity,
        related=(
            *(table_subject(member) for member in members if member.key != table.key),
            *(Subject(kind="index", name=index.path) for index in partial),
        ),
        evidence=(
            Evidence(name="rows", value=round(rows), unit="rows", probe="tables"),
            Evidence(name="rows updated or deleted", value=changed, unit="rows", probe="table-usage"),
            Evidence(name="rows inserted", value=inserted, unit="rows", probe="table-usage"),
        ),
        impact=Impact(rows=round(rows), risk="duplicates that cannot be told apart or removed one by one"),
        explanation=f"Nothing keeps {table.path} ({rows:,.0f} rows) from holding the same row twice{_why(partial)}."
        + (f" {changed:,} rows were updated or deleted, each addressed by its values alone." if changed else ""),
        recommendation="Find the columns that name a row, remove duplicates, and declare the key; or add a number that "
        "names the row." + (" Until then set the replica identity to FULL." if published else ""),
        operations=tuple(operations),
    )


def _together(counts: Iterable[int | None]) -> int | None:
    known = [count for count in counts if count is not None]
    return sum(known) if known else None


def _why(partial: Sequence[Index]) -> str:
    if not partial:
        return ""
    first = partial[0]
    return f": the unique index {first.path} " + ("covers only some rows" if first.usable else "is not valid")
