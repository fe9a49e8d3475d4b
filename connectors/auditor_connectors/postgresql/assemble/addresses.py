"""Who is who: relations and columns by the numbers that rows refer to."""

from __future__ import annotations

from collections import defaultdict
from functools import cached_property, lru_cache

from auditor.model.catalog import Key
from auditor_connectors.postgresql.assemble.types import Types
from auditor_connectors.postgresql.probe import Raw


class Addresses:
    """The addresses of tables, indexes and columns by number, and the types of the database."""

    def __init__(self, raw: Raw) -> None:
        self._raw = raw
        self.tables: dict[int, Key] = {row.oid: (row.schema, row.name) for row in raw.get("tables", ())}
        self.types = Types(raw)
        self.columns: dict[int, dict[int, str]] = defaultdict(dict)
        for row in raw.get("columns", ()):
            self.columns[row.relation][row.position] = row.name

    @cached_property
    def indexes(self) -> dict[int, Key]:
        """The addresses of indexes by number."""
        return {row.oid: (row.schema, row.name) for row in self._raw.get("indexes", ())}

    def column_names(self, relation: int | None, positions: str | None) -> tuple[str, ...]:
        """Return the names of columns by their positions ("1 3"); an expression (0) has none."""
        if relation is None or not positions:
            return ()
        names = self.columns.get(relation, {})
        return tuple(names[position] for position in numbers(positions) if position in names)


@lru_cache(maxsize=4096)
def numbers(text: str) -> tuple[int, ...]:
    """Read a vector of the catalog: "1 3" is (1, 3)."""
    return tuple(map(int, text.split()))
