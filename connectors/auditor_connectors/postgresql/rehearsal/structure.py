"""What there is to fill: tables with the types of their columns and the rules that rows have to keep.

It is read from the database that is filled. What could not be rebuilt there is not missed, and what stands in for an
original is taken as it is.
"""

# ruff: noqa: S608 -- SQL is what this file writes; every name in it is quoted

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from auditor.model.catalog import Key
from auditor.model.operation import (
    AddCheck,
    AddExclusion,
    AddForeignKey,
    AddPrimaryKey,
    AddUnique,
    ChangeColumnType,
    Operation,
)
from auditor_connectors.postgresql.recipes.retyping import BITS
from auditor_connectors.postgresql.recipes.sql import ident
from auditor_connectors.postgresql.rehearsal.periods import Exclusion, read_exclusion
from auditor_connectors.postgresql.rehearsal.sessions import Connection

_OWN = "left(n.nspname, 3) <> 'pg_' AND n.nspname <> 'information_schema'"
_FILLED = f"""
  FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
 WHERE c.relkind IN ('r', 'p') AND {_OWN} AND NOT EXISTS (
       SELECT FROM pg_catalog.pg_depend d WHERE d.classid = 'pg_catalog.pg_class'::regclass AND d.objid = c.oid
          AND d.deptype = 'e')
"""
_TABLES = f"""
SELECT c.oid::bigint, n.nspname::text, c.relname::text, c.relkind = 'p', c.relispartition,
       (SELECT h.inhparent::bigint FROM pg_catalog.pg_inherits h WHERE h.inhrelid = c.oid AND c.relispartition),
       CASE WHEN c.relispartition THEN pg_catalog.pg_get_partition_constraintdef(c.oid) END
  {_FILLED}
 ORDER BY 2, 3
"""
_COLUMNS = f"""
SELECT a.attrelid::bigint, a.attname::text, a.attnum, a.atttypid::bigint, a.atttypmod, a.attnotnull,
       a.attgenerated <> '', a.attidentity <> ''
         OR COALESCE(pg_catalog.pg_get_expr(f.adbin, f.adrelid) LIKE 'nextval(%', false)
  FROM pg_catalog.pg_attribute a
  LEFT JOIN pg_catalog.pg_attrdef f ON f.adrelid = a.attrelid AND f.adnum = a.attnum
 WHERE a.attnum > 0 AND NOT a.attisdropped AND a.attrelid IN (SELECT c.oid {_FILLED})
 ORDER BY 1, 3
"""
_TYPES = """
SELECT y.oid::bigint, pg_catalog.format_type(y.oid, NULL), y.typname::text, y.typtype::text, y.typcategory::text,
       y.typbasetype::bigint, y.typtypmod, y.typelem::bigint,
       ARRAY(SELECT e.enumlabel::text FROM pg_catalog.pg_enum e WHERE e.enumtypid = y.oid ORDER BY e.enumsortorder),
       COALESCE((SELECT r.rngsubtype::bigint FROM pg_catalog.pg_range r WHERE r.rngtypid = y.oid), 0),
       ARRAY(SELECT pg_catalog.pg_get_expr(o.conbin, 0) FROM pg_catalog.pg_constraint o
              WHERE o.contypid = y.oid AND o.contype = 'c' ORDER BY o.conname)
  FROM pg_catalog.pg_type y
 WHERE y.typtype IN ('b', 'c', 'd', 'e', 'r', 'm')
"""
_UNIQUE = f"""
SELECT i.indrelid::bigint, i.indkey::int2[]::int[], i.indnkeyatts, i.indimmediate,
       ARRAY(SELECT ARRAY[p.oprname::text, pg_catalog.pg_get_indexdef(i.indexrelid, u.place::int, true)]
               FROM pg_catalog.pg_constraint o, unnest(o.conexclop) WITH ORDINALITY u (operator, place)
               JOIN pg_catalog.pg_operator p ON p.oid = u.operator
              WHERE o.conindid = i.indexrelid AND o.conrelid = i.indrelid ORDER BY u.place)
  FROM pg_catalog.pg_index i
 WHERE (i.indisunique OR i.indisexclusion) AND i.indisready AND i.indrelid IN (SELECT c.oid {_FILLED})
 ORDER BY i.indrelid, NOT i.indisprimary, i.indexrelid
"""
_CONSTRAINTS = f"""
SELECT o.conrelid::bigint, o.contype::text, o.conname::text, o.conkey::int[], o.confrelid::bigint, o.confkey::int[],
       CASE WHEN o.contype = 'c' THEN pg_catalog.pg_get_expr(o.conbin, o.conrelid) END
  FROM pg_catalog.pg_constraint o
  LEFT JOIN pg_catalog.pg_constraint p ON p.oid = o.conparentid
 WHERE o.contype IN ('f', 'c') AND p.conrelid IS DISTINCT FROM o.conrelid AND {{enforced}}
   AND o.conrelid IN (SELECT c.oid {_FILLED})
 ORDER BY 1, o.conname
"""


@dataclass(frozen=True)
class Type:
    """A type of values. ``kind`` and ``category`` are ``typtype`` and ``typcategory`` of the catalog.

    ``element`` is what an array is made of, ``base`` what a domain restricts by ``checks`` of VALUE, ``subtype`` what a
    range spans.
    """

    oid: int
    name: str
    bare: str
    kind: str
    category: str
    base: int
    modifier: int
    element: int
    labels: Sequence[str]
    subtype: int
    checks: Sequence[str]


