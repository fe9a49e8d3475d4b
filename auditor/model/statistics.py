"""What an engine counts and samples about its objects: shares, widths and counters, never a value.

``None`` always means "not known", never "zero". Sizes are bytes.
"""

from __future__ import annotations

from typing import Literal

from msgspec import Struct


class ColumnStatistics(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What the planner knows of a column's values; shares and lengths only, never a value.

    ``distinct`` counts distinct values; ``distinct_ratio`` is set instead when the engine estimates it as a share of
    the rows (1.0: unique). ``distinct_folded`` is how many of them differ by more than capitals and blanks around them.
    ``shapes`` maps a shape of text ("uuid", "integer", "decimal", "date", "timestamp", "json", "inet", "email",
    "delimited", "url"; where documents are sampled also "object-id", "card", "iban", "social-security", "phone",
    "boolean", "hash", "jwt", "base64", of numbers "zero-one", "epoch-seconds", "epoch-milliseconds", "whole", of arrays
    "coordinates") to the share of sampled values that have it. ``range_used`` is how much of its
    type's positive range the sampled values of an integer column of up to 32 bits reach, the few highest left out.
    """

    null_fraction: float = 0.0
    distinct: float | None = None
    distinct_ratio: float | None = None
    distinct_folded: float | None = None
    average_width: int | None = None
    correlation: float | None = None
    top_frequency: float | None = None
    sampled_values: int = 0
    shapes: dict[str, float] = {}
    range_used: float | None = None


class TableUsage(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Counters since ``Snapshot.target.stats_since``.

    ``sequential_scans`` and ``index_scans`` count scans where the engine does, else the rows that it was asked for:
    none means that nobody read, whichever it is. Where it counts operations and not rows, ``inserted``, ``updated`` and
    ``deleted`` are operations. ``changed`` counts the rows written where the engine does not tell what was done to
    them: nothing else is then known of what was written.
    """

    sequential_scans: int = 0
    sequential_rows: int = 0
    index_scans: int = 0
    index_rows: int = 0
    inserted: int = 0
    updated: int = 0
    updated_hot: int = 0
    updated_new_page: int | None = None
    deleted: int = 0
    changed: int | None = None
    live_rows: int = 0
    dead_rows: int = 0
    modified_since_analyze: int = 0
    inserted_since_vacuum: int | None = None
    last_vacuum: str | None = None
    last_autovacuum: str | None = None
    last_analyze: str | None = None
    last_autoanalyze: str | None = None
    last_sequential_scan: str | None = None
    last_index_scan: str | None = None
    vacuums: int = 0
    autovacuums: int = 0
    heap_read: int | None = None
    heap_hit: int | None = None
    index_read: int | None = None
    index_hit: int | None = None
    toast_read: int | None = None
    toast_hit: int | None = None

    @property
    def writes(self) -> int:
        """Rows inserted, updated and deleted."""
        return self.inserted + self.updated + self.deleted if self.changed is None else self.changed


class Bloat(Struct, frozen=True, kw_only=True):
    """Space in a relation that holds no live data. ``method`` is "estimate" or "measured"."""

    bytes: int
    ratio: float
    method: Literal["estimate", "measured"]
