"""Texts that follow from the parts of an object, as pg_get_indexdef and pg_get_constraintdef would write them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from auditor.model.catalog import IndexPart, Key
from auditor_connectors.postgresql.recipes.sql import ident, idents, qualified


def plain_index(row: Any, table: Key, parts: Sequence[IndexPart], include: Sequence[str]) -> str:
    """Write the definition of an index without expressions, predicate and options, whose parts have default classes."""
    unique = "UNIQUE " if row.unique else ""
    only = "ONLY " if row.partitioned else ""
    keys = ", ".join(ident(part.column or "") + _collation(part) + _order(part) for part in parts)
    text = f"CREATE {unique}INDEX {ident(row.name)} ON {only}{qualified(table)} USING {row.method} ({keys})"
    if include:
        text += f" INCLUDE ({idents(include)})"
    return text + (" NULLS NOT DISTINCT" if row.nulls_not_distinct else "")


def _collation(part: IndexPart) -> str:
    """What differs from the column's own collation; a plain index has none but the database's, a system object."""
    return "" if part.collation is None else f" COLLATE {ident(part.collation)}"


def _order(part: IndexPart) -> str:
    if part.descending:
        return " DESC" if part.nulls_first else " DESC NULLS LAST"
    return " NULLS FIRST" if part.nulls_first else ""


def plain_key(row: Any, columns: Sequence[str]) -> str:
    """Write the definition of a primary key or unique constraint that is neither deferrable nor has anything else."""
    return f"{'PRIMARY KEY' if row.kind == 'p' else 'UNIQUE'} ({idents(columns)})"


def plain_reference(
    columns: Sequence[str], referenced: Key, referenced_columns: Sequence[str], on_update: str, on_delete: str
) -> str:
    """Write the definition of a foreign key that is validated, not deferrable and matches simply."""
    text = f"FOREIGN KEY ({idents(columns)}) REFERENCES {qualified(referenced)}({idents(referenced_columns)})"
    for event, action in (("UPDATE", on_update), ("DELETE", on_delete)):
        if action != "no action":
            text += f" ON {event} {action.upper()}"
    return text
