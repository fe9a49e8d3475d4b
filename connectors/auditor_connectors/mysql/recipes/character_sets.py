"""Recipes for another character set: columns are written anew by their own definitions, with those they refer to.

CONVERT TO CHARACTER SET is not used: it copies the table always, makes TEXT a MEDIUMTEXT, and takes columns along that
were given a character set of their own (measured on MySQL 9.7 and MariaDB 10.11).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from msgspec.structs import replace

from auditor.connector import Draft
from auditor.model.catalog import Column, Constraint, Index, Key, Table
from auditor.model.facts import Facts
from auditor.model.operation import ChangeCharacterSet
from auditor.model.vocabulary import Phase
from auditor_connectors.drafting import application
from auditor_connectors.mysql.quoting import ident
from auditor_connectors.mysql.recipes import estimates
from auditor_connectors.mysql.recipes.accepted import INSTANT, Change
from auditor_connectors.mysql.recipes.altering import Alteration, alter, statement
from auditor_connectors.mysql.recipes.between import drop_between, keys_at
from auditor_connectors.mysql.recipes.character_sets_obstacles import obstacles
from auditor_connectors.mysql.recipes.columns import STRICT
from auditor_connectors.mysql.recipes.queries import (
    all_of,
    collation_is,
    constraint_is,
    database_collation_is,
    default_collation_is,
    type_is,
)
from auditor_connectors.mysql.recipes.references import declare
from auditor_connectors.mysql.recipes.sql import bytes_of, definition, qualified, set_of
from auditor_connectors.mysql.recipes.steps import change, runbook
from auditor_connectors.mysql.recipes.types import ONE_BYTE

_SHOWN = 3
_THREE_BYTES = ("utf8mb3", "utf8")

_JOINS = (
    "Until the columns that these are compared with have it, too, the server converts one side of each comparison, and "
    "cannot use an index on that side."
)
_BACK = "It can be taken back while no text holds a character that the old character set does not have."
_ORDER = "Texts compare in another way from then on: what is equal, and the order of rows."
_ROUTINES = (
    "Tables and columns that are there keep theirs. Stored routines keep that of the moment when they were made for "
    "their parameters and variables: make those anew that handle such texts."
)
_NO_EQUAL = "No collation of {set} compares as {collations} did: name one as collation."
_CLIENTS = (
    "A connection has a character set of its own: by SET NAMES {set}, or by the driver's option.",
    "What the set of the connection lacks becomes a question mark before it arrives.",
    "Look at every driver, at init_connect, at [client] in option files, and at programs that dump and load.",
)


class _Conversion(NamedTuple):
    """The collations to come of a table's columns, by name, and that of columns that are added later."""

    table: Table
    columns: Mapping[str, str]
    default: str | None

    @property
    def path(self) -> str:
        return self.table.path


def change_character_set(operation: ChangeCharacterSet, facts: Facts) -> Iterator[Draft]:
    """Change the default first, then the columns of the tables that refer to each other, then the connections."""
    if operation.table is None:
        yield from _database(operation, facts)
        return
    conversions, reasons = [], list[str]()
    for one in (operation, *operation.together):
        found = _conversion(one, facts)
        if isinstance(found, str):
            reasons.append(found)
        else:
            conversions.append(found)
    collations = {(*one.table.key, name): to for one in conversions for name, to in one.columns.items()}
    keys = keys_at(facts, collations.keys())
    for found in conversions:
        reasons += obstacles(facts, found.table, found.columns)
    reasons += [_parting(key) for key in keys if not reasons and not _agree(facts, key, collations)]
    if reasons:
        yield runbook(Phase.SWITCH, f"Store {operation.path} in {operation.character_set}", notes=reasons)
        return
    for found in conversions:
        yield from _default(facts, found)
    for key in keys:
        yield from drop_between(facts, key, f"until both ends are in {operation.character_set}", _still(facts, key))
    for found in conversions:
        yield from _columns(facts, found, keys)
    for key in keys:
        yield from declare(facts, key, Phase.SWITCH, Phase.SWITCH)
    yield replace(_clients(operation), once=f"clients {operation.schema} {operation.character_set}")


def _conversion(operation: ChangeCharacterSet, facts: Facts) -> _Conversion | str:
    """The collations that a table's columns get, or why there are none."""
    key = (operation.schema, operation.table or "")
    table = facts.table(key)
    if table is None:
        return f"The snapshot does not have the definition of {'.'.join(key)}."
    columns = [column for name in operation.columns if (column := table.column(name)) is not None]
    if len(columns) < len(operation.columns) or any(column.collation is None for column in columns):
        return f"The snapshot does not have {table.path} with these columns, or not all of them hold texts."
    wanted = {column.name: _collation(operation, column.collation) for column in columns}
    unknown = sorted({column.collation or "" for column in columns if wanted[column.name] is None})
    if unknown:
        return _NO_EQUAL.format(set=operation.character_set, collations=", ".join(unknown))
    default = _collation(operation, table.collation)
    return _Conversion(
        table,
        {name: to for name, to in wanted.items() if to is not None and to != _collation_of(table, name)},
        default if default != table.collation else None,
    )


