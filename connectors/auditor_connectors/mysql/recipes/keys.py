"""Recipes for primary keys and unique keys."""

from __future__ import annotations

from collections.abc import Iterator

from auditor.connector import Draft
from auditor.model.catalog import Key, Table
from auditor.model.facts import Facts
from auditor.model.operation import AddPrimaryKey, AddUnique, DropConstraint
from auditor.model.vocabulary import Phase
from auditor_connectors.mysql.quoting import ident
from auditor_connectors.mysql.recipes import estimates
from auditor_connectors.mysql.recipes.accepted import way
from auditor_connectors.mysql.recipes.altering import Alteration, alter
from auditor_connectors.mysql.recipes.checks import drop_constraint
from auditor_connectors.mysql.recipes.columns import STRICT
from auditor_connectors.mysql.recipes.indexes import NewIndex, build, key_parts
from auditor_connectors.mysql.recipes.numbering import numbered_while_clients_write
from auditor_connectors.mysql.recipes.queries import (
    all_of,
    column_is,
    has_primary_key,
    no_duplicates,
    no_nulls,
    no_primary_key,
)
from auditor_connectors.mysql.recipes.sql import (
    bare_index,
    column_names,
    definition,
    free_name,
    idents,
    index_names,
    qualified,
)
from auditor_connectors.mysql.recipes.steps import runbook

HIDDEN_MYSQL, HIDDEN_MARIADB = 80023, 100303
"""The first versions that can hide a column from SELECT *."""

_IN_ITS_ORDER = "InnoDB keeps the rows in the order of the key, so that the table is written anew."
_NO_WAY_BACK = "The way back, without a key, copies the table while writes wait: take it only if you must."
_ONE_WORD = (
    "The column is hidden from SELECT * and filled by the server, so that statements which name no columns go on "
    "working. Replicas find rows by it from now on."
)


def add_primary_key(operation: AddPrimaryKey, facts: Facts) -> Iterator[Draft]:
    """Over columns that are unique: a rebuild while clients write. Over a new column: at once, or step by step."""
    key = (operation.schema, operation.table)
    table = facts.table(key)
    index = facts.index((key[0], operation.using_index)) if operation.using_index is not None else None
    columns = operation.columns or (index.columns if index is not None else ())
    if columns:
        yield from _over(facts, key, table, columns, bare_index(key[1], index.name) if index is not None else None)
        return
    yield from _over_new_column(facts, key, table)


def _over(facts: Facts, key: Key, table: Table | None, columns: tuple[str, ...], index: str | None) -> Iterator[Draft]:
    nullable = [name for name in columns if table is None or (column := table.column(name)) is None or column.nullable]
    clauses = f"ADD PRIMARY KEY ({idents(columns)})" + (f", DROP INDEX {ident(index)}" if index is not None else "")
    yield from alter(
        facts,
        Phase.EXPAND,
        f"Make {', '.join(columns)} the primary key of {'.'.join(key)}",
        Alteration(key, "add-primary-key", clauses),
        before=STRICT,
        verify=has_primary_key(key, columns),
        precondition=all_of(
            no_primary_key(key), no_nulls(key, nullable) if nullable else None, no_duplicates(key, columns)
        ),
        rollback=_without_key(facts, key, columns, nullable, index),
        notes=(_IN_ITS_ORDER, _NO_WAY_BACK),
    )


def _without_key(
    facts: Facts, key: Key, columns: tuple[str, ...], nullable: list[str], index: str | None
) -> tuple[str, ...]:
    """Write the statement that takes a key away, and gives back what it took: NULLs and the index in its place."""
    table = facts.table(key)
    clauses = ["DROP PRIMARY KEY"]
    for name in nullable:
        column = table.column(name) if table is not None else None
        if table is not None and column is not None:
            clauses.append(f"MODIFY COLUMN {ident(name)} {definition(facts, table, column)}")
    if index is not None:
        clauses.append(f"ADD UNIQUE INDEX {ident(index)} ({idents(columns)})")
    return (f"ALTER TABLE {qualified(key)} {', '.join(clauses)}, ALGORITHM=COPY, LOCK=SHARED",)


def _over_new_column(facts: Facts, key: Key, table: Table | None) -> Iterator[Draft]:
    if any(column.identity is not None for column in (table.columns if table is not None else ())):
        yield runbook(
            Phase.EXPAND,
            f"Choose a primary key for {'.'.join(key)}",
            notes=("It has a column with AUTO_INCREMENT already, and a table can have one only: make that its key.",),
        )
        return
    taken = column_names(table)
    name = next((one for one in ("id", "row_id") if one not in taken), None) or free_name((key[1],), "id", taken)
    hides = facts.version >= (HIDDEN_MARIADB if facts.target.engine == "mariadb" else HIDDEN_MYSQL)
    hidden = " INVISIBLE" if hides else ""
    numbered = f"bigint unsigned NOT NULL AUTO_INCREMENT{hidden}"
    found = way(facts, "add-numbered-key", table)
    takes = estimates.of_way(facts, table, found) if found is not None else estimates.brief()
    if takes.seconds is None or takes.seconds > estimates.SMALL_SECONDS:
        yield from numbered_while_clients_write(facts, key, name, hidden)
        return
    yield from alter(
        facts,
        Phase.EXPAND,
        f"Give {'.'.join(key)} a primary key of its own, {name}",
        Alteration(
            key,
            "add-numbered-key",
            f"ADD COLUMN {ident(name)} {numbered} PRIMARY KEY",
        ),
        verify=has_primary_key(key, (name,)),
        precondition=all_of(no_primary_key(key), column_is(key, name, absent=True)),
        rollback=(
            f"ALTER TABLE {qualified(key)} DROP PRIMARY KEY, DROP COLUMN {ident(name)}, ALGORITHM=COPY, LOCK=SHARED",
        ),
        notes=(_ONE_WORD if hidden else "Name the columns in every INSERT first: there is one more.", _NO_WAY_BACK),
    )


def add_unique(operation: AddUnique, facts: Facts) -> Iterator[Draft]:
    """Build a unique index while clients write; drop what it replaces last."""
    key = (operation.schema, operation.table)
    if operation.predicate is not None or operation.nulls_not_distinct:
        yield runbook(
            Phase.EXPAND,
            f"Make {', '.join(operation.columns)} of {'.'.join(key)} unique",
            notes=(
                "The server has no unique key over a part of the rows, or over NULLs.",
                "Let a generated column be NULL where rows may be equal and the value elsewhere, and make that unique.",
                *((f"The rows are those where {operation.predicate}.",) if operation.predicate else ()),
            ),
        )
        return
    name = free_name((key[1], *operation.columns), "key", index_names(facts, key))
    parts = key_parts(facts.table(key), operation.columns)
    yield from build(
        facts,
        Phase.EXPAND,
        NewIndex(key, name, parts, word="UNIQUE ", columns=operation.columns, unique=True),
        notes=("Two clients that write the same value meanwhile make it fail (error 1062): look, and try again.",),
    )
    if operation.replaces is not None:
        yield from drop_constraint(DropConstraint(schema=key[0], table=key[1], name=operation.replaces), facts)
