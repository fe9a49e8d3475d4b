"""A table has no primary key.

## What
Tables and partitioned tables without a primary key. Partitions count as part of their table; the tables of an
inheritance tree that all lack one are reported once, at the top, and a top that holds no rows itself is not reported.

## Why it matters
Nothing names a row: duplicates cannot be told apart, a foreign key has nothing to refer to, and tools that copy,
compare or repair tables fall back to comparing whole rows.

PostgreSQL: Logical replication cannot send updates and deletes.

MySQL, MariaDB: A replica that applies changes row by row reads the whole table to find what an update or delete
changed.

## When it is fine
A staging table that is loaded, read once and emptied; a log that is only ever appended to and dropped in whole
partitions. Tables that a crash may empty and tables with another usable key are therefore graded lower, tables that are
large and changed, or replicated, higher.

## How to fix it
Where a unique index over mandatory columns exists, make it the primary key. Otherwise build one beside the running
application, over the columns that name the row or over a new number.

PostgreSQL: The first changes only the catalog.

## Sources
PostgreSQL manual, "Primary Keys" (5.5.4): relational theory wants one in every table, PostgreSQL does not enforce it;
"Logical Replication", "Publication": without a replica identity, updates and deletes cannot be replicated.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from auditor.model.catalog import Table
from auditor.model.check import Check
from auditor.model.facts import Facts
from auditor.model.finding import Evidence, Flaw, Impact, Subject
from auditor.model.operation import AddPrimaryKey
from auditor.model.units import TABLES
from auditor.model.vocabulary import Pillar, Severity
from auditor_checks.integrity._keys import (
    ancestor,
    changed_rows,
    family_of,
    is_pattern,
    proposed_key,
    publications_of,
    replicates_rows,
    row_keys,
    table_subject,
)

CHECK = Check(
    title="Table has no primary key",
    passed="Every table has a primary key",
    pillar=Pillar.INTEGRITY,
    severity=Severity.MEDIUM,
    unit=TABLES,
    needs=("tables", "constraints", "indexes"),
)


def judge(table: Table, facts: Facts, *, large_rows: float = 100_000) -> Iterator[Flaw]:
    """Report the table, or the whole inheritance tree at its top."""
    if facts.primary_key(table.key) is not None or is_pattern(table, facts):
        return
    top = ancestor(table, facts)
    tree = family_of(top, facts)
    together = len(tree) > 1 and not any(facts.primary_key(member.key) for member in tree)
    if together:
        if table.key == top.key:
            yield _flaw(top, tree, facts, large_rows)
    elif table.key not in facts.inheritors or facts.rows(table) > 0:
        yield _flaw(table, [table], facts, large_rows)


def _publications(published: Sequence[str], facts: Facts) -> tuple[Evidence, ...]:
    """How many publications the changes of the table break, where there is such a thing."""
    name = "publications that cannot replicate its changes"
    known = "publications" in facts.probes
    return (Evidence(name=name, value=len(published), unit="publications", probe="publications"),) if known else ()


def _flaw(table: Table, members: Sequence[Table], facts: Facts, large_rows: float) -> Flaw:
    rows = sum(facts.rows(member) for member in members)
    changed = [count for member in members if (count := changed_rows(member, facts)) is not None]
    keys, leaves = row_keys(table, facts), _keyed_leaves(table, facts)
    published = publications_of(table, facts, "update", "delete") if not replicates_rows(table, facts) else ()
    if published or (rows >= large_rows and sum(changed)):
        severity = Severity.HIGH
    elif keys or leaves or table.persistence != "permanent":
        severity = Severity.LOW
    else:
        severity = Severity.MEDIUM
    return Flaw(
        severity=severity,
        related=(
            *(table_subject(member) for member in members if member.key != table.key),
            *(Subject(kind="index", name=index.path) for index in keys[:1]),
        ),
        evidence=(
            Evidence(name="rows", value=round(rows), unit="rows", probe="tables"),
            Evidence(
                name="rows updated or deleted", value=sum(changed) if changed else None, unit="rows",
                probe="table-usage",
            ),
            Evidence(name="other keys over mandatory columns", value=len(keys), unit="indexes", probe="indexes"),
            *_publications(published, facts),
        ),
        impact=Impact(rows=round(rows), risk="rows that nothing names: duplicates, no references, no row replication"),
        explanation=_subject(table, members, rows, sum(changed))
        + _consequence(keyed=bool(keys), leaves=leaves, published=bool(published)),
        recommendation=_recommend(table, facts),
        operations=_operations(table, members, facts),
    )  # fmt: skip


def _keyed_leaves(table: Table, facts: Facts) -> bool:
    """Whether every partition has a primary key of its own, though the whole has none."""
    leaves = facts.leaves(table) if table.kind == "partitioned" else ()
    return bool(leaves) and all(facts.primary_key(leaf.key) is not None for leaf in leaves)


def _subject(table: Table, members: Sequence[Table], rows: float, changed: int) -> str:
    what = f"{table.path} and the {len(members) - 1} tables that inherit from it" if len(members) > 1 else table.path
    verb = "have" if len(members) > 1 else "has"
    return f"{what} ({rows:,.0f} rows, {changed:,} updated or deleted since the counters began) {verb} no primary key"


def _consequence(*, keyed: bool, leaves: bool, published: bool) -> str:
    if leaves:
        return "; every partition has one of its own, so that a key is unique within its partition only."
    if published:
        return ": it is published, and each update or delete of a row fails for want of a replica identity."
    if keyed:
        return ", though a unique index over mandatory columns already names each row."
    return ": the same row can be stored twice, and nothing can refer to one."


def _recommend(table: Table, facts: Facts) -> str:
    proposed = proposed_key(table, facts)
    if table.kind == "partitioned" and not table.partition_columns:
        return "The partition key is an expression, so no key can span the partitions: give each partition its own."
    if proposed.using_index:
        return f"Make the unique index {proposed.using_index} the primary key."
    if proposed.columns:
        return f"Make {', '.join(proposed.columns)} the primary key."
    return "Choose the columns that name a row and make them the primary key, or add a number that does."


def _operations(table: Table, members: Sequence[Table], facts: Facts) -> tuple[AddPrimaryKey, ...]:
    if table.kind == "partitioned" and not table.partition_columns:
        members = [leaf for leaf in facts.leaves(table) if facts.primary_key(leaf.key) is None]
    elif _keyed_leaves(table, facts):
        return ()
    return tuple(proposed_key(member, facts) for member in members if facts.rows(member) or len(members) == 1)
