"""Estimates seconds and bytes of changes from the measured sizes, and says in words what they rest on.

Speeds are not measured during an audit: these are for planning an evening, not for a promise.
"""

from __future__ import annotations

from typing import NamedTuple

from auditor.model.catalog import Table
from auditor.model.facts import Facts
from auditor.text import size

# Measured on MongoDB 6.0.5 with 200,000 documents of 332 bytes (66 MB, stored in 9 MB), a replica set of one member and
# two processors that others used too: reading all from memory took 0.1 s, an index over a number 0.3 s and 2 MB, over a
# field of arrays of two 0.6 s and 2.9 MB; batches that wait for the majority updated 17,500 documents a second, deleted
# 7,700 and copied 13,600. Batches rest for as long as they work, and disks are slower than memory.
SCAN_BYTES_PER_SECOND = 100e6
KEYS_PER_SECOND = 300e3
UPDATES_PER_SECOND = 6000.0
DELETES_PER_SECOND = 3000.0
COPIES_PER_SECOND = 5000.0
BRIEF_SECONDS = 0.05
SPREAD = 3.0
"""How many times longer than expected nine of ten changes take at most: disks and other load differ by as much."""

LOCK_WAIT_SECONDS = 1.0
"""How long a change may wait for its lock, and with it everybody who comes after it."""

KEY_BYTES = 15
"""What an entry of an index takes on disk, compressed: 10 bytes for growing numbers, 7 for repeating texts, more for
texts that differ; the entries' documents are part of it."""


class Estimate(NamedTuple):
    """Seconds and bytes of disk, None when unknown, and what they rest on."""

    seconds: float | None
    disk: int | None = None
    basis: str = ""


BRIEF = Estimate(BRIEF_SECONDS, None, "a change of the definition alone, whatever the collection's size")
BY_PEOPLE = Estimate(None, None, "done by people: no estimate")
_UNKNOWN = Estimate(None, None, "the collection's size is not known")


def data_bytes(table: Table | None) -> float | None:
    """The bytes of all documents, as they are in memory."""
    if table is None or table.rows is None:
        return None
    mean = table.documents.bytes_mean if table.documents is not None else None
    return table.heap_bytes if mean is None else table.rows * mean


def scan(table: Table | None) -> Estimate:
    """Seconds for reading all documents."""
    read = data_bytes(table)
    if read is None:
        return _UNKNOWN
    speed = f"{SCAN_BYTES_PER_SECOND / 1e6:.0f} MB/s"
    seconds = BRIEF_SECONDS + read / SCAN_BYTES_PER_SECOND
    return Estimate(round(seconds, 3), None, f"{size(read)} of documents read at {speed} (default calibration)")


def index(facts: Facts, table: Table | None, columns: tuple[str, ...]) -> Estimate:
    """Seconds and bytes for building an index, and what it takes in memory meanwhile."""
    read = data_bytes(table)
    if table is None or read is None:
        return _UNKNOWN
    keys, many = facts.rows(table), 1.0
    for name in columns:
        column = table.column(name)
        for one in (column, *(table.column(path) for path in prefixes(name))):
            if one is not None and one.shape is not None and one.shape.array is not None:
                many = max(many, one.shape.array.mean)
    seconds = BRIEF_SECONDS + read / SCAN_BYTES_PER_SECOND + keys * many / KEYS_PER_SECOND
    told = f", {many:.1f} for each document" if many > 1 else ""
    memory = facts.setting("setParameter.maxIndexBuildMemoryUsageMegabytes") or "200"
    basis = (
        f"{size(read)} of documents read at {SCAN_BYTES_PER_SECOND / 1e6:.0f} MB/s and {keys * many:,.0f} keys{told} "
        f"sorted at {KEYS_PER_SECOND:,.0f} a second (default calibration); needs up to {memory} MB of memory on each "
        "member, and what does not fit there is sorted on disk"
    )
    return Estimate(round(seconds, 3), int(keys * many * KEY_BYTES * max(1, len(columns))), basis)


def prefixes(path: str) -> list[str]:
    """The paths of the fields around a field, outermost first."""
    parts = path.split(".")
    return [".".join(parts[:length]) for length in range(1, len(parts))]


def batches(table: Table | None, per_second: float, what: str, share: float = 1.0, disk: int | None = None) -> Estimate:
    """Seconds for batches over a share of the documents, after all of them were read to find these."""
    read = data_bytes(table)
    if table is None or table.rows is None or read is None:
        return _UNKNOWN
    concerned = table.rows * share
    seconds = BRIEF_SECONDS + read / SCAN_BYTES_PER_SECOND + concerned / per_second
    basis = (
        f"{concerned:,.0f} documents {what} at {per_second:,.0f} a second, with rests (default calibration), and "
        f"{size(read)} read"
    )
    return Estimate(round(seconds, 3), disk, basis)
