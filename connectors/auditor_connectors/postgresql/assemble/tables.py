"""From rows to tables with their columns, sizes and usage."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Any, Literal

from msgspec.structs import replace

from auditor.model.catalog import Key, Table
from auditor.model.statistics import Bloat, TableUsage
from auditor_connectors.postgresql.assemble.addresses import Addresses
from auditor_connectors.postgresql.assemble.bloat import Estimate
from auditor_connectors.postgresql.assemble.columns import Columns
from auditor_connectors.postgresql.assemble.counters import settled
from auditor_connectors.postgresql.assemble.values import iso, pairs
from auditor_connectors.postgresql.probe import Raw, Row

_Kind = Literal["table", "partitioned", "foreign", "materialized-view"]
_KINDS: Mapping[str, _Kind] = {"r": "table", "p": "partitioned", "f": "foreign", "m": "materialized-view"}
_PERSISTENCE: Mapping[str, Any] = {"p": "permanent", "u": "unlogged", "t": "temporary"}
_REPLICA_IDENTITY: Mapping[str, Any] = {"d": "default", "f": "full", "i": "index", "n": "nothing"}
_STRATEGIES: Mapping[str, Any] = {"r": "range", "l": "list", "h": "hash"}

LOCKED = "locked ACCESS EXCLUSIVE by another session"
WAITED_FOR = "another session waits for an ACCESS EXCLUSIVE lock on it"


class _Sources:
    """The rows about tables, by the number of the table."""

    def __init__(self, raw: Raw, columns: Columns, version: int) -> None:
        self.version = version
        self.block = next((int(row["value"]) for row in raw.get("settings", ()) if row["name"] == "block_size"), 8192)
        self.sizes = _by_relation(raw, "sizes")
        self.usage = _by_relation(raw, "table-usage")
        self.ages = _by_relation(raw, "ages")
        self.bloat = _by_relation(raw, "table-bloat") | _by_relation(raw, "table-bloat-measured")
        self.index_bytes = _index_bytes(raw, self.sizes)
        self.places: dict[int, list[Row]] = defaultdict(list)
        for row in raw.get("partitions", ()):
            self.places[row["relation"]].append(row)
        self.columns = columns


def tables(raw: Raw, addresses: Addresses, columns: Columns, version: int) -> tuple[Table, ...]:
    """Return every table with its columns, by address; what a partitioned table sums up, it has from its leaves."""
    sources = _Sources(raw, columns, version)
    found = {row.oid: _table(row, sources, addresses) for row in raw.get("tables", ())}
    for lock in raw.get("locked-relations", ()):  # at the end, because any probe may have met another one
        if (table := found.get(lock["relation"])) is not None:
            found[lock["relation"]] = replace(table, unreadable=LOCKED if lock["granted"] else WAITED_FOR)
    parts: dict[int, list[int]] = defaultdict(list)
    for oid, places in sources.places.items():
        for place in places:
            if place["partition"] and place["parent"] in found and oid in found:
                parts[place["parent"]].append(oid)
    totals = {
        oid: _summed(table, [found[leaf] for leaf in _leaves(oid, parts, found)])
        for oid, table in found.items()
        if table.kind == "partitioned"
    }
    return tuple(sorted((found | totals).values(), key=lambda table: table.key))


def _by_relation(raw: Raw, probe: str) -> dict[int, Any]:
    return {row.relation: row for row in raw.get(probe, ())}


def _index_bytes(raw: Raw, sizes: Mapping[int, Any]) -> dict[int, int | None]:
    """The bytes of all indexes of each table; None where one of them could not be measured."""
    found: dict[int, int | None] = {}
    for row in raw.get("indexes", ()):
        if not row.partitioned:
            size, so_far = sizes.get(row.oid), found.get(row.relation, 0)
            known = size is not None and size.bytes is not None and so_far is not None
            found[row.relation] = so_far + size.bytes if known and size is not None and so_far is not None else None
    return found


def _table(row: Any, sources: _Sources, addresses: Addresses) -> Table:
    oid = row.oid
    usage = _usage(sources.usage.get(oid))
    size = sources.sizes.get(oid)
    if usage is not None and size is not None and size.heap_bytes is not None and row.pages > 0:
        usage = settled(usage, row.rows, growth=size.heap_bytes / (row.pages * sources.block))
    ages, places = sources.ages.get(oid), sources.places.get(oid, ())
    return Table(
        schema=row.schema,
        name=row.name,
        kind=_KINDS[row.kind],
        owner=row.owner,
        persistence=_PERSISTENCE.get(row.persistence, "permanent"),
        columns=sources.columns.get(oid, ()),
        rows=_rows(row, usage, sources.version),
        options=pairs(row.options),
        inherits=_inherits(places, addresses),
        extension=row.extension,
        comment=row.comment,
        row_security=row.row_security,
        row_security_forced=row.row_security_forced,
        replica_identity=_REPLICA_IDENTITY.get(row.replica_identity),
        populated=row.populated,
        tablespace=row.tablespace,
        dropped_columns=row.dropped_columns,
        transaction_age=None if ages is None else ages.transaction_age,
        multixact_age=None if ages is None else ages.multixact_age,
        usage=usage,
        bloat=bloat(sources.bloat.get(oid)),
        statistics_visible=row.statistics_visible,
        **_sizes(oid, sources),
        **_partitioning(oid, places, addresses),
    )


def _sizes(oid: int, sources: _Sources) -> dict[str, Any]:
    """The bytes of heap, indexes and out-of-line storage, and their sum; the sum is unknown where a part is."""
    size = sources.sizes.get(oid)
    if size is None:
        return {"index_bytes": sources.index_bytes.get(oid)}
    indexes = sources.index_bytes.get(oid, 0)
    known = size.toast_bytes is not None and indexes is not None
    return {
        "heap_bytes": size.heap_bytes,
        "toast_bytes": size.toast_bytes,
        "index_bytes": indexes,
        "bytes": size.bytes + size.toast_bytes + indexes if known else None,
    }


def _rows(row: Any, usage: TableUsage | None, version: int) -> float | None:
    """The planner's row count. Before version 14 "never looked at" is written as 0 rows in 0 pages."""
    if row.kind == "p" or row.rows < 0:
        return None
    if version < 140000 and row.rows == 0 and row.pages == 0:
        looked = usage is not None and (
            usage.last_analyze or usage.last_autoanalyze or usage.last_vacuum or usage.last_autovacuum
        )
        return 0.0 if looked else None
    return float(row.rows)


