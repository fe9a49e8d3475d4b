"""Partitions of time: their bounds as moments, and the columns that order rows in time."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from auditor.model.catalog import Column, Part, Table
from auditor.model.facts import Facts, moment

TIME_FAMILIES = ("date", "timestamp", "timestamp-tz")

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


def default_of(table: Table, facts: Facts) -> Table | None:
    """The default partition of a table."""
    return next((part for part in facts.partitions.get(table.key, ()) if part.default_partition), None)


def ends_of_parts(table: Table) -> list[datetime]:
    """Where the partitions of a table end that are no tables of their own; those whose bound is a moment, in order."""
    return sorted({at for part in table.parts if (at := moment(part.until)) is not None})


def rest_of(table: Table) -> list[Part]:
    """The partitions, no tables of their own, that take what no other is meant for."""
    return [part for part in table.parts if part.rest]


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
