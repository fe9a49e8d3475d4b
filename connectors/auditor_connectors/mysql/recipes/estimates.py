"""Estimates seconds and bytes of changes from the measured sizes, and says in words what they rest on.

Speeds are not measured during an audit: these are for planning an evening, not for a promise.
"""

from __future__ import annotations

from typing import NamedTuple

from auditor.model.catalog import Table
from auditor.model.facts import Facts
from auditor_connectors.mysql.recipes.accepted import Way

# Measured with 256,000 rows in 44 MB on MySQL 9.7 and MariaDB 10.11, with a buffer pool smaller than the table and two
# processors that others used too: reading all rows took 0.1 to 0.6 s, an index over an integer 0.8 s on both, a rebuild
# 1.3 and 2.3 s, a copy 2.3 to 9 s, an update of a fifth of the rows 1.3 and 2.5 s, a change of the dictionary alone 10
# to 50 ms.
SCAN_BYTES_PER_SECOND = 100e6
BUILD_BYTES_PER_SECOND = 45e6
REBUILD_BYTES_PER_SECOND = 20e6
COPY_BYTES_PER_SECOND = 7e6
BRIEF_SECONDS = 0.05
SPREAD = 3.0
"""How many times longer than expected nine of ten changes take at most: a copy took 2.3 and 9 s."""

LOCK_WAIT_SECONDS = 1
"""How long a change may queue for its metadata lock, and with it everybody who comes after it: the least that MySQL
takes for lock_wait_timeout. It is also how long others wait at most: what holds the lock takes milliseconds."""

MAX_TRIES = 5
PAUSE_SECONDS = 60
"""Between tries: those who queue behind them wait for less than a fiftieth of the time."""

SMALL_SECONDS = 1.0
"""Up to here writers may wait for a copy: no longer than they may wait for any other change."""

OLD_TRANSACTION_SECONDS = 10
"""From here on an open transaction is in the way of a long change: it must not be there when one begins."""

ONLINE_LOG = "innodb_online_alter_log_max_size"


class Estimate(NamedTuple):
    """Seconds and bytes of disk, None when unknown, and what they rest on."""

    seconds: float | None
    disk: int | None = None
    basis: str = ""


def brief(basis: str = "a change of the dictionary alone, whatever the table's size") -> Estimate:
    """What touches no rows."""
    return Estimate(BRIEF_SECONDS, None, basis)


def of_way(facts: Facts, table: Table | None, found: Way, *, index_bytes: int | None = None) -> Estimate:
    """Seconds and bytes of a change made in a way. ``index_bytes``: of the index that it builds, if it does."""
    if found.is_instant:
        return brief()
    if table is None or table.bytes is None:
        return Estimate(None, None, "the table's size is not known")
    if found.rebuilds:
        copy = found.algorithm == "COPY"
        speed = COPY_BYTES_PER_SECOND if copy else REBUILD_BYTES_PER_SECOND
        seconds = BRIEF_SECONDS + table.bytes / speed
        what = "copied row by row" if copy else "rebuilt with its indexes"
        basis = f"{human_bytes(table.bytes)} {what} at {speed / 1e6:.0f} MB/s"
        disk = table.bytes
    elif index_bytes is not None:
        seconds = BRIEF_SECONDS + table.bytes / BUILD_BYTES_PER_SECOND
        basis = f"{human_bytes(table.bytes)} read, sorted and written at {BUILD_BYTES_PER_SECOND / 1e6:.0f} MB/s"
        disk = index_bytes
    else:
        return brief()
    return Estimate(round(seconds, 3), disk, f"{basis} (default calibration); {room(facts, found, disk)}")


def room(facts: Facts, found: Way, disk: int) -> str:
    """Say what has to be free: in the data directory, where it is sorted, and for what is written meanwhile."""
    parts = [f"{human_bytes(disk)} in the data directory"]
    if found.algorithm != "COPY":
        own = facts.setting("innodb_tmpdir") or ""
        parts.append(f"as much in {'innodb_tmpdir' if own else 'tmpdir'} for sorting")
    log = facts.setting_number(ONLINE_LOG)
    if found.lock == "NONE" and log is not None:
        parts.append(f"up to {human_bytes(log)} of {ONLINE_LOG} for what clients write meanwhile")
    return "needs " + ", ".join(parts)


def scan(table: Table | None) -> Estimate:
    """Seconds for reading all rows."""
    if table is None or table.heap_bytes is None:
        return Estimate(None, None, "the table's size is not known")
    seconds = BRIEF_SECONDS + table.heap_bytes / SCAN_BYTES_PER_SECOND
    speed = f"{SCAN_BYTES_PER_SECOND / 1e6:.0f} MB/s"
    return Estimate(round(seconds, 3), None, f"{human_bytes(table.heap_bytes)} read at {speed} (default calibration)")


def index_disk(facts: Facts, table: Table | None, columns: tuple[str, ...]) -> int:
    """Bytes of a new index: rows times the width of its columns and of the primary key, which every entry holds."""
    if table is None:
        return 0
    key = facts.primary_key(table.key)
    names = dict.fromkeys((*columns, *(key.columns if key is not None else ())))
    width = sum(_width(table, name) for name in names) + _ENTRY_BYTES
    return int(max(facts.rows(table) * width / _PAGE_FILL, 16384))


_ENTRY_BYTES = 6  # the header of a record and its slot: manual, "InnoDB Row Formats"
_PAGE_FILL = 0.9  # what a sorted build leaves free: innodb_fill_factor, less a part for the pages' own data
_WIDTHS = {
    "boolean": 1, "date": 3, "time": 4, "timestamp": 6, "timestamp-tz": 5, "decimal": 6, "uuid": 16, "enum": 1,
    "float": 8,
}  # fmt: skip
_UNKNOWN_WIDTH = 20


def _width(table: Table, name: str) -> int:
    column = table.column(name)
    if column is None:
        return _UNKNOWN_WIDTH
    if column.bits:
        return column.bits // 8
    return _WIDTHS.get(column.family, min(column.length or _UNKNOWN_WIDTH, _UNKNOWN_WIDTH))


def human_bytes(size: float) -> str:
    """A size in the unit that suits it."""
    for unit in ("B", "kB", "MB", "GB"):
        if size < 1024:
            return f"{size:.0f} {unit}"
        size /= 1024
    return f"{size:.1f} TB"
