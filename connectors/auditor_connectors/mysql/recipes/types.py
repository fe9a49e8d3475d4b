"""Recipes for changes of a column's type: instant where only a length grows, else by a copy beside the table."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

from auditor.connector import Draft
from auditor.model.catalog import Column, Constraint, Key, Table
from auditor.model.facts import Facts
from auditor.model.operation import ChangeColumnType
from auditor.model.vocabulary import Phase
from auditor_connectors.drafting import application
from auditor_connectors.mysql.quoting import ident
from auditor_connectors.mysql.recipes.accepted import Change
from auditor_connectors.mysql.recipes.altering import Alteration, alter, statement
from auditor_connectors.mysql.recipes.between import drop_between, keys_at
from auditor_connectors.mysql.recipes.queries import all_of, constraint_is, type_is
from auditor_connectors.mysql.recipes.references import declare
from auditor_connectors.mysql.recipes.sql import bytes_of, definition, qualified
from auditor_connectors.mysql.recipes.steps import runbook

ONE_BYTE = 255
"""Up to so many bytes a VARCHAR keeps its length in one byte: beyond, MySQL writes every row anew."""

_VARCHAR = re.compile(r"varchar\((\d+)\)\Z", re.IGNORECASE)
_INTEGERS = re.compile(r"(tiny|small|medium|big)?int\b", re.IGNORECASE)

_BY_VALUE = (
    "Write the bytes by a second column: add one of the new type, let the application write both, fill it in batches, "
    "read it, then drop the old one. No ALTER TABLE turns the text of an identifier into its bytes."
)

_REFERRING = "Columns that refer to it, declared or not, have to go with it: their values are compared with its own."


def change_column_type(operation: ChangeColumnType, facts: Facts) -> Iterator[Draft]:
    """Tell the application, drop the keys in between, change each table in one pass, declare and prove the keys."""
    changes = []
    for one in (operation, *operation.together):
        if _turns_text_into_bytes(facts, one):
            path = ".".join((one.schema, one.table, one.column))
            yield runbook(Phase.SWITCH, f"Store {path} as {one.to_type}", notes=(_BY_VALUE, _REFERRING))
        else:
            changes.append(one)
    if not changes:
        return
    paths = [f"{one.schema}.{one.table}.{one.column}" for one in changes]
    tables = list(dict.fromkeys((one.schema, one.table) for one in changes))
    ends = {(one.schema, one.table, one.column) for one in changes}
    keys = [] if all(_is_longer(facts, one) for one in changes) else keys_at(facts, ends)
    yield application(
        Phase.EXPAND,
        "Let the application take "
        + ", ".join(f"{one.to_type} in {path}" for one, path in zip(changes, paths, strict=True)),
        "Deploy code whose types hold the new values as well as the old ones, drivers and reports included.",
        kind="tolerate",
        objects=paths,
    )
    for key in keys:
        yield from drop_between(facts, key, "until both ends have the new type", _still(facts, key))
    for table in tables:
        yield from _change_table(facts, table, [one for one in changes if (one.schema, one.table) == table], keys)
    for key in keys:
        yield from declare(facts, key, Phase.SWITCH, Phase.SWITCH)


def _change_table(
    facts: Facts, key: Key, changes: Sequence[ChangeColumnType], keys: Iterable[Constraint]
) -> Iterator[Draft]:
    table = facts.table(key)
    columns = [(one, table.column(one.column)) for one in changes] if table is not None else []
    what = ", ".join(f"{one.column} to {one.to_type}" for one in changes)
    title = f"Change {what} in {'.'.join(key)}"
    if table is None or any(column is None for _, column in columns):
        yield runbook(Phase.SWITCH, title, notes=("The snapshot does not have the definition of the column.",))
        return
    kind: Change = "extend-text" if all(_is_longer(facts, one) for one in changes) else "change-type"
    known = [(one, column) for one, column in columns if column is not None]
    clauses = ", ".join(_modify(facts, table, column, one.to_type) for one, column in known)
    back = ", ".join(_modify(facts, table, column) for _, column in known)
    names = {one.name for one in keys if key in (one.table_key, one.referenced_key)}
    yield from alter(
        facts,
        Phase.SWITCH,
        title,
        Alteration(key, kind, clauses),
        verify=all_of(*(type_is(key, one.column, one.to_type) for one in changes)),
        precondition=all_of(
            *(constraint_is(one.table_key, one.name, absent=True) for one in keys if one.name in names),
            *(_fits(key, column, one.to_type) for one, column in known),
        ),
        rollback=(statement(facts, key, "change-type", back),),
        without_keys=names,
        notes=("It can be taken back while every value fits into the old type.",),
    )


def _still(facts: Facts, key: Constraint) -> str | None:
    """Write the query that is true while the referring column has the type that it has now."""
    table = facts.table(key.table_key)
    column = table.column(key.columns[0]) if table is not None and key.columns else None
    return type_is(key.table_key, column.name, column.type) if column is not None else None


def _modify(facts: Facts, table: Table, column: Column, type_name: str = "") -> str:
    return f"MODIFY COLUMN {ident(column.name)} {definition(facts, table, column, type_name=type_name)}"


# --- types -------------------------------------------------------------------------------------------------------


def _column(facts: Facts, change: ChangeColumnType) -> tuple[Table | None, Column | None]:
    table = facts.table((change.schema, change.table))
    return table, table.column(change.column) if table is not None else None


def _is_longer(facts: Facts, change: ChangeColumnType) -> bool:
    """Whether a VARCHAR grows without another number of bytes for its length, so that no row changes."""
    table, column = _column(facts, change)
    match = _VARCHAR.match(change.to_type.strip())
    if table is None or column is None or match is None or not _VARCHAR.match(column.type) or column.length is None:
        return False
    if column.collation is not None and column.collation != table.collation:
        return False  # the type alone would take the table's character set
    width = bytes_of(column.character_set)
    old, new = column.length * width, int(match[1]) * width
    if new < old:
        return False
    # Measured on MariaDB 10.11: from up to 127 bytes to any length, too. Its ROW_FORMAT must be the default one.
    return (old > ONE_BYTE) == (new > ONE_BYTE)


def _turns_text_into_bytes(facts: Facts, change: ChangeColumnType) -> bool:
    _, column = _column(facts, change)
    binary = change.to_type.lower().startswith(("binary", "varbinary"))
    return column is not None and column.family in ("text", "char") and binary


def _fits(key: Key, column: Column, to_type: str) -> str | None:
    """Write the query that is true when no value would be cut or rounded, where the type alone does not tell."""
    name, whole = ident(column.name), _INTEGERS.match(to_type) is not None
    if column.family in ("text", "char") and whole:
        return _none(key, f"{name} NOT REGEXP '^-?[0-9]{{1,20}}$'")
    if column.family in ("float", "decimal") and whole:
        return _none(key, f"{name} <> round({name})")
    if column.family == "integer" and whole and "unsigned" in to_type.lower() and not column.unsigned:
        return _none(key, f"{name} < 0")
    return None


def _none(key: Key, condition: str) -> str:
    return f"SELECT NOT EXISTS (SELECT 1 FROM {qualified(key)} WHERE {condition})"
