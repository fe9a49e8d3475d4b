"""Forbids NULL in columns without reading the table while others wait."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from auditor.connector import Draft
from auditor.model.catalog import Key
from auditor.model.facts import Facts
from auditor.model.vocabulary import Phase
from auditor_connectors.postgresql.recipes import estimates
from auditor_connectors.postgresql.recipes.queries import all_of, column_is, constraint_absent, constraint_is, no_nulls
from auditor_connectors.postgresql.recipes.sql import free_name, ident, qualified
from auditor_connectors.postgresql.recipes.steps import brief, scan

VERSION_18 = 180000


def not_null_name(facts: Facts, key: Key, column: str) -> str:
    """Name the constraint that forbids NULL; before version 18 it is there for the proof only."""
    taken = (constraint.name for constraint in facts.constraints_of(key))
    return free_name(f"{key[1]}_{column}", "not_null", taken)


def present_not_null(facts: Facts, key: Key, column: str) -> str:
    """Name the constraint that forbids NULL now, from version 18 on; it is listed where somebody chose its name."""
    listed = (one.name for one in facts.constraints_of(key, "not-null") if one.columns == (column,))
    return next(listed, f"{key[1]}_{column}_not_null")


def forbid_nulls(facts: Facts, key: Key, columns: Sequence[str], *, phase: Phase = Phase.EXPAND) -> Iterator[Draft]:
    """Draft the steps: one for a small table, a constraint that is validated later for a large one."""
    table = facts.table(key)
    what = f"{', '.join(columns)} of {'.'.join(key)}"
    later = max(phase, Phase.BACKFILL, key=lambda one: one.rank)
    names = {column: not_null_name(facts, key, column) for column in columns}
    modern = facts.version >= VERSION_18
    back = _alter(key, [f"ALTER COLUMN {ident(column)} DROP NOT NULL" for column in columns])
    done = all_of(*(column_is(key, column, "attnotnull") for column in columns))
    proven = all_of(*(constraint_is(key, name) for name in names.values()))
    if estimates.is_small(facts, table):
        yield brief(
            facts,
            phase,
            f"Forbid NULL in {what}",
            _alter(
                key, [_rule(names[one], one) if modern else f"ALTER COLUMN {ident(one)} SET NOT NULL" for one in names]
            ),
            takes=estimates.work(facts, table),
            precondition=no_nulls(key, columns),
            verify=done,
            rollback=(back,),
            notes=("The table is small enough to be read under the lock.",),
        )
        return
    rules = [_rule(name, column) if modern else _proof(name, column) for column, name in names.items()]
    yield brief(
        facts,
        phase,
        f"Forbid NULL in new values of {what}",
        _alter(key, [f"{rule} NOT VALID" for rule in rules]),
        precondition=no_nulls(key, columns),
        verify=all_of(*(constraint_is(key, name, "true") for name in names.values())),
        rollback=(_alter(key, [f"DROP CONSTRAINT IF EXISTS {ident(name)}" for name in names.values()]),),
        notes=("While a row still holds NULL there, every update of it fails: first make sure that none does.",),
    )
    yield scan(
        later,
        f"Check the old values of {what}",
        _alter(key, [f"VALIDATE CONSTRAINT {ident(name)}" for name in names.values()]),
        takes=estimates.work(facts, table),
        precondition=no_nulls(key, columns),
        verify=proven,
        rollback=(back,) if modern else (),
    )
    if modern:
        return
    yield brief(
        facts,
        later,
        f"Mark {what} as free of NULL and drop the proof",
        _alter(key, [f"ALTER COLUMN {ident(column)} SET NOT NULL" for column in columns]),
        _alter(key, [f"DROP CONSTRAINT {ident(name)}" for name in names.values()]),
        precondition=proven,
        verify=all_of(done, *(constraint_absent(key, name) for name in names.values())),
        rollback=(back,),
        notes=("The validated constraint spares the scan: the server says so at client_min_messages = debug1.",),
    )


def forbid_again(facts: Facts, key: Key, column: str) -> tuple[str, ...]:
    """Write the statements that forbid NULL again where a step allowed it, without a scan that others wait for."""
    alter = f"ALTER TABLE {qualified(key)}"
    if facts.version >= VERSION_18:
        name = present_not_null(facts, key, column)
        return (f"{alter} {_rule(name, column)} NOT VALID", f"{alter} VALIDATE CONSTRAINT {ident(name)}")
    name = not_null_name(facts, key, column)
    return (
        f"{alter} {_proof(name, column)} NOT VALID",
        f"{alter} VALIDATE CONSTRAINT {ident(name)}",
        f"{alter} ALTER COLUMN {ident(column)} SET NOT NULL",
        f"{alter} DROP CONSTRAINT {ident(name)}",
    )


def _alter(key: Key, clauses: Sequence[str]) -> str:
    return f"ALTER TABLE {qualified(key)} {', '.join(clauses)}"


def _rule(name: str, column: str) -> str:
    return f"ADD CONSTRAINT {ident(name)} NOT NULL {ident(column)}"


def _proof(name: str, column: str) -> str:
    return f"ADD CONSTRAINT {ident(name)} CHECK ({ident(column)} IS NOT NULL)"
