"""From rows to indexes and constraints."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from operator import attrgetter
from typing import Any, NamedTuple

from auditor.model.catalog import Constraint, Index, IndexPart
from auditor_connectors.postgresql.assemble.addresses import Addresses, numbers
from auditor_connectors.postgresql.assemble.definitions import plain_index, plain_key, plain_reference
from auditor_connectors.postgresql.assemble.tables import bloat
from auditor_connectors.postgresql.assemble.values import iso, pairs
from auditor_connectors.postgresql.probe import Raw

_DESCENDING, _NULLS_FIRST = 1, 2
"""Bits of ``indoption`` (INDOPTION_DESC, INDOPTION_NULLS_FIRST)."""

_HIDDEN = "(not readable: the table is locked)"
"""Stands for an expression or predicate that is there and could not be read."""

_KINDS: Mapping[str, Any] = {
    "p": "primary-key", "u": "unique", "f": "foreign-key", "c": "check", "x": "exclusion", "n": "not-null",
}  # fmt: skip
_ACTIONS = {"a": "no action", "r": "restrict", "c": "cascade", "n": "set null", "d": "set default"}


class _Names:
    """Operator classes and collations by number, and each column's own collation."""

    def __init__(self, raw: Raw) -> None:
        rows = raw.get("operator-classes", ())
        self.classes = {row["oid"]: (row["name"], row["default"]) for row in rows if row["kind"] == "class"}
        self.collations = {row["oid"]: row["name"] for row in rows if row["kind"] == "collation"}
        self.column_collations = {(row.relation, row.position): row.collation_oid for row in raw.get("columns", ())}
        self._known: dict[tuple[object, ...], IndexPart] = {}

    def part(
        self, column: str | None, expression: str | None, bits: int, operators: int, collation: int | None
    ) -> IndexPart:
        """Return the part of an index on a column or expression; equal parts are one record.

        ``bits`` are its options, ``operators`` and ``collation`` the numbers of its operator class and of a collation
        that is not the column's own.
        """
        key = (column, expression, bits, operators, collation)
        if key not in self._known:
            name, default = self.classes.get(operators, (None, True))
            self._known[key] = IndexPart(
                column=column,
                expression=expression,
                descending=bool(bits & _DESCENDING),
                nulls_first=bool(bits & _NULLS_FIRST),
                operator_class=name,
                default_operator_class=default,
                collation=None if collation is None else self.collations.get(collation),
            )
        return self._known[key]


class Shape(NamedTuple):
    """What an index is made of, and its definition."""

    parts: tuple[IndexPart, ...]
    include: tuple[str, ...]
    definition: str | None


def index_shapes(raw: Raw, addresses: Addresses) -> Mapping[int, Shape]:
    """Return the shape of every index of a known table by its number: what takes long, and needs no statistics."""
    rows = raw.get("indexes", ())
    names = _Names(raw)
    found = {}
    for row in rows:
        table = addresses.tables.get(row.relation)
        if table is not None:
            positions = numbers(row.columns)
            parts = _parts(row, positions, addresses, names)
            include = tuple(addresses.columns[row.relation][position] for position in positions[row.keys :])
            definition = plain_index(row, table, parts, include) if row.plain else row.definition
            found[row.oid] = Shape(parts, include, definition)
    return found