def _collation_of(table: Table, name: str) -> str | None:
    column = table.column(name)
    return column.collation if column is not None else None


def _collation(operation: ChangeCharacterSet, present: str | None) -> str | None:
    """The collation to come: the one that is asked for, or the one that compares in the same way, None without one.

    What follows the name of the character set says how a collation compares: manual, "Collation Naming Conventions".
    """
    if operation.collation is not None:
        return operation.collation
    if present is None or set_of(present) == operation.character_set:
        return present
    if set_of(present) in _THREE_BYTES and operation.character_set == "utf8mb4":
        rest = present.partition("_")[2]
        return f"utf8mb4_{rest}" if rest not in _WITHOUT_EQUAL else None
    return None


_WITHOUT_EQUAL = ("general_mysql500_ci", "tolower_ci")
"""Of these utf8mb4 has none on MySQL 9.7 and MariaDB 10.11; of all others of utf8mb3 it has."""


# --- defaults ----------------------------------------------------------------------------------------------------


def _database(operation: ChangeCharacterSet, facts: Facts) -> Iterator[Draft]:
    title = f"Give new tables of {operation.schema} the character set {operation.character_set}"
    present = next((one.collation for one in facts.catalog.schemas if one.name == operation.schema), None)
    collation = _collation(operation, present)
    if present is None:
        yield runbook(Phase.EXPAND, title, notes=("The snapshot does not have what new tables get now.",))
        return
    if collation is None:
        yield runbook(Phase.EXPAND, title, notes=(_NO_EQUAL.format(set=operation.character_set, collations=present),))
        return
    yield change(
        facts,
        Phase.EXPAND,
        title,
        _alter_database(operation.schema, collation),
        INSTANT,
        takes=estimates.brief("a change of the dictionary alone"),
        verify=database_collation_is(operation.schema, collation),
        rollback=(_alter_database(operation.schema, present),),
        notes=(_ROUTINES,),
    )


def _alter_database(schema: str, collation: str) -> str:
    return f"ALTER DATABASE {ident(schema)} {_spelled(collation)}"


def _spelled(collation: str) -> str:
    return f"CHARACTER SET {set_of(collation)} COLLATE {collation}"


def _default(facts: Facts, found: _Conversion) -> Iterator[Draft]:
    present = found.table.collation
    if found.default is None or present is None:
        return
    key = found.table.key
    yield from alter(
        facts,
        Phase.EXPAND,
        f"Give new columns of {found.path} the character set {set_of(found.default)}",
        Alteration(key, "default-text", f"DEFAULT {_spelled(found.default)}"),
        verify=default_collation_is(key, found.default),
        rollback=(statement(facts, key, "default-text", f"DEFAULT {_spelled(present)}"),),
        notes=("Columns that are there keep theirs.",),
    )


# --- columns -----------------------------------------------------------------------------------------------------


def _columns(facts: Facts, found: _Conversion, keys: Iterable[Constraint]) -> Iterator[Draft]:
    table, key = found.table, found.table.key
    columns = [column for column in table.columns if column.name in found.columns]
    if not columns:
        return
    kind = _kind(facts, found, columns)
    names = {one.name for one in keys if key in (one.table_key, one.referenced_key)}
    forth = ", ".join(
        f"MODIFY COLUMN {ident(one.name)} {definition(facts, table, one, collation=found.columns[one.name])}"
        for one in columns
    )
    back = [f"MODIFY COLUMN {ident(one.name)} {definition(facts, table, one)}" for one in columns]
    if found.default is not None and table.collation is not None:
        back.insert(0, f"DEFAULT {_spelled(table.collation)}")
    other_order = any(not _compares_alike(one.collation, found.columns[one.name]) for one in columns)
    yield from alter(
        facts,
        Phase.SWITCH,
        f"Store {_named(columns)} of {found.path} in {set_of(found.columns[columns[0].name])}",
        Alteration(key, kind, forth),
        before=STRICT,
        verify=all_of(*(collation_is(key, name, to) for name, to in found.columns.items())),
        precondition=all_of(
            *(constraint_is(one.table_key, one.name, absent=True) for one in keys if one.name in names),
            *(type_is(key, one.name, one.type) for one in columns),
            *_unique_still(facts, found),
        ),
        rollback=(*STRICT, statement(facts, key, "change-type", ", ".join(back))),
        without_keys=names,
        index_bytes=_rebuilt_bytes(facts, found) if kind == "recollate-indexed-text" else None,
        notes=(_JOINS, *((_ORDER,) if other_order else ()), _BACK),
    )


def _named(columns: Sequence[Column]) -> str:
    return ", ".join(one.name for one in columns) if len(columns) <= _SHOWN else f"{len(columns)} columns"


_COSTS: Sequence[Change] = ("widen-text", "widen-indexed-text", "recollate-indexed-text", "change-type")
"""From what costs least: one statement for all columns costs what the dearest of them does."""


