"""What the clients of a rehearsal ask: statements that fit the tables, and leave their rows as they were."""

from __future__ import annotations

import itertools
import re
import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from auditor.model.operation import AddExclusion, AddForeignKey, AddPrimaryKey, AddUnique, Operation
from auditor_connectors.postgresql.recipes.sql import ident, idents, qualified
from auditor_connectors.postgresql.rehearsal.sessions import Connection
from auditor_connectors.postgresql.rehearsal.state import Relation

KEYS = 20
"""Rows per table that are read and written."""

_COLUMNS = """
SELECT a.attrelid::int, n.nspname::text, c.relname::text, a.attname::text, format_type(a.atttypid, a.atttypmod),
       t.typcategory::text, t.typname::text, a.attidentity <> '', pg_get_expr(adbin, adrelid), a.attgenerated <> '',
       c.relkind = 'p' AND a.attnum = ANY (COALESCE(p.partattrs, ''::int2vector)::int2[])
FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid JOIN pg_namespace n ON n.oid = c.relnamespace
JOIN pg_type t ON t.oid = a.atttypid LEFT JOIN pg_attrdef d ON (adrelid, adnum) = (attrelid, attnum)
LEFT JOIN pg_partitioned_table p ON p.partrelid = c.oid
WHERE c.relkind IN ('r', 'p') AND NOT c.relispartition AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
AND a.attnum > 0 AND NOT a.attisdropped ORDER BY a.attrelid, a.attnum
"""
_KEYS = """
SELECT conrelid::int, contype::text, confrelid::int,
       ARRAY(SELECT attname::text FROM unnest(conkey) WITH ORDINALITY u(number, place) JOIN pg_attribute ON
             (attrelid, attnum) = (conrelid, number) ORDER BY place),
       ARRAY(SELECT attname::text FROM unnest(confkey) WITH ORDINALITY u(number, place) JOIN pg_attribute ON
             (attrelid, attnum) = (confrelid, number) ORDER BY place)
FROM pg_constraint WHERE contype IN ('p', 'f') AND conkey IS NOT NULL
"""
_UNIQUE = """
SELECT indrelid::int, ARRAY(
       SELECT attname::text FROM pg_attribute WHERE attrelid = indrelid AND attnum > 0
          AND (attnum = ANY (indkey) OR indexprs IS NOT NULL AND EXISTS (
               SELECT FROM pg_depend WHERE (classid, objid) = ('pg_class'::regclass, indexrelid)
                  AND (refclassid, refobjid, refobjsubid) = ('pg_class'::regclass, attrelid, attnum))))
FROM pg_index WHERE indisunique
UNION ALL
SELECT conrelid::int, ARRAY(
       SELECT DISTINCT attname::text FROM pg_depend JOIN pg_attribute ON (attrelid, attnum) = (refobjid, refobjsubid)
        WHERE refobjid = conrelid AND refclassid = 'pg_class'::regclass
          AND (classid, objid) IN (('pg_constraint'::regclass, o.oid), ('pg_class'::regclass, conindid)))
FROM pg_constraint o WHERE contype = 'x'
"""
_UNCOMPARABLE = frozenset({"money", "json", "xml", "point", "polygon", "box"})


@dataclass
class Column:
    """A column as far as clients must know it."""

    name: str
    type: str
    category: str
    base: str
    identity: bool
    default: str | None
    generated: bool
    steers_rows: bool  # is a part of the partition key

    @property
    def text(self) -> str:
        """The expression for its value as a program would send it: without a currency's sign."""
        return f"{ident(self.name)}::numeric::text" if self.base == "money" else f"{ident(self.name)}::text"

    @property
    def renews_itself(self) -> bool:
        """Whether the server gives each new row another value: by an identity, or a default that is no constant."""
        bare = re.sub(r"::[^()]*?\([\d, ]+\)", "", re.sub("'(?:[^']|'')*'", "", self.default or ""))
        return self.identity or re.search(r"[\w\"]\(|\bCURRENT_|\bLOCALTIME", bare) is not None


@dataclass
class Reference:
    """A foreign key."""

    columns: tuple[str, ...]
    parent: int
    parent_columns: tuple[str, ...]


