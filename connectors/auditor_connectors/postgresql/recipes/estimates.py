"""Estimates seconds, bytes of disk and the wait for locks from what was measured of a table.

Sizes and rows come from the catalog. Speeds are not measured during an audit: they are the default calibration below,
and every estimate says so. The figures are for planning an evening, not for a promise; a rehearsal measures.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from auditor.model.catalog import Column, Index, Table
from auditor.model.facts import Facts

SCAN_BYTES_PER_SECOND = 200e6
"""Reading a table from end to end: what an ordinary cloud disk gives when nothing is cached."""

# The work of other operations on the same rows, as multiples of such a scan. Measured on versions 15 and 18 with a
# table of 1,000,000 rows in 190 MB, all of it cached: validating a check took 57 to 155 ms, a plain index build
# 325 ms, a concurrent one 503 ms, an update of every row in batches 9 to 12 s, a copy of the table with its nine
# indexes 7 to 11 s.
INDEX_SCANS = 5.0
BACKFILL_SCANS = 100.0
COPY_SCANS = 80.0
VACUUM_SCANS = 3.0

BACKFILL_DUTY = 0.5
"""The share of the time in which a backfill works; for the rest it sleeps and lets others pass."""

BRIEF_SECONDS = 0.01
"""A change of the catalog alone: measured at 0.3 to 12 ms."""

SMALL_TABLE_BYTES = 8 * 1024 * 1024
"""Up to here one scan under a lock (40 ms at the speed above) disturbs less than the steps that would avoid it."""

TINY_TABLE_BYTES = 1024 * 1024
"""Up to here even writing the table anew under a lock (0.4 s at the speed above) is a brief step."""

LOCK_TIMEOUT_SECONDS = 0.5
"""How long a brief step may queue for its lock, and with it everybody who comes after it."""

STALLED_SHARE = 0.01
"""The share of time that attempts may spend in that queue; it sets the pause between them."""

MAX_TRIES = 5

CALIBRATION = f"default calibration of {SCAN_BYTES_PER_SECOND / 1e6:.0f} MB/s"

_FALLBACK_WIDTHS = {
    "boolean": 1, "integer": 4, "float": 8, "uuid": 16, "date": 4, "time": 8, "timestamp": 8, "timestamp-tz": 8,
    "interval": 16, "money": 8, "decimal": 12, "network": 12, "enum": 4,
}  # fmt: skip
_UNKNOWN_WIDTH = 32
_INDEX_ENTRY_BYTES = 12  # eight of tuple header, four of line pointer: manual, "Database Page Layout"
_LEAF_FILL = 0.9  # the default fillfactor of a B-tree


class Estimate(NamedTuple):
    """Seconds or bytes, None when unknown, and what the number rests on."""

    value: float | None
    basis: str


def pause_between_tries() -> float:
    """Seconds to sleep between attempts so that queueing takes at most ``STALLED_SHARE`` of the time."""
    return LOCK_TIMEOUT_SECONDS * (1 / STALLED_SHARE - 1)


def last_try_timeout(facts: Facts) -> float:
    """The lock timeout that lets the server cancel an autovacuum in the way: longer than ``deadlock_timeout``."""
    return (facts.setting_seconds("deadlock_timeout") or 1.0) + LOCK_TIMEOUT_SECONDS


def heap_bytes(facts: Facts, table: Table | None) -> int | None:
    """The bytes of a table's rows, with what is stored out of line, over all partitions."""
    if table is None:
        return None
    sizes = [
        None if leaf.heap_bytes is None else leaf.heap_bytes + (leaf.toast_bytes or 0) for leaf in facts.leaves(table)
    ]
    return None if not sizes or any(size is None for size in sizes) else sum(size or 0 for size in sizes)


def is_small(facts: Facts, table: Table | None) -> bool:
    """Whether a scan of the table under a lock is shorter than anybody notices. Unknown sizes count as large."""
    size = heap_bytes(facts, table)
    return size is not None and size <= SMALL_TABLE_BYTES


def is_tiny(table: Table | None) -> bool:
    """Whether the table can be written anew under a lock in an instant. Unknown sizes count as large."""
    return table is not None and table.bytes is not None and table.bytes <= TINY_TABLE_BYTES


def work(facts: Facts, table: Table | None, scans: float = 1.0) -> Estimate:
    """Seconds for work that costs ``scans`` scans of the table."""
    size = heap_bytes(facts, table)
    if size is None:
        return Estimate(None, "the table's size is not known")
    seconds = BRIEF_SECONDS + scans * size / SCAN_BYTES_PER_SECOND
    times = "one scan" if scans == 1 else f"{scans:g} scans' worth of work"
    return Estimate(round(seconds, 3), f"{times} of {human_bytes(size)}, {CALIBRATION}")


def index_build(facts: Facts, table: Table | None) -> Estimate:
    """Seconds for a concurrent index build."""
    return work(facts, table, INDEX_SCANS)


def backfill(facts: Facts, table: Table | None) -> Estimate:
    """Seconds for updating every row in batches, with pauses."""
    found = work(facts, table, BACKFILL_SCANS / BACKFILL_DUTY)
    return Estimate(found.value, f"{found.basis}, half of the time asleep")


def index_disk(facts: Facts, table: Table | None, columns: Sequence[str]) -> Estimate:
    """Bytes of a new index: the size of one over the same columns, or rows times the width of an entry."""
    if table is None:
        return Estimate(None, "the table is not known")
    similar = _similar(facts.indexes_of(table.key), columns)
    if similar is not None and (size := facts.index_bytes(similar)) is not None:
        return Estimate(size, f"the size of the index {similar.name}, which has the same columns")
    if table.rows is None and table.usage is None:
        return Estimate(None, "the number of rows is not known")
    rows = facts.rows(table)
    width = sum(_width(table.column(name)) for name in columns) or _UNKNOWN_WIDTH
    entry = _INDEX_ENTRY_BYTES + -(-width // 8) * 8
    return Estimate(int(max(rows * entry / _LEAF_FILL, 8192)), f"{rows:,.0f} rows of {entry} bytes, nine tenths full")


def copy_disk(table: Table | None) -> Estimate:
    """Bytes of a second copy of a table with its indexes."""
    if table is None or table.bytes is None:
        return Estimate(None, "the table's size is not known")
    return Estimate(table.bytes, "the table's size with its indexes")


def human_bytes(size: float) -> str:
    """A size in the unit that suits it."""
    for unit in ("B", "kB", "MB", "GB"):
        if size < 1024:
            return f"{size:.0f} {unit}"
        size /= 1024
    return f"{size:.1f} TB"


def human_seconds(seconds: float) -> str:
    """A duration in the unit that suits it."""
    if seconds < 1:
        return f"{seconds * 1000:.0f} ms"
    if seconds < 120:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 7200 else f"{seconds / 3600:.1f} h"


def _similar(indexes: Iterable[Index], columns: Sequence[str]) -> Index | None:
    wanted = tuple(columns)
    return next(
        (i for i in indexes if i.columns == wanted and i.predicate is None and not i.include and not i.is_expression),
        None,
    )


def _width(column: Column | None) -> int:
    if column is None:
        return _UNKNOWN_WIDTH
    if column.statistics is not None and column.statistics.average_width:
        return column.statistics.average_width
    if column.family == "integer" and column.bits:
        return column.bits // 8
    return _FALLBACK_WIDTHS.get(column.family, _UNKNOWN_WIDTH)
