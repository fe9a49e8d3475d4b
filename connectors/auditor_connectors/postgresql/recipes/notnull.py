"""Forbids NULL in a column without reading the table while others wait."""

from __future__ import annotations

from collections.abc import Iterator

from auditor.connector import Draft
from auditor.model.catalog import Key
from auditor.model.facts import Facts
from auditor.model.vocabulary import Phase
from auditor_connectors.postgresql.recipes import estimates
from auditor_connectors.postgresql.recipes.queries import column_is, constraint_absent, constraint_is, no_nulls
from auditor_connectors.postgresql.recipes.sql import free_name, ident, qualified
from auditor_connectors.postgresql.recipes.steps import brief, scan

VERSION_18 = 180000


def not_null_name(facts: Facts, key: Key, column: str) -> str:
    """Name the constraint that forbids NULL; before version 18 it is there for the proof only."""
    taken = (constraint.name for constraint in facts.constraints_of(key))
    return free_name(f"{key[1]}_{column}", "not_null", taken)


def forbid_nulls(facts: Facts, key: Key, column: str, *, phase: Phase = Phase.EXPAND) -> Iterator[Draft]:
    """Draft the steps: one for a small table, a constraint that is validated later for a large one."""
    table, path = facts.table(key), ".".join((*key, column))
    alter = f"ALTER TABLE {qualified(key)}"
    back = f"{alter} ALTER COLUMN {ident(column)} DROP NOT NULL"
    if estimates.is_small(facts, table):
        yield brief(
            facts,
            phase,
            f"Forbid NULL in {path}",
            f"{alter} ADD CONSTRAINT {ident(not_null_name(facts, key, column))} NOT NULL {ident(column)}"
            if facts.version >= VERSION_18
            else f"{alter} ALTER COLUMN {ident(column)} SET NOT NULL",
            takes=estimates.work(facts, table),
            precondition=no_nulls(key, (column,)),
            verify=column_is(key, column, "attnotnull"),
            rollback=(back,),
            notes=("The table is small enough to be read under the lock.",),
        )
        return
    name = not_null_name(facts, key, column)
    modern = facts.version >= VERSION_18
    rule = f"NOT NULL {ident(column)}" if modern else f"CHECK ({ident(column)} IS NOT NULL)"
    yield brief(
        facts,
        phase,
        f"Forbid NULL in new values of {path}",
        f"{alter} ADD CONSTRAINT {ident(name)} {rule} NOT VALID",
        precondition=no_nulls(key, (column,)),
        verify=constraint_is(key, name, "true"),
        rollback=(f"{alter} DROP CONSTRAINT IF EXISTS {ident(name)}",),
        notes=("While a row still holds NULL there, every update of it fails: first make sure that none does.",),
    )
    yield scan(
        max(phase, Phase.BACKFILL, key=lambda one: one.rank),
        f"Check the old values of {path}",
        f"{alter} VALIDATE CONSTRAINT {ident(name)}",
        takes=estimates.work(facts, table),
        precondition=no_nulls(key, (column,)),
        verify=constraint_is(key, name),
        rollback=(back,) if modern else (),
    )
    if modern:
        return
    yield brief(
        facts,
        max(phase, Phase.BACKFILL, key=lambda one: one.rank),
        f"Mark {path} as free of NULL and drop the constraint that proved it",
        f"{alter} ALTER COLUMN {ident(column)} SET NOT NULL",
        f"{alter} DROP CONSTRAINT {ident(name)}",
        precondition=constraint_is(key, name),
        verify=f"{column_is(key, column, 'attnotnull')} AND ({constraint_absent(key, name)})",
        rollback=(back,),
        notes=("The validated constraint spares the scan: the server says so at client_min_messages = debug1.",),
    )
