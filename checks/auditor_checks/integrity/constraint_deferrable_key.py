"""A primary or unique key is deferrable, which bars it from most of what keys are for.

## What
Deferrable primary key and unique constraints, unless a second, immediate unique index covers the same columns.

## Why it matters
A deferrable key cannot be the arbiter of INSERT … ON CONFLICT, no foreign key can refer to it, it cannot identify
rows for logical replication, and the planner does not trust it to be unique. Statements that need one of these fail.

## When it is fine
Jobs that reorder rows and break the key for the length of a transaction, such as swapping positions in a list.

## How to fix it
Build an immediate unique index beside it, then drop the deferrable key unless something needs it to wait.

## Sources
PostgreSQL manual, CREATE TABLE, DEFERRABLE: deferrable constraints cannot be used as conflict arbitrators;
REFERENCES: the referenced columns must be those of a non-deferrable unique or primary key constraint.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from auditor.model.catalog import Constraint, Table
from auditor.model.check import Check
from auditor.model.facts import Facts
from auditor.model.finding import Evidence, Flaw, Subject
from auditor.model.operation import AddUnique
from auditor.model.units import Unit
from auditor.model.vocabulary import Pillar, Severity
from auditor_checks.integrity._keys import column_subjects, publications_of, table_subject, unique_indexes

CHECK = Check(
    title="Key is deferrable",
    passed="Every key is checked at once",
    pillar=Pillar.INTEGRITY,
    severity=Severity.MEDIUM,
    unit=Unit(
        plural="primary and unique keys",
        items=lambda facts: [key for key in facts.constraints if key.kind in ("primary-key", "unique")],
        subject=lambda key: Subject(kind="constraint", name=key.path),
        weight=lambda facts, key: facts.exposure(facts.table(key.table_key)),
    ),
    needs=("tables", "constraints", "indexes"),
    engines=("postgresql",),
)


def judge(key: Constraint, facts: Facts) -> Iterator[Flaw]:
    """Report a deferrable key without an immediate twin; one that replication or an upsert needs is graver."""
    table = facts.table(key.table_key)
    if not key.deferrable or table is None:
        return
    if any(not i.deferrable and set(i.columns) == set(key.columns) for i in unique_indexes(table, facts)):
        return
    primary = key.kind == "primary-key"
    published = publications_of(table, facts, "update", "delete") if primary else ()
    identity = bool(published) and table.replica_identity in ("default", None)
    upserts = _upserts(table, facts)
    yield Flaw(
        severity=Severity.HIGH if identity else Severity.MEDIUM if primary or upserts else Severity.LOW,
        related=(table_subject(table), *column_subjects(table, key.columns)),
        evidence=(
            Evidence(name="kind of key", value=key.kind, probe="constraints"),
            Evidence(name="publications of its updates and deletes", value=len(published), probe="publications"),
            Evidence(name="statements that upsert into it", value=upserts, unit="statements", probe="statements"),
        ),
        explanation=f"{key.name} of {table.path} is deferrable: no foreign key can refer to it, no ON CONFLICT name it"
        + (", and its updates and deletes cannot be published." if identity else "."),
        recommendation=f"Build an immediate unique index over ({', '.join(key.columns)}) beside it"
        + ("." if primary else ", and drop this key unless a job needs it to wait."),
        operations=(
            AddUnique(
                schema=key.schema, table=key.table, columns=key.columns, replaces=None if primary else key.name
            ),
        ),
    )  # fmt: skip


def _upserts(table: Table, facts: Facts) -> int:
    """Count the statements that insert into the table with ON CONFLICT."""
    into = re.compile(rf'insert\s+into\s+(?:\S+\.)?"?{re.escape(table.name)}"?\b.*\bon\s+conflict\b', re.I | re.S)
    return sum(1 for statement in facts.statements if statement.kind == "insert" and into.search(statement.text))
