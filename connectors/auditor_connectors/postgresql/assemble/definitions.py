"""The statement that creates a plain B-tree index, as the server's pg_get_indexdef would write it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from auditor.model.catalog import IndexPart, Key
from auditor_connectors.postgresql.recipes.sql import ident, idents, qualified


def plain_index(row: Any, table: Key, parts: Sequence[IndexPart], include: Sequence[str]) -> str:
    """Write the definition of an index without expressions, predicate and options, whose parts have default classes."""
    unique = "UNIQUE " if row.unique else ""
    only = "ONLY " if row.partitioned else ""
    keys = ", ".join(ident(part.column or "") + _order(part) for part in parts)
    text = f"CREATE {unique}INDEX {ident(row.name)} ON {only}{qualified(table)} USING {row.method} ({keys})"
    if include:
        text += f" INCLUDE ({idents(include)})"
    return text + (" NULLS NOT DISTINCT" if row.nulls_not_distinct else "")


def _order(part: IndexPart) -> str:
    if part.descending:
        return " DESC" if part.nulls_first else " DESC NULLS LAST"
    return " NULLS FIRST" if part.nulls_first else ""
