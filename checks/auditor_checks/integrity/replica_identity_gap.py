"""A published table gives subscribers no way to tell which row was changed.

## What
Tables in a publication of updates or deletes that have no usable replica identity: none is set, the default one lacks
an immediate primary key, or the index that was chosen is gone or invalid. Partitions are judged one by one and
reported at their table.

## Why it matters
Every UPDATE and DELETE of such a table fails on the publisher, because the change could not be replayed. Adding a
table to a publication can so stop an application that never heard of replication.

## When it is fine
The table is only ever appended to. Then publish only its inserts, and nobody is surprised later.

## How to fix it
Give the table a primary key, or choose an immediate unique index over mandatory columns as its replica identity. FULL
works at once, but makes every change carry the whole old row and subscribers search by it.

## Sources
PostgreSQL manual, "Logical Replication", "Publication": without a replica identity, UPDATE and DELETE cause an error
on the publisher; ALTER TABLE, REPLICA IDENTITY.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from auditor.model.catalog import Table
from auditor.model.check import Check
from auditor.model.facts import Facts
from auditor.model.finding import Evidence, Flaw, Impact, Subject
from auditor.model.operation import AddPrimaryKey, SetReplicaIdentity
from auditor.model.units import Unit
from auditor.model.vocabulary import Pillar, Severity
from auditor_checks.integrity._keys import (
    changed_rows,
    proposed_key,
    publications_of,
    replicates_rows,
    row_keys,
    table_subject,
)

CHECK = Check(
    title="Published table has no usable replica identity",
    passed="Published tables tell subscribers which row was changed",
    pillar=Pillar.INTEGRITY,
    severity=Severity.HIGH,
    unit=Unit(
        plural="tables whose changes are published",
        items=lambda facts: [table for table in facts.tables if publications_of(table, facts, "update", "delete")],
        subject=table_subject, weight=lambda facts, table: facts.exposure(table),
    ),
    needs=("tables", "indexes", "constraints", "publications"),
    engines=("postgresql",),
)  # fmt: skip


def judge(table: Table, facts: Facts) -> Iterator[Flaw]:
    """Report the table when it, or one of its partitions, cannot replicate a changed row."""
    mute = [leaf for leaf in facts.leaves(table) if not replicates_rows(leaf, facts)]
    if not mute:
        return
    published, changed = publications_of(table, facts, "update", "delete"), changed_rows(table, facts)
    yield Flaw(
        related=(
            *(Subject(kind="replication", name=name) for name in published),
            *(table_subject(leaf) for leaf in mute if leaf.key != table.key),
        ),
        evidence=(
            Evidence(name="replica identity", value=mute[0].replica_identity, probe="tables"),
            Evidence(name="primary key", value=facts.primary_key(mute[0].key) is not None, probe="constraints"),
            Evidence(name="publications of its changes", value=", ".join(published), probe="publications"),
            Evidence(name="rows updated or deleted", value=changed, unit="rows", probe="table-usage"),
        ),
        impact=Impact(risk="every update and delete of the table fails"),
        explanation=f"{table.path} is published by {', '.join(published)} with updates and deletes, but "
        f"{_why(mute, facts)}: each of them fails.",
        recommendation="Give it a primary key, or an immediate unique index over mandatory columns as replica "
        "identity; until then FULL lets updates and deletes pass.",
        operations=tuple(operation for leaf in mute for operation in _operations(leaf, facts)),
    )


def _why(mute: Sequence[Table], facts: Facts) -> str:
    table = mute[0]
    if table.replica_identity == "nothing":
        return "its replica identity is switched off"
    if table.replica_identity == "index":
        return "the index that was its replica identity is gone or invalid"
    key = facts.primary_key(table.key)
    return "it has no primary key" if key is None else f"its primary key {key.name} is deferrable"


def _operations(table: Table, facts: Facts) -> Sequence[SetReplicaIdentity | AddPrimaryKey]:
    """A key that is there, else the whole row now and a primary key after it."""
    key, keys = facts.primary_key(table.key), row_keys(table, facts)
    if key is not None and not key.deferrable:
        return (SetReplicaIdentity(schema=table.schema, table=table.name, identity="default"),)
    if keys:
        return (SetReplicaIdentity(schema=table.schema, table=table.name, identity=keys[0].name),)
    full = SetReplicaIdentity(schema=table.schema, table=table.name, identity="full")
    return (full,) if key is not None else (full, proposed_key(table, facts))