@dataclass
class Ground:
    """A table that clients work on. ``keys`` are values of its primary key, as text.

    ``unique`` are sets of columns that tell rows apart, or whose periods may not overlap, or soon are or may not.
    """

    name: Relation
    columns: list[Column]
    primary: tuple[str, ...] = ()
    references: list[Reference] = field(default_factory=list)
    unique: list[frozenset[str]] = field(default_factory=list)
    keys: list[tuple[str, ...]] = field(default_factory=list)

    def column(self, name: str) -> Column:
        """The column of a name."""
        return next(one for one in self.columns if one.name == name)

    @property
    def condition(self) -> str:
        """The condition that is true of the row with the key that is given as parameters."""
        return " AND ".join(f"{ident(name)} = %s" for name in self.primary)


@dataclass
class Read:
    """A question that changes nothing."""

    kind: str
    table: Relation
    statement: str
    parameters: list[tuple[str, ...]]


@dataclass
class Change:
    """Writes a value of a column to and fro in rows that no other client writes."""

    kind: str
    table: Relation
    statement: str
    rows: list[tuple[str, ...]]
    values: tuple[str, str] | None  # None: the value that is there is written again
    original: dict[tuple[str, ...], str | None]
    present: dict[tuple[str, ...], str | None]


@dataclass
class Addition:
    """Inserts a row like one that is there, and deletes it later. ``fresh`` are the columns that get new values.

    ``vacant`` are keys of rows that have no companion yet, and ``places`` the columns that they go to, in turn.
    """

    kind: str
    table: Relation
    insert: str
    delete: str
    template: tuple[str | None, ...]
    fresh: list[tuple[int, str]]
    rows: list[tuple[str, ...]] = field(default_factory=list)
    numbers: Any = None
    vacant: Any = None
    places: tuple[int, ...] = ()


Work = Read | Change | Addition


def texts_of(work: Work) -> tuple[str, ...]:
    """The statements of a work."""
    return (work.insert, work.delete) if isinstance(work, Addition) else (work.statement,)


def vanishing(statements: Sequence[str], names: Iterable[str]) -> set[str]:
    """The names that the plan takes away for good: columns, tables. Clients must have stopped to use them by then.

    The statements are in the order of the plan: a name that another object takes over may still go afterwards.
    """
    text = "\n".join(statements)
    found: set[str] = set()
    for name in names:
        written = re.escape(ident(name))
        word = rf"(?:{written})(?![\w$\"])"
        gone = (
            rf"DROP (?:COLUMN|TABLE) (?:IF EXISTS )?(?:[^\s.]+\.)?{word}|RENAME COLUMN {word}|"
            rf"ALTER TABLE (?:[^\s.]+\.)?{word} (?:RENAME TO|SET SCHEMA)"
        )
        there = rf"RENAME (?:COLUMN \S+ )?TO {word}|CREATE VIEW (?:[^\s.]+\.)?{word}"
        if _last(gone, text) > _last(there, text):
            found.add(name)
    return found


def _last(pattern: str, text: str) -> int:
    return max((match.start() for match in re.finditer(pattern, text)), default=-1)


def grounds(
    connection: Connection, tables: Iterable[Relation], statements: Sequence[str], operations: Iterable[Operation] = ()
) -> dict[int, Ground]:
    """Read from the catalog what clients must know about tables; columns that the plan takes away are left out.

    Clients keep the rules between rows that ``operations`` are to add from the beginning.
    """
    wanted = set(tables)
    found: dict[int, Ground] = {}
    for oid, schema, name, *column in connection.execute(_COLUMNS):
        if (schema, name) in wanted:
            found.setdefault(oid, Ground((schema, name), [])).columns.append(Column(*column))
    for oid, one in list(found.items()):
        about = [text for text in statements if qualified(one.name) in text]  # other tables have the same names
        gone = vanishing(about, {one.name[1], *(column.name for column in one.columns)})
        if one.name[1] in gone:
            del found[oid]
        one.columns = [column for column in one.columns if column.name not in gone]
    _read_keys(connection, found)
    places = {one.name: oid for oid, one in found.items()}
    for operation in operations:
        ground = found.get(places.get(operation.table_key or ("", ""), 0))
        if ground is not None and isinstance(operation, AddExclusion):
            ground.unique.append(frozenset((*operation.columns, *operation.period)))
        elif ground is not None and isinstance(operation, AddPrimaryKey | AddUnique) and operation.columns:
            ground.unique.append(frozenset(operation.columns))
        elif ground is not None and isinstance(operation, AddForeignKey):
            parent = places.get((operation.referenced_schema, operation.referenced_table), 0)
            ground.references.append(Reference(operation.columns, parent, operation.referenced_columns))
    return found


