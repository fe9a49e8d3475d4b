"""How an engine says that it carried out a statement, in its own words, matched to the catalog."""

from __future__ import annotations

import re
from collections.abc import Iterator

from auditor.model.catalog import Index, IndexPart, Table
from auditor.model.facts import Facts
from auditor.model.statement_uses import StatementUse
from auditor.model.workload import Statement

_KEYS = re.compile(r"IXSCAN \{ (.*?) \}")


def read(statement: Statement) -> float:
    """What a call reads: rows, or entries of indexes where it reads more of these."""
    return max(statement.rows_examined or 0, statement.keys_examined or 0) / max(1, statement.calls)


def returned(statement: Statement) -> float:
    """The rows that a call returns or changes."""
    return statement.rows / max(1, statement.calls)


def index_used(statement: Statement, table: Table, facts: Facts) -> Index | None:
    """The index of a table by which a statement was carried out as a rule; None for none, several or no plan."""
    keys = _KEYS.findall(statement.plan or "")
    if len(keys) != 1:
        return None
    found = [index for index in facts.indexes_of(table.key) if _key(index) == keys[0]]
    return found[0] if len(found) == 1 else None


def _key(index: Index) -> str:
    """The key of an index as a plan writes it."""
    return ", ".join(f"{part.column}: {_way(part)}" for part in index.parts)


def _way(part: IndexPart) -> str:
    if part.operator_class is not None:
        return f'"{part.operator_class}"'
    return "-1" if part.descending else "1"


def alone(statement: Statement, facts: Facts) -> Iterator[tuple[Table, StatementUse]]:
    """The only table of a statement that reads one, with what it asks of it."""
    if statement.parsed is None or len(statement.parsed.uses) != 1:
        return
    use = statement.parsed.uses[0]
    table = facts.table((use.schema or statement.database or "", use.name))
    if table is not None:
        yield table, StatementUse(statement, statement.parsed, use)
