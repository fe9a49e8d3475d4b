"""Statements that read a whole table for a few rows: how that is seen, and which index they want."""

from __future__ import annotations

from collections.abc import Iterable

from auditor.model.catalog import Column, Table
from auditor.model.facts import Facts
from auditor.model.statement_uses import StatementUse
from auditor.model.workload import Statement
from auditor_checks.queries._statements import summarizes

_UNFIT = ("json", "jsonb", "array", "xml", "geometric", "search", "vector", "boolean")

LARGE = 10_000
"""Rows from which on a table is worth an index of its own for what it is searched by."""

_UNBOUNDED = ("text", "binary")
"""What an index of an engine that counts rows holds only up to a length, where the column has none of its own."""


def pages(table: Table, facts: Facts) -> int:
    """The blocks of a table's rows, over all partitions."""
    heap = sum(leaf.heap_bytes or 0 for leaf in facts.leaves(table))
    return heap // facts.capabilities.page_bytes


def blocks(statement: Statement) -> float:
    """The blocks that a call reads, from the cache or not."""
    return (statement.blocks_hit + statement.blocks_read) / max(1, statement.calls)


def examined(statement: Statement) -> float | None:
    """The rows that a call examines, where the engine counts rows and not blocks."""
    return None if statement.rows_examined is None else statement.rows_examined / max(1, statement.calls)


def reads_whole(entry: StatementUse, table: Table, whole: float, facts: Facts) -> bool:
    """Whether a call reads about as much as the table has, and the table is the largest that it reads."""
    named = [facts.table((use.schema or entry.use.schema or table.schema, use.name)) for use in entry.parsed.uses]
    others = [other for other in named if other is not None]
    counted = examined(entry.statement)
    if counted is not None:
        rows = facts.rows(table)
        return counted >= whole * rows and max(map(facts.rows, others), default=0.0) <= rows
    own = pages(table, facts)
    largest = max((pages(other, facts) for other in others), default=0)
    return blocks(entry.statement) >= whole * own and largest <= own


def wanted_columns(table: Table, entry: StatementUse, facts: Facts, max_share: float) -> tuple[str, ...]:
    """The columns of a fitting index; none if one is there, or if the conditions narrow little."""
    if table.kind == "collection":
        return _wanted_fields(table, entry, facts, max_share)
    use, rows = entry.use, facts.rows(table)
    equal = [c for name in use.equal if (c := table.column(name)) is not None and c.family not in _UNFIT]
    ranged = [c for name in use.ranges if (c := table.column(name)) is not None and c.family not in _UNFIT]
    compared = {column.name for column in (*equal, *ranged)}
    if any(
        index.usable and index.columns[:1] and index.columns[0] in compared for index in facts.indexes_of(table.key)
    ):
        return ()
    returned = entry.statement.rows / max(1, entry.statement.calls)
    if examined(entry.statement) is not None:
        if not _returns_what_it_finds(entry) or returned > max_share * rows:
            return ()
        fit = [column for column in (*equal[:3], *ranged[:1]) if column.length or column.family not in _UNBOUNDED]
        return tuple(column.name for column in fit)
    equal.sort(key=lambda column: (_share(column, rows), column.position))
    chosen: list[str] = []
    share = 1.0
    for column in equal[:3]:
        if share * rows <= 100:
            break
        chosen.append(column.name)
        share *= _share(column, rows)
    if not chosen:
        # One row per call may be a sum over many: then nothing tells how much the range narrows.
        if not ranged or returned <= 1 or returned > max_share * rows:
            return ()
        return (ranged[0].name,)
    if share > max_share:
        return ()
    return (*chosen, *(column.name for column in ranged[:1] if share * rows > 100 and column.name not in chosen))


def _wanted_fields(table: Table, entry: StatementUse, facts: Facts, max_share: float) -> tuple[str, ...]:
    """The fields of a fitting index: those compared with a value, those of the order, one bounded by a range.

    In this order, so that the index gives what it finds in the order that is asked for. Fields need not be known: a
    sample may have missed them.
    """
    use, fits = entry.use, set(entry.use.equal) | set(entry.use.ranges)
    if any(index.usable and index.columns[:1] and index.columns[0] in fits for index in facts.indexes_of(table.key)):
        return ()
    returned = entry.statement.rows / max(1, entry.statement.calls)
    if not fits or use.joined or entry.parsed.summarizes or returned > max_share * facts.rows(table):
        return ()
    return esr(entry, table)


def esr(entry: StatementUse, table: Table) -> tuple[str, ...]:
    """The fields of the index that serves a statement best: equality, sort, range.

    Of fields in different arrays an index can hold only one.
    https://www.mongodb.com/docs/manual/tutorial/equality-sort-range-guideline/
    https://www.mongodb.com/docs/manual/core/indexes/index-types/index-multikey/#compound-multikey-indexes
    """
    use = entry.use
    order = [name for name in use.order if name not in use.equal]
    ranges = [name for name in use.ranges if name not in use.equal and name not in use.order]
    arrays = [name.partition(".")[0] for name in (*use.equal, *order, *ranges) if _in_array(table, name)]

    def fit(names: Iterable[str], most: int) -> list[str]:
        other = [name for name in names if not _in_array(table, name) or name.partition(".")[0] == arrays[0]]
        return other[:most]

    return tuple(dict.fromkeys([*fit(use.equal, 3), *fit(order, 3), *fit(ranges, 1)]))


def _in_array(table: Table, name: str) -> bool:
    """Whether a sample found arrays at a field, or the field in elements of one."""
    column = table.column(name)
    return column is not None and column.shape is not None and (column.shape.in_array or column.shape.array is not None)


def descending_of(columns: tuple[str, ...], statement: Statement, table: Table) -> tuple[str, ...]:
    """Those of the columns of an index by which a statement orders the table downwards."""
    uses = statement.parsed.uses if statement.parsed is not None else ()
    downwards = {name for use in uses if (use.schema, use.name) == table.key for name in use.descending}
    return tuple(column for column in columns if column in downwards)


def _returns_what_it_finds(entry: StatementUse) -> bool:
    """Whether the number of rows that a statement returns or changes tells how many meet its conditions."""
    return len(entry.parsed.uses) == 1 and not entry.use.limited and not summarizes(entry.statement)


def _share(column: Column, rows: float) -> float:
    """The share of the rows that one value of a column has on average; all of them where nothing is known."""
    statistics = column.statistics
    if statistics is None:
        return 1.0
    distinct = statistics.distinct or (statistics.distinct_ratio or 0.0) * rows
    return (1.0 - statistics.null_fraction) / distinct if distinct >= 1 else 1.0
