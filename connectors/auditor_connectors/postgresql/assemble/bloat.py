"""How much of a table or B-tree index holds no live data: what it takes on disk against what its rows should take.

The idea is that of ioguix/pgsql-bloat-estimation: the average widths that the planner keeps say how long a row is. Here
the padding between columns is worked out in their order, and an index is held against what insertion in random order
leaves, so that a healthy index is not called bloated. Where a width is not known there is no estimate.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from math import ceil, log, prod
from typing import Any, Literal

from msgspec import Struct

from auditor_connectors.postgresql.assemble.addresses import numbers
from auditor_connectors.postgresql.assemble.types import Types
from auditor_connectors.postgresql.assemble.values import pairs
from auditor_connectors.postgresql.probe import Raw

SMALLEST_BYTES = 1024 * 1024
_SMALLEST_PAGES = SMALLEST_BYTES // 8192
"""Below this a relation is not worth an estimate."""

# Layout of a page, a heap tuple and an index tuple: storage/bufpage.h, access/htup_details.h, access/itup.h, and
# access/nbtree.h for the special space of a B-tree page. Alignment is that of 64-bit machines.
_ALIGNMENT = {"c": 1, "s": 2, "i": 4, "d": 8}
_PAGE_HEADER, _LINE_POINTER, _BTREE_SPECIAL = 24, 4, 16
_TUPLE_HEADER, _INDEX_HEADER, _INDEX_NULLS = 23, 8, 4
_SHORT_VALUE = 127  # a shorter value of variable length has a header of one byte and no alignment

# A posting list holds up to about 1350 bytes of row addresses of 6 bytes each (nbtdedup.c, BTMaxItemSize / 2).
_DEDUPLICATING = 130000
_ROW_ADDRESS, _POSTING_LIST = 6, 1350
_DEDUPLICATED = frozenset({"integer", "text", "boolean", "uuid", "date", "timestamp", "timestamp-tz", "enum"})
_CERTAINLY_FEW = 100  # so few distinct values are all among the common ones, so that their number is not a guess

_RANDOM_FILL = log(2)
"""How full random insertion leaves a B-tree in the end (A. Yao, "On random 2-3 trees", Acta Informatica 9, 1978)."""

_CHANGED, _DEAD = 0.2, 0.1
"""Shares of the rows, changed since the last look or dead, up to which counts and widths are taken for fresh."""


_MEASURED, _LARGEST_MEASURED = 20, 1024**3
"""How many tables are measured, and up to what size in bytes: measuring reads every page that is not all visible."""


class Estimate(Struct, frozen=True, kw_only=True):
    """The space without live data in a relation."""

    relation: int
    bytes: int
    ratio: float
    method: Literal["estimate", "measured"] = "estimate"


class _Width(Struct, frozen=True):
    """A column as it lies in a tuple: its average bytes when not null, its alignment, and whether the bytes vary."""

    bytes: float
    alignment: int
    varies: bool
    null_fraction: float


class _Layout:
    """The widths of the columns of some tables, and which of these tables are known well enough."""

    def __init__(self, raw: Raw, relations: set[int]) -> None:
        settings = {row["name"]: row["value"] for row in raw.get("settings", ())}
        self.block = int(settings.get("block_size") or 8192)
        self.types = Types(raw)
        self.fresh = _fresh(raw) & relations
        self.columns: dict[int, list[Any]] = defaultdict(list)
        for row in raw.get("columns", ()):
            if row.relation in relations:
                self.columns[row.relation].append(row)
        self.known: dict[tuple[int, int], Any] = {}
        for row in raw.get("column-statistics", ()):
            if row.relation in relations and row.null_fraction is not None and not row.inherited:
                self.known[row.relation, row.position] = row

    def widths(self, columns: Iterable[Any]) -> list[_Width] | None:
        """The widths of several columns, None where one is not known."""
        found = [self._width(column) for column in columns]
        return [width for width in found if width is not None] if all(found) else None

    def _width(self, column: Any) -> _Width | None:
        known = self.known.get((column.relation, column.position)) if column is not None else None
        if known is None:
            return None
        fixed, align = self.types.storage(column.type_oid)
        varies = fixed <= 0
        alignment = 1 if varies and known.average_width < _SHORT_VALUE else _ALIGNMENT.get(align, 4)
        return _Width(known.average_width if varies else fixed, alignment, varies, known.null_fraction)

    def estimate(self, row: Any, space: float, size: float, *, varies: bool) -> Estimate:
        """Hold the pages of a relation against those that its rows need, ``space`` bytes of each being for rows."""
        per_page = space / (size + _LINE_POINTER)
        # At the end of a page about half a row's length stays free where lengths vary.
        per_page = max(1.0, per_page - 0.5 if varies else int(per_page))
        needed = min(row.pages, ceil(row.rows / per_page))
        wasted = row.pages - needed
        return Estimate(relation=row.oid, bytes=wasted * self.block, ratio=round(wasted / row.pages, 3))


def large_tables(raw: Raw) -> int:
    """Count the tables that are large enough for an estimate."""
    return sum(1 for row in raw.get("sizes", ()) if not row.is_index and (row.heap_bytes or 0) >= SMALLEST_BYTES)


def large_indexes(raw: Raw) -> int:
    """Count the B-tree indexes that are large enough for an estimate."""
    trees = {row.oid for row in raw.get("indexes", ()) if row.method == "btree"}
    return sum(1 for row in raw.get("sizes", ()) if row.relation in trees and (row.bytes or 0) >= SMALLEST_BYTES)


def worth_measuring(raw: Raw) -> list[int]:
    """Return the tables whose bloat should be measured: those with the most by estimate, none larger than 1 GB."""
    sizes = {row.relation: row.heap_bytes for row in raw.get("sizes", ()) if not row.is_index}
    locked = {row["relation"] for row in raw.get("locked-relations", ())}
    found = [
        estimate
        for estimate in raw.get("table-bloat", ())
        if sizes.get(estimate.relation, _LARGEST_MEASURED + 1) <= _LARGEST_MEASURED and estimate.relation not in locked
    ]
    found.sort(key=lambda estimate: (-estimate.bytes, estimate.relation))
    return [estimate.relation for estimate in found[:_MEASURED]]


def _fresh(raw: Raw) -> set[int]:
    """The tables whose row count and widths are of today.

    They have hardly changed since they were analysed or vacuumed; or the planner's row count is that of all rows ever
    counted, which tells where one session wrote and analysed: its counters arrive after its analysis and look like
    later changes.
    """
    counted = {row.oid: row.rows for row in raw.get("tables", ())}
    found = set()
    for row in raw.get("table-usage", ()):
        rows = max(row.n_live_tup, 1)
        analysed = row.n_mod_since_analyze <= _CHANGED * rows
        vacuumed = (
            (row.last_vacuum or row.last_autovacuum) is not None
            and row.n_dead_tup <= _DEAD * rows
            and (row.n_ins_since_vacuum or 0) <= _CHANGED * rows
        )
        ever, planned = row.n_tup_ins - row.n_tup_del, counted.get(row.relation, -1)
        if analysed or vacuumed or (planned > 0 and abs(planned - ever) <= _CHANGED * planned):
            found.add(row.relation)
    return found


def _table_bloat(raw: Raw, _version: int) -> list[Estimate]:
    """Estimate the bloat of every table larger than 1 MB whose statistics are complete and fresh."""
    large = [
        row for row in raw.get("tables", ()) if row.kind in "rm" and row.pages >= _SMALLEST_PAGES and row.rows >= 0
    ]
    layout = _Layout(raw, {row.oid for row in large})
    found = []
    for row in large:
        columns = layout.columns[row.oid]
        widths = layout.widths(columns)
        if row.oid not in layout.fresh or widths is None:
            continue
        slots = len(columns) + row.dropped_columns
        any_null = 1 - prod(1 - width.null_fraction for width in widths)
        header = any_null * _aligned(_TUPLE_HEADER + (slots + 7) // 8) + (1 - any_null) * _aligned(_TUPLE_HEADER)
        size, varies = _tuple_bytes(header, widths)
        space = layout.block * _fill_factor(row.options, 100) - _PAGE_HEADER
        found.append(layout.estimate(row, space, size, varies=varies))
    return found


def _index_bloat(raw: Raw, version: int) -> list[Estimate]:
    """Estimate the bloat of every B-tree index larger than 1 MB whose columns' statistics are complete and fresh."""
    large = [
        row
        for row in raw.get("indexes", ())
        if row.method == "btree" and row.valid and row.pages >= _SMALLEST_PAGES and row.rows >= 0
    ]
    layout = _Layout(raw, {row.relation for row in large})
    found = []
    for row in large:
        by_position = {column.position: column for column in layout.columns[row.relation]}
        columns = [by_position.get(position) for position in numbers(row.columns)]
        widths = layout.widths(columns)
        if row.relation not in layout.fresh or widths is None:
            continue
        any_null = 1 - prod(1 - width.null_fraction for width in widths)
        header = any_null * _aligned(_INDEX_HEADER + _INDEX_NULLS) + (1 - any_null) * _INDEX_HEADER
        size, varies = _tuple_bytes(header, widths)
        if version >= _DEDUPLICATING and not row.unique and _deduplicated(row, columns, layout):
            size = min(size, _ROW_ADDRESS + (size + _LINE_POINTER) * _ROW_ADDRESS / _POSTING_LIST - _LINE_POINTER)
        fill = min(_fill_factor(row.reloptions, 90), _RANDOM_FILL)
        space = (layout.block - _PAGE_HEADER - _BTREE_SPECIAL) * fill
        found.append(layout.estimate(row, space, size, varies=varies))
    return found