def indexes(raw: Raw, addresses: Addresses, shapes: Mapping[int, Shape]) -> tuple[Index, ...]:
    """Return every index of a known table, by address."""
    sizes = {row.relation: row.bytes for row in raw.get("sizes", ()) if row.is_index}
    usage = {row.relation: row for row in raw.get("index-usage", ())}
    bloats = {row.relation: row for row in raw.get("index-bloat", ())}
    enforced = {row.index: row for row in raw.get("constraints", ()) if row.kind in "pux"}
    found = []
    for row in raw.get("indexes", ()):
        shape = shapes.get(row.oid)
        if shape is None:
            continue
        oid, used, constraint = row.oid, usage.get(row.oid), enforced.get(row.oid)
        parent = addresses.indexes.get(row.parent, (None, None))
        found.append(
            Index(
                schema=row.schema,
                table=addresses.tables[row.relation][1],
                name=row.name,
                method=row.method,
                parts=shape.parts,
                include=shape.include,
                predicate=_HIDDEN if row.partial and row.predicate is None else row.predicate,
                unique=row.unique,
                primary=row.primary,
                exclusion=row.exclusion,
                nulls_not_distinct=row.nulls_not_distinct,
                deferrable=row.deferrable or (constraint is not None and constraint.deferrable),
                valid=row.valid,
                ready=row.ready,
                partitioned=row.partitioned,
                parent_schema=parent[0],
                parent_name=parent[1],
                constraint=None if constraint is None else constraint.name,
                replica_identity=row.replica_identity,
                clustered=row.clustered,
                extension=row.extension,
                definition=shape.definition,
                options=pairs(row.reloptions),
                bytes=sizes.get(oid),
                rows=None if row.rows < 0 or row.partitioned else row.rows,
                scans=None if used is None else used.idx_scan,
                rows_read=None if used is None else used.idx_tup_read,
                last_scan=None if used is None else iso(used.last_idx_scan),
                bloat=bloat(bloats.get(oid)),
            )
        )
    return tuple(sorted(found, key=attrgetter("schema", "name")))


def _parts(row: Any, positions: Sequence[int], addresses: Addresses, names: _Names) -> tuple[IndexPart, ...]:
    columns = addresses.columns.get(row.relation, {})
    options, classes, collations = numbers(row.options), numbers(row.classes), numbers(row.collations)
    parts = []
    for number in range(row.keys):
        position, collation = positions[number], collations[number]
        own = names.column_collations.get((row.relation, position), collation)
        other = collation if collation not in (0, own) else None
        expression = None
        if not position:
            expression = row.expressions[number] if row.expressions else _HIDDEN
        column = columns.get(position)
        parts.append(names.part(column, expression, options[number], classes[number], other))
    return tuple(parts)


def constraints(raw: Raw, addresses: Addresses) -> tuple[Constraint, ...]:
    """Return every constraint of a known table, by address."""
    found = []
    for row in raw.get("constraints", ()):
        table = addresses.tables.get(row.relation)
        if table is None:
            continue
        columns = addresses.column_names(row.relation, row.columns)
        found.append(
            Constraint(
                schema=table[0],
                table=table[1],
                name=row.name,
                kind=_KINDS[row.kind],
                columns=columns,
                validated=row.validated,
                enforced=row.enforced,
                triggers_disabled=row.triggers_disabled,
                deferrable=row.deferrable,
                index=addresses.indexes.get(row.index, (None, None))[1],
                inherited=row.inherited,
                comment=row.comment,
                **(_reference(row, columns, addresses) if row.kind == "f" else _own(row, columns)),
            )
        )
    return tuple(sorted(found, key=attrgetter("schema", "table", "name")))


def _own(row: Any, columns: Sequence[str]) -> dict[str, Any]:
    """The text of a constraint that concerns one table only."""
    return {"definition": plain_key(row, columns) if row.plain else row.definition}


def _reference(row: Any, columns: Sequence[str], addresses: Addresses) -> dict[str, Any]:
    """What a foreign key has, with its text."""
    on_update, on_delete = _ACTIONS.get(row.on_update, "no action"), _ACTIONS.get(row.on_delete, "no action")
    found: dict[str, Any] = {
        "on_delete": on_delete,
        "on_delete_columns": addresses.column_names(row.relation, row.on_delete_columns),
        "on_update": on_update,
        "match": "full" if row.match == "f" else "simple",
        "definition": row.definition,
    }
    referenced = addresses.tables.get(row.referenced)
    if referenced is not None:
        names = addresses.column_names(row.referenced, row.referenced_columns)
        found |= {"referenced_schema": referenced[0], "referenced_table": referenced[1], "referenced_columns": names}
        if row.plain:
            found["definition"] = plain_reference(columns, referenced, names, on_update, on_delete)
    return found
