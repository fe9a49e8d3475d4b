"""Columns that mark a row as deleted without deleting it."""

from __future__ import annotations

import json
import re

from auditor.model.catalog import Column, Table
from auditor_checks._names import words

_TIMES = {("deleted", "at"), ("deleted", "on"), ("deleted", "date"), ("date", "deleted"), ("deletion", "time"),
          ("deleted", "time"), ("deletion", "date"), ("removed", "at"), ("deleted",), ("discarded", "at")}  # fmt: skip
_FLAGS = {("is", "deleted"), ("deleted",), ("is", "removed"), ("removed",), ("is", "discarded"), ("deleted", "flag")}


def marks_deletion(column: Column) -> bool:
    """Whether the column's name and type say that it marks a row as deleted."""
    name = words(column.name)
    if column.family in ("timestamp", "timestamp-tz", "date"):
        return name in _TIMES and column.nullable
    return column.family == "boolean" and name in _FLAGS


def deletion_mark(table: Table) -> Column | None:
    """The column that marks rows of the table as deleted."""
    return next((column for column in table.columns if marks_deletion(column)), None)


def deleted_share(column: Column) -> float | None:
    """The share of deleted rows, None when it was not measured.

    Which of a flag's values is the common one is not known: the smaller share counts.
    """
    statistics = column.statistics
    if statistics is None:
        return None
    if column.family == "boolean":
        common = statistics.top_frequency or 0.0
        return min(common, max(0.0, 1.0 - common - statistics.null_fraction))
    return 1.0 - statistics.null_fraction


def live_condition(column: Column) -> str:
    """The condition on the rows that are not deleted: in SQL, and of documents as a filter."""
    if column.shape is not None:
        return json.dumps({column.name: False if column.family == "boolean" else None})
    plain = re.fullmatch(r"[a-z_][a-z0-9_]*", column.name)
    name = column.name if plain else '"' + column.name.replace('"', '""') + '"'
    return f"NOT {name}" if column.family == "boolean" else f"{name} IS NULL"
