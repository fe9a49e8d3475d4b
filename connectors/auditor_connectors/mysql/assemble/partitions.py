"""From rows to the partitions of a table, which are no tables of their own there."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any

from auditor.model.catalog import Key, Part
from auditor_connectors.mysql.assemble.values import iso
from auditor_connectors.mysql.probe import Raw, Row

_METHODS: Mapping[str, Any] = {"RANGE": "range", "LIST": "list", "HASH": "hash", "KEY": "hash", "LINEAR": "hash"}
_NAMES = re.compile(r"`((?:[^`]|``)+)`")
_WORD = re.compile(r"[\w$]+")
_COLUMN = r"(?:`(?:[^`]|``)+`|[\w$]+)"
_FUNCTION = re.compile(rf"\s*(to_days|to_seconds|year|unix_timestamp)\s*\(\s*{_COLUMN}\s*\)\s*", re.IGNORECASE)
_MOMENT = re.compile(r"'(\d{4}-\d\d-\d\d(?:[ T]\d\d:\d\d:\d\d)?)")
_BEFORE_YEAR_1 = 365
"""How many days TO_DAYS() counts before the first of January of the year 1, which is day 1 of Python's."""


def partitions(raw: Raw) -> dict[Key, list[Row]]:
    """The rows of partitions and of their subpartitions by table, in their order."""
    found: dict[Key, list[Row]] = defaultdict(list)
    for row in raw.get("partitions", ()):
        found[row["schema"], row["table"]].append(row)
    return found


def partitioning(rows: Sequence[Row]) -> dict[str, Any]:
    """The fields of a table that say how it is partitioned; none where it is not."""
    if not rows:
        return {}
    method, expression = rows[0]["method"] or "", rows[0]["expression"] or ""
    names = [name.replace("``", "`") for name in _NAMES.findall(expression)]
    if not names and all(_WORD.fullmatch(part.strip()) for part in expression.split(",")):
        names = [part.strip() for part in expression.split(",")]
    strategy = _METHODS.get(method.split(" ")[0])
    return {
        "partition_strategy": strategy,
        "partition_key": f"{method} ({expression})",
        "partition_columns": tuple(dict.fromkeys(names)),
        "parts": tuple(
            Part(
                name=row["name"],
                bound=row["bound"],
                until=_until(expression, row["bound"]) if strategy == "range" else None,
                rest=_is_rest(row["bound"]),
                rows=None if row["rows"] is None else float(row["rows"]),
            )
            for row in rows
        ),
    }


def _is_rest(bound: str | None) -> bool:
    """Whether a bound is open: of several columns it is that of the first which counts.

    MariaDB writes a list's DEFAULT as it writes the value 0: which of the two it is cannot be told.
    """
    return (bound or "").split(",")[0].strip().upper() == "MAXVALUE"


def _until(expression: str, bound: str | None) -> str | None:
    """A bound as a moment: a date or time as it is, or the number that a function of dates makes of one."""
    if bound is None or _is_rest(bound):
        return None
    function, text = _FUNCTION.fullmatch(expression), bound.strip()
    try:
        if function is None:
            match = _MOMENT.match(text)
            return None if match is None else iso(datetime.fromisoformat(match[1]).replace(tzinfo=UTC))
        return iso(_reached(function[1].lower(), int(text)))
    except (ValueError, OverflowError):
        return None


def _reached(function: str, number: int) -> datetime:
    """The first moment of which a function makes a number.

    https://dev.mysql.com/doc/refman/8.4/en/date-and-time-functions.html
    """
    if function == "year":
        return datetime(number, 1, 1, tzinfo=UTC)
    if function == "unix_timestamp":
        return datetime.fromtimestamp(number, UTC)
    days, seconds = (number, 0) if function == "to_days" else divmod(number, 86_400)
    midnight = datetime.combine(date.fromordinal(days - _BEFORE_YEAR_1), datetime.min.time(), UTC)
    return midnight + timedelta(seconds=seconds)
