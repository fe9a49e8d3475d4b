"""Who is who: relations and columns by the numbers that rows refer to."""

from __future__ import annotations

from collections import defaultdict

from auditor.model.catalog import Key
from auditor_connectors.postgresql.assemble.types import Types
from auditor_connectors.postgresql.probe import Raw


class Addresses:
    """The addresses of tables, indexes, sequences and columns by number."""

    def __init__(self, raw: Raw) -> None:
        self.tables: dict[int, Key] = {row["oid"]: (row["schema"], row["name"]) for row in raw.get("tables", ())}
        self.indexes: dict[int, Key] = {row["oid"]: (row["schema"], row["name"]) for row in raw.get("indexes", ())}
        self.types = Types(raw)
        self.columns: dict[int, dict[int, str]] = defaultdict(dict)
        for row in raw.get("columns", ()):
            self.columns[row["relation"]][row["position"]] = row["name"]

    def column_names(self, relation: int, positions: list[int] | None) -> tuple[str, ...]:
        """Return the names of columns by position; a position that is an expression (0) has none."""
        names = self.columns.get(relation, {})
        return tuple(names[position] for position in positions or () if position in names)