@dataclass(frozen=True)
class FilledColumn:
    """A column; ``numbered`` says that a sequence feeds it, ``generated`` that it is computed from others."""

    name: str
    type: int
    modifier: int
    required: bool
    generated: bool
    numbered: bool


@dataclass(frozen=True)
class Reference:
    """A foreign key to the table of that number."""

    name: str
    columns: tuple[str, ...]
    table: int
    referenced: tuple[str, ...]


@dataclass
class FilledTable:
    """A table to fill. ``root`` is the partitioned table that it belongs to, or its own number.

    ``unique`` are the columns that tell rows apart, set by set; None stands for an expression among them.
    ``deferrable``: one of these sets is checked later than at the insert.
    """

    oid: int
    key: Key
    partitioned: bool
    root: int
    columns: list[FilledColumn] = field(default_factory=list)
    unique: list[tuple[str | None, ...]] = field(default_factory=list)
    deferrable: bool = False
    exclusions: list[Exclusion] = field(default_factory=list)
    checks: list[str] = field(default_factory=list)
    references: list[Reference] = field(default_factory=list)


@dataclass(frozen=True)
class Structure:
    """Every table by its number, and the types by theirs."""

    tables: Mapping[int, FilledTable]
    types: Mapping[int, Type]


def read_structure(connection: Connection) -> Structure:
    """Read what there is to fill."""
    tables: dict[int, FilledTable] = {}
    parents: dict[int, int] = {}
    for oid, schema, name, partitioned, _, parent, bound in connection.execute(_TABLES.encode()):
        tables[oid] = FilledTable(oid, (schema, name), partitioned, oid, checks=[bound] if bound else [])
        if parent is not None:
            parents[oid] = parent
    for oid, table in tables.items():
        while table.root in parents:
            table.root = parents[table.root]
        tables[oid] = table
    names = _read_columns(connection, tables)
    for oid, positions, keys, immediate, excluding in connection.execute(_UNIQUE.encode()):
        exclusion = read_exclusion(excluding)
        if exclusion is None:
            tables[oid].unique.append(tuple(names[oid].get(position) for position in positions[:keys]))
        else:
            _exclude(tables[oid], exclusion)
        tables[oid].deferrable |= not immediate
    enforced = "o.conenforced" if connection.info.server_version >= 180000 else "true"
    query = _CONSTRAINTS.format(enforced=enforced)
    for oid, kind, name, positions, referenced, referenced_positions, text in connection.execute(query.encode()):
        if kind == "c":
            tables[oid].checks.append(text)
        elif referenced in tables:
            columns = tuple(names[oid][position] for position in positions)
            others = tuple(names[referenced][position] for position in referenced_positions)
            tables[oid].references.append(Reference(name, columns, referenced, others))
    types = {row[0]: Type(*row) for row in connection.execute(_TYPES.encode())}
    return Structure(tables, types)


def expect(structure: Structure, operations: Iterable[Operation]) -> int:
    """Have rows keep the rules that operations will add, as the operations demand; return how many rules these are."""
    by_key = {table.key: table for table in structure.tables.values()}
    count = 0
    for one in operations:
        table = by_key.get(one.table_key or ("", ""))
        add = _rule(one, by_key, {column.name for column in table.columns}) if table is not None else None
        if table is None or add is None:
            continue
        count += 1
        for leaf in structure.tables.values():
            if table.oid in (leaf.oid, leaf.root):
                add(leaf)
    return count


def _rule(one: Operation, by_key: Mapping[Key, FilledTable], known: set[str]) -> Callable[[FilledTable], None] | None:
    """What adds the rule of an operation to a table with the ``known`` columns; None where it has none."""
    if isinstance(one, AddForeignKey):
        other = by_key.get((one.referenced_schema, one.referenced_table))
        if other is not None and set(one.columns) <= known and len(one.columns) == len(one.referenced_columns):
            reference = Reference(one.id, one.columns, other.oid, one.referenced_columns)
            return lambda leaf: leaf.references.append(reference)
    elif isinstance(one, AddPrimaryKey | AddUnique) and one.columns and set(one.columns) <= known:
        columns = one.columns
        return lambda leaf: leaf.unique.append(columns)
    elif isinstance(one, AddExclusion) and {*one.columns, *one.period} <= known:
        exclusion = Exclusion(one.columns, one.period)
        return lambda leaf: _exclude(leaf, exclusion)
    elif isinstance(one, AddCheck):
        expression = one.expression
        return lambda leaf: leaf.checks.append(expression)
    elif isinstance(one, ChangeColumnType) and one.to_type == "boolean" and one.from_type in BITS:
        flag = f"{ident(one.column)} IN (0, 1)"
        return lambda leaf: leaf.checks.append(flag)
    return None


def _exclude(table: FilledTable, exclusion: Exclusion) -> None:
    table.exclusions.append(exclusion)
    table.unique.append((*exclusion.columns, exclusion.period[0]))  # no two periods of one thing begin together


def _read_columns(connection: Connection, tables: Mapping[int, FilledTable]) -> Mapping[int, Mapping[int, str]]:
    names: dict[int, dict[int, str]] = defaultdict(dict)
    for oid, name, position, kind, modifier, required, generated, numbered in connection.execute(_COLUMNS.encode()):
        tables[oid].columns.append(FilledColumn(name, kind, modifier, required, generated, numbered))
        names[oid][position] = name
    return names