def _kind(facts: Facts, found: _Conversion, columns: Iterable[Column]) -> Change:
    return max((_kind_of(facts, found, column) for column in columns), key=_COSTS.index)


def _kind_of(facts: Facts, found: _Conversion, column: Column) -> Change:
    to = found.columns[column.name]
    keeps_bytes = set_of(column.collation or "") in (*_THREE_BYTES, set_of(to)) and set_of(to) == "utf8mb4"
    mariadb = facts.target.engine == "mariadb"
    if not keeps_bytes or _grows_length(column, to, mariadb=mariadb):
        return "change-type"
    if mariadb and (column.family == "enum" or _is_old_char(found.table, column)):
        return "change-type"
    indexes = _indexes(facts, found.table, (column.name,))
    if mariadb and any(_is_cut(index, column) for index in indexes):
        return "change-type"
    if not indexes:
        return "widen-text"
    return "widen-indexed-text" if _compares_alike(column.collation, to) else "recollate-indexed-text"


def _grows_length(column: Column, to: str, *, mariadb: bool) -> bool:
    """Whether the length of a value takes another byte: as measured, MySQL asks it of CHAR, too."""
    varies = column.type.lower().startswith("varchar") or (column.family == "char" and not mariadb)
    if not varies or column.length is None:
        return False
    old, new = column.length * bytes_of(column.character_set), column.length * bytes_of(set_of(to))
    return old <= ONE_BYTE < new


def _is_old_char(table: Table, column: Column) -> bool:
    """Whether the bytes of the column are of a fixed number, which ROW_FORMAT=REDUNDANT makes of CHAR."""
    return column.family == "char" and table.options.get("row_format") == "redundant"


def _is_cut(index: Index, column: Column) -> bool:
    """Whether the index holds the beginning of the column only, or the words of a text without a limit."""
    limited = column.family == "char" or column.length is not None
    return any(part.column == column.name and (part.length or not limited) for part in index.parts)


def _compares_alike(present: str | None, to: str) -> bool:
    return present is not None and present.partition("_")[2] == to.partition("_")[2]


def _indexes(facts: Facts, table: Table, names: Iterable[str]) -> list[Index]:
    wanted = set(names)
    return [index for index in facts.indexes_of(table.key) if wanted & set(index.columns)]


def _rebuilt_bytes(facts: Facts, found: _Conversion) -> int:
    indexes = _indexes(facts, found.table, found.columns)
    return sum(estimates.index_disk(facts, found.table, tuple(index.columns)) for index in indexes)


def _unique_still(facts: Facts, found: _Conversion) -> Iterator[str]:
    """Write, for each unique key that another collation may find duplicates in, the query that is true without any."""
    for index in _indexes(facts, found.table, found.columns):
        recollated = any(
            not _compares_alike(_collation_of(found.table, name), found.columns[name])
            for name in index.columns
            if name in found.columns
        )
        if not index.unique or not recollated or any(part.column is None for part in index.parts):
            continue
        present = " AND ".join(f"{ident(part.column or '')} IS NOT NULL" for part in index.parts)
        values = []
        for part in index.parts:
            name, to = ident(part.column or ""), found.columns.get(part.column or "")
            text = f"LEFT({name}, {part.length})" if part.length else name
            values.append(text if to is None else f"CONVERT({text} USING {set_of(to)}) COLLATE {to}")
        yield (
            f"SELECT NOT EXISTS (SELECT 1 FROM {qualified(found.table.key)} WHERE {present} "
            f"GROUP BY {', '.join(values)} HAVING count(*) > 1)"
        )


# --- keys --------------------------------------------------------------------------------------------------------


def _agree(facts: Facts, key: Constraint, collations: Mapping[tuple[str, str, str], str]) -> bool:
    """Whether both ends of a foreign key are to have one collation."""

    def coming(table: Key, column: str) -> str | None:
        found = facts.table(table)
        return collations.get((*table, column)) or (_collation_of(found, column) if found is not None else None)

    there = key.referenced_key or ("", "")
    pairs = zip(key.columns, key.referenced_columns, strict=False)
    return all(coming(key.table_key, here) == coming(there, referenced) for here, referenced in pairs)


def _parting(key: Constraint) -> str:
    return (
        f"The foreign key {'.'.join(key.table_key)}.{key.name} holds texts of one collation only: change both of its "
        f"ends, {'.'.join(key.table_key)} and {'.'.join(key.referenced_key or ())}, to the same."
    )


def _still(facts: Facts, key: Constraint) -> str | None:
    """Write the query that is true while the referring column compares as it does now."""
    table = facts.table(key.table_key)
    for name in key.columns if table is not None else ():
        collation = _collation_of(table, name) if table is not None else None
        if collation is not None:
            return collation_is(key.table_key, name, collation)
    return None


def _clients(operation: ChangeCharacterSet) -> Draft:
    return application(
        Phase.SWITCH,
        f"Let clients speak {operation.character_set} with {operation.schema}",
        *(note.format(set=operation.character_set) for note in _CLIENTS),
        kind="other",
        objects=(operation.schema,),
    )
