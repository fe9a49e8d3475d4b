"""From rows to indexes, and to the constraints that they and the foreign keys and checks are."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import groupby
from operator import attrgetter
from typing import Any

from auditor.model.catalog import Constraint, Index, IndexPart
from auditor_connectors.mysql.probe import Raw, Row
from auditor_connectors.mysql.quoting import ident
from auditor_connectors.mysql.switches import lost_counters

PRIMARY = "PRIMARY"
"""The name of every primary key: https://dev.mysql.com/doc/refman/8.4/en/create-table.html#create-table-indexes-keys"""

_SPATIAL = frozenset({"SPATIAL", "RTREE"})


def index_name(table: str, name: str) -> str:
    """The name of an index as the model has it: unique within the database."""
    return f"{table}.{name}"


def indexes(raw: Raw, page_bytes: int) -> tuple[Index, ...]:
    """Return every index, by address. One of a table that was never opened was never read."""
    measured = raw.get("index-sizes", ())
    sizes = {_key(row): int(row["pages"]) * page_bytes for row in measured if row["pages"] is not None}
    leading = {_key(row): float(row["first_values"]) for row in measured if row["first_values"] is not None}
    reads = {_key(row): int(row["reads"]) for row in raw.get("index-usage", ())}
    unread = 0 if "index-usage" in raw and not lost_counters(raw) else None
    found = []
    for (schema, table, name), rows in _grouped(raw.get("indexes", ())):
        first, primary = rows[0], name == PRIMARY
        unique = not int(first["non_unique"])
        found.append(
            Index(
                schema=schema,
                table=table,
                name=index_name(table, name),
                method="spatial" if first["method"] in _SPATIAL else first["method"].lower(),
                parts=tuple(map(_part, rows)),
                unique=unique,
                primary=primary,
                visible=first["visible"] != "NO",
                constraint=name if unique else None,
                clustered=primary,
                bytes=sizes.get((schema, table, name)),
                distinct=leading.get((schema, table, name)),
                scans=reads.get((schema, table, name), unread),
            )
        )
    return tuple(sorted(found, key=attrgetter("schema", "name")))


def constraints(raw: Raw) -> tuple[Constraint, ...]:
    """Return primary keys, unique keys, foreign keys and checks, by address; none without the rows of all of them."""
    if "constraints" not in raw or "indexes" not in raw:
        return ()
    found = [*_keys(raw["indexes"]), *_references_and_checks(raw["constraints"])]
    return tuple(sorted(found, key=attrgetter("schema", "table", "name", "kind")))


def _keys(rows: Iterable[Row]) -> Iterator[Constraint]:
    for (schema, table, name), parts in _grouped(rows):
        if int(parts[0]["non_unique"]):
            continue
        columns = tuple(part["column"] for part in parts if part["column"] is not None)
        word = "PRIMARY KEY" if name == PRIMARY else "UNIQUE KEY"
        yield Constraint(
            schema=schema,
            table=table,
            name=name,
            kind="primary-key" if name == PRIMARY else "unique",
            columns=columns,
            definition=f"{word} ({', '.join(map(ident, columns))})",
            index=index_name(table, name),
        )


def _references_and_checks(rows: Iterable[Row]) -> Iterator[Constraint]:
    rows = list(rows)
    rules = {_key(row): row for row in rows if row["kind"] == "rule"}
    clauses = {(row["schema"], row["name"]): row["clause"] for row in rows if row["kind"] == "clause"}
    declared = [row for row in rows if row["kind"] in ("foreign-key", "check")]

    def place(row: Row) -> tuple[str, str, str, str, int]:
        return row["schema"], row["table"], row["kind"], row["name"], int(row["position"])

    def group(row: Row) -> tuple[str, str, str, str]:
        return place(row)[:4]

    for (schema, table, kind, name), parts in groupby(sorted(declared, key=place), group):
        columns = list(parts)
        yield Constraint(
            schema=schema,
            table=table,
            name=name,
            **(
                _reference(columns, rules.get((schema, table, name), {}))
                if kind == "foreign-key"
                else _check(columns[0], columns[0]["clause"] or clauses.get((schema, name)))
            ),
        )


def _reference(rows: list[Row], rule: Row) -> dict[str, Any]:
    first = rows[0]
    columns = tuple(row["column"] for row in rows)
    referenced = tuple(row["referenced_column"] for row in rows)
    on_update, on_delete = ((rule.get(event) or "no action").lower() for event in ("on_update", "on_delete"))
    target = f"{ident(first['referenced_schema'])}.{ident(first['referenced_table'])}"
    return {
        "kind": "foreign-key",
        "columns": columns,
        "referenced_schema": first["referenced_schema"],
        "referenced_table": first["referenced_table"],
        "referenced_columns": referenced,
        "on_update": on_update,
        "on_delete": on_delete,
        "definition": f"FOREIGN KEY ({', '.join(map(ident, columns))}) REFERENCES {target}"
        f" ({', '.join(map(ident, referenced))}) ON DELETE {on_delete.upper()} ON UPDATE {on_update.upper()}",
        "index": index_name(first["referenced_table"], rule["index"]) if rule.get("index") else None,
    }


def _check(row: Row, clause: str | None) -> dict[str, Any]:
    return {
        "kind": "check",
        "enforced": row["enforced"] != "NO",
        "validated": row["enforced"] != "NO",
        "definition": f"CHECK ({clause})" + (" NOT ENFORCED" if row["enforced"] == "NO" else ""),
    }


def _key(row: Row) -> tuple[str, str, str]:
    return row["schema"], row["table"], row["name"]


def _part(row: Row) -> IndexPart:
    return IndexPart(
        column=row["column"],
        length=row["length"],
        expression=row["expression"],
        descending=row["direction"] == "D",
    )


def _grouped(rows: Iterable[Row]) -> Iterator[tuple[tuple[str, str, str], list[Row]]]:
    """The rows of each index in the order of its parts. Names are compared as they are, not as the server sorts."""
    ordered = sorted(rows, key=lambda row: (*_key(row), int(row["position"])))
    for key, parts in groupby(ordered, _key):
        yield key, list(parts)
