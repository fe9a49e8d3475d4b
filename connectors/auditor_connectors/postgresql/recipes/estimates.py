"""Estimates seconds, bytes of disk and the wait for locks from what was measured of a table.

Sizes and rows come from the catalog. Speeds are not measured during an audit: they are the default calibration below
unless a rehearsal has measured others, and every estimate says so. The figures are for planning an evening, not for a
promise; a rehearsal measures.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple

from auditor.model.calibration import Calibration
from auditor.model.catalog import Column, Table
from auditor.model.facts import Facts

# Times were measured on versions 15 and 18 with a table of 1,000,000 rows in 190 MB, all of it cached: validating a
# check took 57 to 155 ms, a plain index build 325 ms, a concurrent one 503 ms, an update of every row in batches 9 to
# 12 s with nine indexes, a copy of the table with as many 7 to 11 s, a change of the catalog alone 0.3 to 12 ms. An
# index adds at least as much to an update as the row itself costs (version 18, 60,000 rows): here as much, so that
# nine indexes make a hundred scans of that table. Bytes of WAL
# were measured on version 18 with 200,000 rows of 68 and 149 bytes under one and nine indexes, after a checkpoint.
DEFAULT = Calibration(
    engine="postgresql",
    label="default calibration",
    scan_bytes_per_second=200e6,  # what an ordinary cloud disk gives when nothing is cached
    brief_seconds=0.01,
    index_scans=5.0,
    update_scans=10.0,
    entry_seconds=10e-6,
    copy_scans=80.0,
    vacuum_scans=3.0,
    spread=3.0,  # the same work took up to 2.7 times as long as at best: 57 and 155 ms
    log_row_bytes=180,
    log_entry_bytes=80,
    log_copy_bytes=145,
    log_freeze_share=0.75,
    log_brief_bytes=32_768,  # 1 to 185 kB
    replay_bytes_per_second=50e6,  # assumed: one process replays, on a disk that others use
)

BACKFILL_DUTY = 0.5
"""The share of the time in which a backfill works; for the rest it sleeps and lets others pass."""

BRIEF_SECONDS = DEFAULT.brief_seconds
"""A change of the catalog alone."""

SMALL_TABLE_BYTES = 8 * 1024 * 1024
"""Up to here one scan under a lock (40 ms at the speed above) disturbs less than the steps that would avoid it."""

TINY_TABLE_BYTES = 1024 * 1024
"""Up to here even writing the table anew under a lock (0.4 s at the speed above) is a brief step."""

LOCK_TIMEOUT_SECONDS = 0.5
"""How long a brief step may queue for its lock, and with it everybody who comes after it."""

STALLED_SHARE = 0.01
"""The share of time that attempts may spend in that queue; it sets the pause between them."""

MAX_TRIES = 5

PAGE_BYTES = 8192

SAMPLED_ROWS = 30_000
"""What ANALYZE takes at the default statistics target, from at most as many pages: manual, "ANALYZE"."""

SORTED_VALUE_SECONDS = 2.5e-7
"""What a value of the sample costs: on version 18 it was 0.2 to 0.4 µs, in tables of 9 to 50 columns."""

_FALLBACK_WIDTHS = {
    "boolean": 1, "integer": 4, "float": 8, "uuid": 16, "date": 4, "time": 8, "timestamp": 8, "timestamp-tz": 8,
    "interval": 16, "money": 8, "decimal": 12, "network": 12, "enum": 4,
}  # fmt: skip
_UNKNOWN_WIDTH = 32
_INDEX_ENTRY_BYTES = 12  # eight of tuple header, four of line pointer: manual, "Database Page Layout"
_LEAF_FILL = 0.9  # the default fillfactor of a B-tree

VERSION_13 = 130000
_POSTING_BYTES = 6  # a row in the list of a key that many rows share: from version 13 on such a key is stored once
_POSTING_MOST = 130  # rows in such a list, of at most a tenth of a page


class Estimate(NamedTuple):
    """Seconds or bytes, None when unknown, and what the number rests on; ``wal``: the bytes of WAL of that work."""

    value: float | None
    basis: str
    wal: int | None = None


def calibration(facts: Facts) -> Calibration:
    """The speeds to reckon with: those that a rehearsal measured, or the default ones."""
    return facts.calibration or DEFAULT


def pause_between_tries(last: float = LOCK_TIMEOUT_SECONDS + 1.0) -> float:
    """Whole seconds to sleep between attempts so that all of them queue for at most ``STALLED_SHARE`` of their time.

    ``last`` is the lock timeout of the last attempt; without it that of a server with the usual deadlock_timeout.
    """
    queued = (MAX_TRIES - 1) * LOCK_TIMEOUT_SECONDS + last
    return math.ceil(queued * (1 / STALLED_SHARE - 1) / (MAX_TRIES - 1))


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
    """Seconds for work that costs ``scans`` scans of the table and writes nothing to speak of."""
    size = heap_bytes(facts, table)
    if size is None:
        return Estimate(None, "the table's size is not known")
    speeds = calibration(facts)
    seconds = speeds.brief_seconds + scans * size / speeds.scan_bytes_per_second
    times = "one scan" if scans == 1 else f"{scans:g} scans' worth of work"
    return Estimate(round(seconds, 3), f"{times} of {human_bytes(size)}, {rate(facts)}", 0)


def rate(facts: Facts) -> str:
    """Say which speed estimates rest on."""
    speeds = calibration(facts)
    return f"{speeds.label} of {speeds.scan_bytes_per_second / 1e6:.0f} MB/s"


def index_build(facts: Facts, table: Table | None, size: Estimate) -> Estimate:
    """Seconds for a concurrent index build; all of the index, ``size`` bytes, goes through the WAL."""
    wal = None if size.value is None else int(size.value)
    return work(facts, table, calibration(facts).index_scans)._replace(wal=wal)


def backfill(facts: Facts, table: Table | None) -> Estimate:
    """Seconds for updating every row in batches, with pauses."""
    speeds = calibration(facts)
    found = work(facts, table, speeds.update_scans / BACKFILL_DUTY)
    indexes = len(facts.indexes_of(table.key)) if table is not None else 0
    if found.value is not None and indexes:
        entries = facts.rows(table) * indexes
        seconds = found.value + entries * speeds.entry_seconds / BACKFILL_DUTY
        found = found._replace(value=round(seconds, 3), basis=f"{found.basis}, and {entries:,.0f} entries in indexes")
    basis = f"{found.basis}, half of the time asleep"
    heap = heap_bytes(facts, table)
    if table is None or table.bytes is None or heap is None or not (rows := facts.rows(table)):
        return Estimate(found.value, basis)
    # A row is written anew whole, with an entry in every index, and so is each page once after a checkpoint.
    each = heap / rows + speeds.log_row_bytes + speeds.log_entry_bytes * indexes
    return Estimate(
        found.value, f"{basis}; WAL: {each:,.0f} bytes a row, every page once", int(rows * each + table.bytes)
    )


def batched_copy(facts: Facts, table: Table | None, share: float = 1.0) -> Estimate:
    """Seconds for copying every row into another table in batches, with pauses; ``share``: of its width, for the WAL.

    The rows are locked meanwhile, which writes each of their pages once.
    """
    speeds = calibration(facts)
    found = work(facts, table, speeds.copy_scans / BACKFILL_DUTY)
    heap = heap_bytes(facts, table)
    if heap is None or not (rows := facts.rows(table)):
        return found._replace(wal=None)
    each = share * heap / rows + speeds.log_copy_bytes
    return Estimate(found.value, f"{found.basis}; WAL: {each:,.0f} bytes a row", int(rows * each + heap))


def rewrite(facts: Facts, table: Table | None) -> Estimate:
    """Seconds for writing a table with its indexes anew in one go: all of it goes through the WAL."""
    wal = None if table is None else table.bytes
    return work(facts, table, calibration(facts).copy_scans)._replace(wal=wal)


def vacuum(facts: Facts, table: Table | None, *, freeze: bool) -> Estimate:
    """Seconds for a vacuum. How much WAL one that does not freeze writes depends on the dead rows: it is not known."""
    speeds = calibration(facts)
    found, heap = work(facts, table, speeds.vacuum_scans), heap_bytes(facts, table)
    wal = int(heap * speeds.log_freeze_share) if freeze and heap is not None else None
    return found._replace(wal=wal)


def analysis(facts: Facts, table: Table | None) -> Estimate:
    """Seconds for taking a sample of the rows, and sorting what is in it by every column."""
    size = heap_bytes(facts, table)
    if table is None or size is None:
        return Estimate(None, "the table's size is not known")
    speeds, size = calibration(facts), min(size, SAMPLED_ROWS * PAGE_BYTES)
    values = min(facts.rows(table), SAMPLED_ROWS) * len(table.columns)
    seconds = speeds.brief_seconds + size / speeds.scan_bytes_per_second + values * SORTED_VALUE_SECONDS
    basis = f"a sample of {human_bytes(size)}, {values:,.0f} values sorted, {rate(facts)}"
    return Estimate(round(seconds, 3), basis, 0)


def index_disk(facts: Facts, table: Table | None, columns: Sequence[str], *, unique: bool = False) -> Estimate:
    """Bytes of a new index: rows times the width of an entry, or the size of one over the same columns if that is less.

    One that has grown with its table may be half empty.
    """
    if table is None:
        return Estimate(None, "the table is not known")
    similar = facts.plain_index_over(table.key, columns)
    present = None if similar is None else facts.index_bytes(similar)
    same = "" if similar is None else f"the size of the index {similar.name}, which has the same columns"
    if table.rows is None and table.usage is None:
        return Estimate(present, same) if present is not None else Estimate(None, "the number of rows is not known")
    rows = facts.rows(table)
    width = sum(_width(table.column(name)) for name in columns) or _UNKNOWN_WIDTH
    entry = float(_INDEX_ENTRY_BYTES + -(-width // 8) * 8)
    sharing = 1.0 if unique or facts.version < VERSION_13 else _rows_per_key(rows, table, columns)
    if sharing > 2:
        entry = _POSTING_BYTES + entry / min(sharing, _POSTING_MOST)
    size = int(max(rows * entry / _LEAF_FILL, 8192))
    if present is not None and present <= size:
        return Estimate(present, same)
    return Estimate(size, f"{rows:,.0f} rows of {entry:.3g} bytes, nine tenths full")


def _rows_per_key(rows: float, table: Table, columns: Sequence[str]) -> float:
    """How many rows share a key at least, as far as the statistics tell: columns are taken to vary independently."""
    keys = 1.0
    for name in columns:
        column = table.column(name)
        known = column.statistics if column is not None else None
        if known is None or (known.distinct is None and known.distinct_ratio is None):
            return 1.0
        keys *= known.distinct if known.distinct is not None else (known.distinct_ratio or 1.0) * rows
    return rows / keys if columns and keys else 1.0


def copy_disk(table: Table | None) -> Estimate:
    """Bytes of a second copy of a table with its indexes."""
    if table is None or table.bytes is None:
        return Estimate(None, "the table's size is not known")
    return Estimate(table.bytes, "the table's size with its indexes")


def backfill_disk(table: Table | None) -> Estimate:
    """Bytes that updating every row adds: the old rows and their index entries stay until a vacuum."""
    if table is None or table.bytes is None:
        return Estimate(None, "")
    return Estimate(table.bytes, "disk: the old rows stay until a vacuum")


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


def _width(column: Column | None) -> int:
    if column is None:
        return _UNKNOWN_WIDTH
    if column.statistics is not None and column.statistics.average_width:
        return column.statistics.average_width
    if column.family == "integer" and column.bits:
        return column.bits // 8
    return _FALLBACK_WIDTHS.get(column.family, _UNKNOWN_WIDTH)