def _read_keys(connection: Connection, found: Mapping[int, Ground]) -> None:
    for oid, kind, parent, columns, parent_columns in connection.execute(_KEYS):
        if oid not in found or not {*columns} <= {column.name for column in found[oid].columns}:
            continue
        if kind == "p":
            found[oid].primary = tuple(columns)
        else:
            found[oid].references.append(Reference(tuple(columns), parent, tuple(parent_columns)))
    for oid, columns in connection.execute(_UNIQUE):
        if oid in found:
            found[oid].unique.append(frozenset(columns))
    for one in found.values():
        if one.primary:
            key = ", ".join(f"{ident(name)}::text" for name in one.primary)
            query = f"SELECT {key} FROM {qualified(one.name)} ORDER BY {idents(one.primary)} LIMIT {KEYS}"  # noqa: S608
            one.keys = [tuple(row) for row in connection.execute(query.encode())]


def reads(ground: Ground) -> Read:
    """A read of one row by its key, or of any row where there is none."""
    columns = idents(column.name for column in ground.columns) or "1"
    if ground.keys:
        statement = f"SELECT {columns} FROM {qualified(ground.name)} WHERE {ground.condition}"  # noqa: S608
        return Read("point read", ground.name, statement, list(ground.keys))
    return Read("read", ground.name, f"SELECT {columns} FROM {qualified(ground.name)} LIMIT 1", [()])  # noqa: S608


def joins(ground: Ground, every: Mapping[int, Ground]) -> Iterable[Read]:
    """Reads of one row with the row that it refers to."""
    for one in ground.references:
        parent = every.get(one.parent)
        if parent is None or not ground.keys:
            continue
        on = " AND ".join(f"c.{ident(a)} = p.{ident(b)}" for a, b in zip(one.columns, one.parent_columns, strict=True))
        condition = re.sub(r"(\A| AND )", r"\1c.", ground.condition)
        names = [f"c.{ident(name)}" for name in ground.primary] + [f"p.{ident(name)}" for name in one.parent_columns]
        source = f"{qualified(ground.name)} c JOIN {qualified(parent.name)} p ON {on}"
        statement = f"SELECT {', '.join(names)} FROM {source} WHERE {condition}"  # noqa: S608
        yield Read("join read", ground.name, statement, list(ground.keys))


def hot_change(ground: Ground) -> Iterable[Change]:
    """Updates that write one row's value again, so that clients meet in it."""
    column = next(iter(_changeable(ground)), None)
    if ground.keys and column is not None:
        name = ident(column.name)
        statement = f"UPDATE {qualified(ground.name)} SET {name} = {name} WHERE {ground.condition}"  # noqa: S608
        yield Change("hot-row update", ground.name, statement, ground.keys[:1], None, {}, {})


def changes(connection: Connection, ground: Ground, part: int, parts: int) -> Iterable[Change]:
    """Updates of rows of one's own, each of which must find the value that was written last: one for each column."""
    rows = ground.keys[1:][part::parts]
    for column in _changeable(ground):
        name, table = ident(column.name), qualified(ground.name)
        query = f"SELECT DISTINCT {column.text} FROM {table} WHERE {name} IS NOT NULL LIMIT 2"  # noqa: S608
        values = [value for (value,) in connection.execute(query.encode())]
        if len(values) < 2 or not rows:
            continue
        statement = (
            f"UPDATE {table} SET {name} = %s WHERE {ground.condition} AND "  # noqa: S608
            f"{name} IS NOT DISTINCT FROM %s"
        )
        original: dict[tuple[str, ...], str | None] = {}
        for row in rows:
            query = f"SELECT {column.text} FROM {table} WHERE {ground.condition}"  # noqa: S608
            found = connection.execute(query.encode(), row).fetchone()
            original[row] = None if found is None else found[0]
        yield Change("update", ground.name, statement, rows, (values[0], values[1]), original, dict(original))


