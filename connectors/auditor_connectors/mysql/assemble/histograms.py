"""From rows to what is known of the values of columns: MySQL's histograms and MariaDB's column statistics."""

from __future__ import annotations

import json
from itertools import pairwise

from auditor.model.statistics import ColumnStatistics
from auditor_connectors.mysql.probe import Raw, Row

_SHARE_FROM = 10.0
"""Rows per value below which the number of values grows with the table, so that it is told as a share of the rows."""


def value_statistics(raw: Raw) -> dict[tuple[str, str, str], ColumnStatistics]:
    """What is known of columns, by database, table and name: only those of which somebody had it measured."""
    return {
        (row["schema"], row["table"], row["name"]): _of_histogram(row) if row["rows"] is None else _of_averages(row)
        for row in raw.get("value-statistics", ())
        if row["nulls"] is not None
    }


def _of_histogram(row: Row) -> ColumnStatistics:
    """Where each value has a bucket of its own these tell how many there are, and the share of the commonest.

    The shares add up from bucket to bucket. Buckets of many values tell how often the column is null, and no more.
    """
    nulls = float(row["nulls"])
    if row["shares"] is None:
        return ColumnStatistics(null_fraction=nulls)
    ends = [0.0, *json.loads(row["shares"])]
    return ColumnStatistics(
        null_fraction=nulls,
        distinct=float(len(ends) - 1),
        top_frequency=max((round(end - start, 6) for start, end in pairwise(ends)), default=None),
    )


def _of_averages(row: Row) -> ColumnStatistics:
    """A value stands in so many rows on average, of those where the column is not null."""
    nulls, filled = float(row["nulls"]), float(row["rows"]) * (1.0 - float(row["nulls"]))
    frequency = float(row["frequency"] or 0)
    known = frequency > 0 and filled > 0
    return ColumnStatistics(
        null_fraction=nulls,
        distinct=round(filled / frequency, 1) if known and frequency >= _SHARE_FROM else None,
        distinct_ratio=(1.0 - nulls) / frequency if known and frequency < _SHARE_FROM else None,
        average_width=None if row["width"] is None else round(float(row["width"])),
    )
