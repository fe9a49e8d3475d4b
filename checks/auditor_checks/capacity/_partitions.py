"""Partitions of time: their bounds as moments, and the columns that order rows in time."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from typing import NamedTuple

from auditor.model.catalog import Column, Table
from auditor.model.facts import Facts

TIME_FAMILIES = ("date", "timestamp", "timestamp-tz")

_DAY_ZERO = 365
"""How many days more TO_DAYS() counts than ``date.toordinal()``."""
_FUNCTION = re.compile(r"(?i)RANGE(?: COLUMNS)? \((?:(year|to_days|unix_timestamp)\()?`?[^`()]+`?\)?\)$")
_BOUND = re.compile(r"FROM \((?P<lower>.*)\) TO \((?P<upper>.*)\)$", re.DOTALL)
_FIRST = re.compile(r"'((?:[^']|'')*)'|(\w+)")


class Span(NamedTuple):
    """A partition of a time range. A bound of None is open."""

    table: Table
    lower: datetime | None
    upper: datetime | None

    @property
    def width(self) -> timedelta | None:
        """How long it is."""
        return None if self.lower is None or self.upper is None else self.upper - self.lower


def nodes(root: Table, facts: Facts) -> Iterator[Table]:
    """A partitioned table and every partitioned table below it."""
    yield root
    for part in facts.partitions.get(root.key, ()):
        if part.kind == "partitioned":
            yield from nodes(part, facts)


def time_column(table: Table) -> Column | None:
    """The column of time that a table is range-partitioned by."""
    if table.partition_strategy != "range" or not table.partition_columns:
        return None
    column = table.column(table.partition_columns[0])
    return column if column is not None and column.family in TIME_FAMILIES else None


def spans(table: Table, facts: Facts) -> list[Span]:
    """The partitions of time that can be read, in their order, without the default partition."""
    found = []
    for part in facts.partitions.get(table.key, ()):
        match = _BOUND.search(part.partition_bound or "")
        if part.default_partition or match is None:
            continue
        try:
            found.append(Span(part, _moment(match["lower"]), _moment(match["upper"])))
        except ValueError:
            continue
    first = datetime.min.replace(tzinfo=UTC)
    return sorted(found, key=lambda span: (span.lower or first, span.table.key))


def part_ends(table: Table) -> list[datetime] | None:
    """Where the partitions of a table that are no tables end, in their order; None where the ranges are no time."""
    match, column = _FUNCTION.match(table.partition_key or ""), None
    if len(table.partition_columns) == 1:
        column = table.column(table.partition_columns[0])
    if match is None or column is None or column.family not in TIME_FAMILIES:
        return None
    found = []
    for part in table.parts:
        bound = (part.bound or "").strip()
        if bound.upper() == "MAXVALUE":
            continue
        try:
            found.append(_end(match[1], bound))
        except (ValueError, OverflowError):
            return None
    return sorted(set(found))


def _end(function: str | None, bound: str) -> datetime:
    """A bound as a moment: of a column itself, or of what a function makes of it.

    Raises:
        ValueError: it is no moment.

    """
    match (function or "").lower():
        case "year":
            return datetime(int(bound), 1, 1, tzinfo=UTC)
        case "to_days":
            return datetime.combine(date.fromordinal(int(bound) - _DAY_ZERO), time(), tzinfo=UTC)
        case "unix_timestamp":
            return datetime.fromtimestamp(int(bound), UTC)
    return datetime.fromisoformat(bound.strip("'")).replace(tzinfo=UTC)


def default_of(table: Table, facts: Facts) -> Table | None:
    """The default partition of a table."""
    return next((part for part in facts.partitions.get(table.key, ()) if part.default_partition), None)


def interval_word(width: timedelta) -> str:
    """The calendar interval that is nearest to a width."""
    for days, word in ((3, "day"), (11, "week"), (46, "month"), (181, "quarter")):
        if width < timedelta(days=days):
            return word
    return "year"


def growing_column(table: Table, facts: Facts, min_correlation: float) -> Column | None:
    """The column of time in whose order the rows lie, the one with the strongest order first."""
    leaves = facts.leaves(table)
    largest = max(leaves, key=lambda leaf: (facts.rows(leaf), leaf.key), default=table)
    ordered = [
        (abs(column.statistics.correlation), column)
        for column in largest.columns
        if column.family in TIME_FAMILIES
        and column.statistics is not None
        and column.statistics.correlation is not None
        and abs(column.statistics.correlation) >= min_correlation
        and column.statistics.null_fraction == 0
    ]
    return max(ordered, key=lambda pair: (pair[0], -pair[1].position))[1] if ordered else None


def _moment(text: str) -> datetime | None:
    match = _FIRST.match(text.strip())
    value = "" if match is None else (match[1] if match[1] is not None else match[2])
    if value in ("MINVALUE", "MAXVALUE", "infinity", "-infinity"):
        return None
    moment = datetime.fromisoformat(value)
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