def _changeable(ground: Ground) -> Iterable[Column]:
    # Of a reference over several columns no column can take another row's value alone.
    several = (one.columns for one in ground.references if len(one.columns) > 1)
    fixed = frozenset().union(*ground.unique, *several)
    for column in ground.columns:
        plain = not (column.generated or column.steers_rows or column.base in _UNCOMPARABLE)
        if plain and column.name not in fixed:
            yield column


def additions(connection: Connection, ground: Ground, client: int) -> Iterable[Addition]:
    """Inserts of rows like the most complete one of the known, where unique keys can be given new values."""
    if not ground.keys:
        return
    referring = {name for one in ground.references for name in one.columns}
    fresh: set[str] = set()
    link = next((one for one in ground.references if frozenset(one.columns) in ground.unique), None)
    vacant = _vacant(connection, ground, link, client) if link is not None else []
    for unique in sorted(ground.unique, key=len):
        if link is not None and vacant and unique & set(link.columns):
            continue
        free = [
            name for name in sorted(unique - referring) if any(c.name == name and _renewable(c) for c in ground.columns)
        ]
        if not free:
            return
        if not fresh & unique:
            fresh.add(free[0])
    columns = [c for c in ground.columns if not c.generated and not (c.name in fresh and c.renews_itself)]
    table, names = qualified(ground.name), [column.name for column in columns]
    texts = ", ".join(column.text for column in columns) or "NULL"
    rows = [
        connection.execute(f"SELECT {texts} FROM {table} WHERE {ground.condition}".encode(), key).fetchone() or ()  # noqa: S608
        for key in ground.keys
    ]
    template = min(rows, key=lambda row: sum(value is None for value in row))
    if not template or not columns:
        return
    values = ", ".join("%s" for _ in columns)
    returning = idents(ground.primary)
    yield Addition(
        "insert into a referencing table" if ground.references else "insert",
        ground.name,
        f"INSERT INTO {table} ({idents(names)}) VALUES ({values}) RETURNING {returning}",  # noqa: S608
        f"DELETE FROM {table} WHERE {ground.condition}",  # noqa: S608
        template,
        [(place, column.category) for place, column in enumerate(columns) if column.name in fresh],
        numbers=itertools.count(2_000_000_000 - client * 1_000_000),
        vacant=itertools.cycle(vacant),
        places=tuple(names.index(name) for name in link.columns) if link is not None and vacant else (),
    )


def _vacant(connection: Connection, ground: Ground, link: Reference, client: int) -> list[tuple[str, ...]]:
    """Keys of rows that have no companion in this table, for one of two clients; none where they are few."""
    (parent,) = connection.execute("SELECT %s::oid::regclass::text", (link.parent,)).fetchone() or ("",)
    child = qualified(ground.name)
    match = " AND ".join(f"c.{ident(a)} = p.{ident(b)}" for a, b in zip(link.columns, link.parent_columns, strict=True))
    keys = ", ".join(f"p.{ident(name)}::text" for name in link.parent_columns)
    query = (
        f"SELECT {keys} FROM {parent} p WHERE NOT EXISTS (SELECT FROM {child} c WHERE {match}) "  # noqa: S608
        f"ORDER BY {idents(link.parent_columns)} LIMIT {4 * KEYS}"
    )
    found = [tuple(row) for row in connection.execute(query.encode())]
    return found[client::2] if len(found) == 4 * KEYS else []


def _renewable(column: Column) -> bool:
    return column.renews_itself or column.base in {"int4", "int8", "uuid", "text", "varchar"}


def new_row(addition: Addition) -> list[str | None]:
    """The values of the next row to insert."""
    values = list(addition.template)
    for place, category in addition.fresh:
        number = next(addition.numbers)
        values[place] = str(number) if category == "N" else str(uuid.uuid4()) if category == "U" else f"r{number}"
    if addition.places:
        for place, value in zip(addition.places, next(addition.vacant), strict=True):
            values[place] = value
    return values