def _deduplicated(row: Any, columns: list[Any], layout: _Layout) -> bool:
    """Whether equal keys are certainly stored once: one column, few values, a type whose equal values are identical."""
    if len(columns) != 1 or pairs(row.reloptions).get("deduplicate_items") in ("off", "false"):
        return False
    column = columns[0]
    known = layout.known.get((column.relation, column.position))
    few = known is not None and 0 < known.distinct <= _CERTAINLY_FEW
    return few and layout.types.facts(column.type_oid, column.modifier).family in _DEDUPLICATED


def _tuple_bytes(header: float, widths: Iterable[_Width]) -> tuple[float, bool]:
    """The average length of a tuple, and whether lengths vary; the columns in their order, each at its alignment."""
    offset, varies = header, False
    for width in widths:
        padding = (width.alignment - 1) / 2 if varies else -offset % width.alignment
        offset += (1 - width.null_fraction) * (padding + width.bytes)
        varies = varies or width.varies or 0 < width.null_fraction < 1
    return (offset + 3.5 if varies else _aligned(offset)), varies


def _aligned(length: float) -> int:
    return 8 * ceil(length / 8)


def _fill_factor(options: list[str] | None, default: int) -> float:
    return int(pairs(options).get("fillfactor", default)) / 100


ESTIMATES: Mapping[str, Callable[[Raw, int], list[Estimate]]] = {
    "table-bloat": _table_bloat,
    "index-bloat": _index_bloat,
}
"""What works out a probe that is derived from others, from their rows and the server's version."""