def _inherits(places: Iterable[Row], addresses: Addresses) -> tuple[Key, ...]:
    """The parents of plain inheritance, in their order."""
    return tuple(
        addresses.tables[place["parent"]]
        for place in places
        if not place["partition"] and place["parent"] in addresses.tables
    )


def _partitioning(oid: int, places: Iterable[Row], addresses: Addresses) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for place in places:
        if place["partition"] and place["parent"] in addresses.tables:
            found["parent_schema"], found["parent_name"] = addresses.tables[place["parent"]]
            found["partition_bound"] = place["bound"]
            found["default_partition"] = place["parent_default"] == oid
            found["detach_pending"] = place["detach_pending"]
        if place["strategy"] is not None:
            found["partition_strategy"] = _STRATEGIES.get(place["strategy"])
            found["partition_key"] = place["key"]
            found["partition_columns"] = addresses.column_names(oid, place["columns"])
    return found


def _leaves(oid: int, parts: Mapping[int, list[int]], found: Mapping[int, Table]) -> Iterable[int]:
    for part in parts.get(oid, ()):
        if found[part].kind == "partitioned":
            yield from _leaves(part, parts, found)
        else:
            yield part


def _summed(table: Table, leaves: list[Table]) -> Table:
    """A partitioned table with the sums of its leaves; where some are unknown it says so."""
    unreadable = sum(1 for leaf in leaves if leaf.unreadable)
    note = f"{unreadable:,} of {len(leaves):,} partitions could not be measured" if unreadable else None

    def total(values: Iterable[float | int | None]) -> Any:
        known = [value for value in values if value is not None]
        return sum(known) if known or not leaves else None

    return replace(
        table,
        rows=None if (rows := total(leaf.rows for leaf in leaves)) is None else float(rows),
        bytes=total(leaf.bytes for leaf in leaves),
        heap_bytes=total(leaf.heap_bytes for leaf in leaves),
        index_bytes=total(leaf.index_bytes for leaf in leaves),
        toast_bytes=total(leaf.toast_bytes for leaf in leaves),
        unreadable=table.unreadable or note,
    )


def bloat(estimate: Estimate | None) -> Bloat | None:
    """The space without live data of a table or an index."""
    if estimate is None:
        return None
    return Bloat(bytes=estimate.bytes, ratio=estimate.ratio, method=estimate.method)


def _usage(row: Any) -> TableUsage | None:
    if row is None:
        return None
    return TableUsage(
        sequential_scans=row.seq_scan or 0,
        sequential_rows=row.seq_tup_read or 0,
        index_scans=row.idx_scan or 0,
        index_rows=row.idx_tup_fetch or 0,
        inserted=row.n_tup_ins,
        updated=row.n_tup_upd,
        updated_hot=row.n_tup_hot_upd,
        updated_new_page=row.n_tup_newpage_upd,
        deleted=row.n_tup_del,
        live_rows=row.n_live_tup,
        dead_rows=row.n_dead_tup,
        modified_since_analyze=row.n_mod_since_analyze,
        inserted_since_vacuum=row.n_ins_since_vacuum,
        last_vacuum=iso(row.last_vacuum),
        last_autovacuum=iso(row.last_autovacuum),
        last_analyze=iso(row.last_analyze),
        last_autoanalyze=iso(row.last_autoanalyze),
        last_sequential_scan=iso(row.last_seq_scan),
        last_index_scan=iso(row.last_idx_scan),
        vacuums=row.vacuum_count,
        autovacuums=row.autovacuum_count,
        heap_read=row.heap_blks_read,
        heap_hit=row.heap_blks_hit,
        index_read=row.idx_blks_read,
        index_hit=row.idx_blks_hit,
        toast_read=row.toast_blks_read,
        toast_hit=row.toast_blks_hit,
    )
