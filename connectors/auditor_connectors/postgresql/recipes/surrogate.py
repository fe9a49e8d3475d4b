"""Gives a table a key of its own: a new column, numbered from a sequence, that becomes the primary key."""

from __future__ import annotations

from collections.abc import Iterator

from auditor.connector import Draft
from auditor.model.catalog import Key
from auditor.model.facts import Facts
from auditor.model.operation import AddPrimaryKey
from auditor.model.vocabulary import Phase
from auditor_connectors.drafting import application
from auditor_connectors.postgresql.recipes.backfilling import backfill
from auditor_connectors.postgresql.recipes.building import NewIndex, build
from auditor_connectors.postgresql.recipes.notnull import forbid_nulls
from auditor_connectors.postgresql.recipes.queries import column_is
from auditor_connectors.postgresql.recipes.reconnecting import star_notes
from auditor_connectors.postgresql.recipes.restoring import owned
from auditor_connectors.postgresql.recipes.sql import ident, literal, qualified, relation_name
from auditor_connectors.postgresql.recipes.steps import brief
from auditor_connectors.postgresql.recipes.subscribers import add_there_first


def surrogate_column(facts: Facts, key: Key) -> str:
    """Name the new column: ``id``, or ``<table>_id`` with as many underscores as it takes."""
    table = facts.table(key)
    taken = {column.name for column in table.columns} if table is not None else set()
    return next(
        name for name in ("id", f"{key[1]}_id"[-63:], *(f"id{'_' * n}" for n in range(1, 60))) if name not in taken
    )


def surrogate_steps(operation: AddPrimaryKey, facts: Facts) -> Iterator[Draft]:
    """Add the column and number new rows, then old ones; forbid NULLs and build the unique index."""
    key = (operation.schema, operation.table)
    path, column = ".".join(key), surrogate_column(facts, key)
    alter = f"ALTER TABLE {qualified(key)}"
    yield application(
        Phase.PREPARE,
        f"Make the application name its columns when it reads and writes {path}",
        f"A new column {column} appears: SELECT * and RETURNING * will return it, prepared ones may fail once with "
        "“cached plan must not change result type”, and INSERT without a list of columns keeps working only because "
        "the column comes last.",
        *star_notes(facts, [key]),
        kind="name-columns",
        objects=(path,),
    )
    sequence = (operation.schema, relation_name(facts, key, (column,), "seq"))
    writers = sorted(
        {
            grant.grantee
            for grant in facts.grants_on("table", *key)
            if any(privilege.upper() == "INSERT" for privilege in grant.privileges)
        }
    )
    yield from add_there_first(facts, key, [(ident(column), "bigint")], renamed=False)
    yield brief(
        facts,
        Phase.EXPAND,
        f"Add the column {column} to {path} and number new rows",
        f"{alter} ADD COLUMN {ident(column)} bigint",
        f"CREATE SEQUENCE {qualified(sequence)} AS bigint",
        *owned(facts.table(key), sequence, "SEQUENCE"),
        f"ALTER SEQUENCE {qualified(sequence)} OWNED BY {qualified(key)}.{ident(column)}",
        f"{alter} ALTER COLUMN {ident(column)} SET DEFAULT nextval({literal(qualified(sequence))})",
        *(f"GRANT USAGE ON SEQUENCE {qualified(sequence)} TO {_role(writer)}" for writer in writers),
        verify=column_is(key, column, "atthasdef"),
        rollback=(f"{alter} DROP COLUMN IF EXISTS {ident(column)}",),
    )
    yield backfill(
        facts,
        key,
        f"Number the old rows of {path}",
        assignments=f"{ident(column)} = nextval({literal(qualified(sequence))})",
        condition=f"{ident(column)} IS NULL",
        keeper="default",
        verify=f"SELECT NOT EXISTS (SELECT FROM {qualified(key)} WHERE {ident(column)} IS NULL)",
    )
    yield from forbid_nulls(facts, key, (column,), phase=Phase.BACKFILL)
    name = relation_name(facts, key, (), "pkey")
    yield from build(
        facts, Phase.BACKFILL, NewIndex(key, name, f"USING btree ({ident(column)})", (column,), unique=True)
    )


def _role(name: str) -> str:
    return "PUBLIC" if name == "PUBLIC" else ident(name)
