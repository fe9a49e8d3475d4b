"""A table with real data is not written to the log.

## What
Unlogged tables with rows. Tables whose name says cache, session, staging, import, scratch or the like are taken as
meant, unless foreign keys tie them to others.

## Why it matters
After a crash of the server an unlogged table is empty. Replicas do not have its rows, nor do backups taken from the
log: after a failover it is empty as well.

## When it is fine
Its content can be computed again: caches, staging areas, work tables.

## How to fix it
Making it logged writes the whole table to the log under a lock: copy a large one into a logged table beside it and
switch. If it is meant to be lost, say so in a comment.

## Sources
PostgreSQL manual, "CREATE TABLE", UNLOGGED.
"""

from __future__ import annotations

from collections.abc import Iterator

from auditor.model.catalog import Table
from auditor.model.check import Check
from auditor.model.facts import Facts
from auditor.model.finding import Evidence, Flaw, Impact, Subject
from auditor.model.operation import SetLogged
from auditor.model.units import TABLES
from auditor.model.vocabulary import Pillar, Severity
from auditor_checks._names import singulars, words
from auditor_checks._words import fitting

CHECK = Check(
    title="Table is lost in a crash and absent on replicas",
    passed="Tables with data are written to the log",
    pillar=Pillar.AVAILABILITY,
    severity=Severity.HIGH,
    unit=TABLES,
    needs=("tables", "constraints", "table-usage"),
    engines=("postgresql",),
)

_MEANT = {
    "cache", "cached", "session", "tmp", "temp", "temporary", "staging", "stage", "stg", "import", "scratch", "buffer",
    "work", "worktable", "load", "bench", "unlogged", "transient", "ephemeral",
}  # fmt: skip


def judge(table: Table, facts: Facts, *, high_rows: float = 1_000) -> Iterator[Flaw]:
    """Report the table if it, or parts of it, is unlogged and holds rows that matter by its ties or its name."""
    unlogged = [leaf for leaf in facts.leaves(table) if leaf.persistence == "unlogged"]
    if not unlogged:
        return
    ties = [*facts.constraints_of(table.key, "foreign-key"), *facts.referencing(table.key)]
    meant = any(singulars(word) & _MEANT for name in (table.name, table.schema) for word in words(name))
    rows = sum(facts.rows(leaf) for leaf in unlogged)
    if meant and not ties:
        return
    part = table.kind == "partitioned"
    yield Flaw(
        title=fitting(f"{table.name} is unlogged: a crash empties it"),
        related=tuple(Subject(kind="partition", name=leaf.path) for leaf in unlogged[:20]) if part else (),
        severity=Severity.HIGH if rows >= high_rows else Severity.MEDIUM if rows else Severity.LOW,
        evidence=(
            Evidence(name="persistence", value="unlogged", probe="tables"),
            Evidence(name="rows", value=round(rows), unit="rows", probe="tables"),
            Evidence(name="foreign keys from and to it", value=len(ties), unit="constraints", probe="constraints"),
        ),
        impact=Impact(rows=round(rows), risk="its rows are gone after a crash or a failover"),
        explanation=(
            f"{f'{len(unlogged)} partitions of ' if part else ''}{table.path} with {rows:,.0f} rows are not written to "
            "the log: after a crash or on a replica there are none."
        ),
        recommendation=(
            "Copy it into a logged table and switch, if its rows matter; if they may be lost, say so in a comment and "
            "accept this finding."
        ),
        operations=tuple(SetLogged(schema=leaf.schema, table=leaf.name) for leaf in unlogged),
    )
