"""How fast an engine works on some hardware: what turns measured sizes into seconds and bytes."""

from __future__ import annotations

from msgspec import Struct


class Calibration(Struct, frozen=True, kw_only=True):
    """Speeds of an engine that estimates rest on. ``label`` says where they come from; every estimate repeats it.

    The work of operations on the rows of a table is counted in scans of it: reading it from end to end at
    ``scan_bytes_per_second``. An update of every row costs ``update_scans``, and ``entry_seconds`` for each entry that
    it makes in an index, which does not depend on the width of the row. ``spread`` is how many times longer than
    expected nine of ten operations take at most.

    Log bytes are what the engine writes for recovery and for replicas: ``log_row_bytes`` for each row that is updated
    beside the row itself, ``log_entry_bytes`` for each entry that an update makes in an index, ``log_copy_bytes`` for
    each row that is copied beside the row itself, ``log_freeze_share`` of a table's bytes when it is frozen, and
    ``log_brief_bytes`` for a change of the catalog alone. A replica replays ``replay_bytes_per_second`` of it.
    """

    engine: str
    label: str
    scan_bytes_per_second: float
    brief_seconds: float
    index_scans: float
    update_scans: float
    entry_seconds: float
    copy_scans: float
    vacuum_scans: float
    spread: float
    log_row_bytes: int
    log_entry_bytes: int
    log_copy_bytes: int
    log_freeze_share: float
    log_brief_bytes: int
    replay_bytes_per_second: float
