"""From rows to tables with their columns, sizes, usage and statistics."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from functools import partial
from typing import Any, Literal

from msgspec.structs import replace

from auditor.model.catalog import Bloat, Column, ColumnStatistics, Key, Table, TableUsage
from auditor_connectors.postgresql.assemble.addresses import Addresses
from auditor_connectors.postgresql.assemble.values import iso, pairs
from auditor_connectors.postgresql.probe import Raw, Row

_Kind = Literal["table", "partitioned", "foreign", "materialized-view"]
_KINDS: Mapping[str, _Kind] = {"r": "table", "p": "partitioned", "f": "foreign", "m": "materialized-view"}
_PERSISTENCE: Mapping[str, Any] = {"p": "permanent", "u": "unlogged", "t": "temporary"}
_REPLICA_IDENTITY: Mapping[str, Any] = {"d": "default", "f": "full", "i": "index", "n": "nothing"}
_STRATEGIES: Mapping[str, Any] = {"r": "range", "l": "list", "h": "hash"}
_IDENTITY: Mapping[str, Any] = {"a": "always", "d": "by-default"}
_GENERATED: Mapping[str, Any] = {"s": "stored", "v": "virtual"}
_COMPRESSION = {"p": "pglz", "l": "lz4"}

LOCKED = "locked ACCESS EXCLUSIVE by another session"
WAITED_FOR = "another session waits for an ACCESS EXCLUSIVE lock on it"


class _Sources:
    """The rows about tables, by the number of the table."""

    def __init__(self, raw: Raw, addresses: Addresses, version: int) -> None:
        by_relation = partial(_by, key="relation")
        self.version = version
        self.sizes = by_relation(raw.get("sizes", ()))
        self.usage = _by(raw.get("table-usage", ()), "relid")
        self.ages = by_relation(raw.get("ages", ()))
        self.locked = by_relation(raw.get("locked-relations", ()))
        self.bloat = by_relation(raw.get("table-bloat", ())) | by_relation(raw.get("table-bloat-measured", ()))
        self.index_bytes = _index_bytes(raw, self.sizes)
        self.places: dict[int, list[Row]] = defaultdict(list)
        for row in raw.get("partitions", ()):
            self.places[row["relation"]].append(row)
        self.columns = _columns(raw, addresses)


def tables(raw: Raw, addresses: Addresses, version: int) -> tuple[Table, ...]:
    """Return every table with its columns, by address; what a partitioned table sums up, it has from its leaves."""
    sources = _Sources(raw, addresses, version)
    found = {row["oid"]: _table(row, sources, addresses) for row in raw.get("tables", ())}
    parts: dict[int, list[int]] = defaultdict(list)
    for oid, places in sources.places.items():
        for place in places:
            if place["partition"] and place["parent"] in found and oid in found:
                parts[place["parent"]].append(oid)
    totals: dict[int, Table] = {}
    for oid, table in found.items():
        if table.kind == "partitioned":
            totals[oid] = _summed(table, [found[leaf] for leaf in _leaves(oid, parts, found)])
    return tuple(sorted((found | totals).values(), key=lambda table: table.key))


def _by(rows: Iterable[Row], key: str) -> dict[int, Row]:
    return {row[key]: row for row in rows}


def _index_bytes(raw: Raw, sizes: Mapping[int, Row]) -> dict[int, int | None]:
    """The bytes of all indexes of each table; None where one of them could not be measured."""
    found: dict[int, int | None] = {}
    for row in raw.get("indexes", ()):
        if row["partitioned"]:
            continue
        size, sum_so_far = sizes.get(row["oid"], {}).get("bytes"), found.get(row["relation"], 0)
        found[row["relation"]] = None if size is None or sum_so_far is None else sum_so_far + size
    return found


def _table(row: Row, sources: _Sources, addresses: Addresses) -> Table:
    oid, key = row["oid"], (row["schema"], row["name"])
    usage = _usage(sources.usage.get(oid))
    sizes, ages = sources.sizes.get(oid, {}), sources.ages.get(oid, {})
    stored, heap = sizes.get("bytes"), sizes.get("heap_bytes")
    index_bytes = sources.index_bytes.get(oid, 0) if sizes else None
    lock = sources.locked.get(oid)
    return Table(
        schema=key[0],
        name=key[1],
        kind=_KINDS[row["kind"]],
        owner=row["owner"],
        persistence=_PERSISTENCE.get(row["persistence"], "permanent"),
        columns=sources.columns.get(oid, ()),
        rows=_rows(row, usage, sources.version),
        bytes=None if stored is None or index_bytes is None else stored + index_bytes,
        heap_bytes=heap,
        index_bytes=index_bytes,
        toast_bytes=None if stored is None else sizes.get("toast_bytes"),
        options=pairs(row["options"]),
        inherits=_inherits(sources.places.get(oid, ()), addresses),
        extension=row["extension"],
        comment=row["comment"],
        row_security=row["row_security"],
        row_security_forced=row["row_security_forced"],
        replica_identity=_REPLICA_IDENTITY.get(row["replica_identity"]),
        populated=row["populated"],
        tablespace=row["tablespace"],
        dropped_columns=row["dropped_columns"],
        transaction_age=ages.get("transaction_age"),
        multixact_age=ages.get("multixact_age"),
        usage=usage,
        bloat=bloat(sources.bloat.get(oid)),
        statistics_visible=row["statistics_visible"],
        unreadable=None if lock is None else LOCKED if lock["granted"] else WAITED_FOR,
        **_partitioning(oid, sources.places.get(oid, ()), addresses),
    )


def _rows(row: Row, usage: TableUsage | None, version: int) -> float | None:
    """The planner's row count. Before version 14 "never looked at" is written as 0 rows in 0 pages."""
    if row["kind"] == "p" or row["rows"] < 0:
        return None
    if version < 140000 and row["rows"] == 0 and row["pages"] == 0:
        looked = usage is not None and (
            usage.last_analyze or usage.last_autoanalyze or usage.last_vacuum or usage.last_autovacuum
        )
        return 0.0 if looked else None
    return float(row["rows"])


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
            positions = [int(position) for position in place["columns"].split()]
            found["partition_columns"] = addresses.column_names(oid, positions)
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
        rows=total(leaf.rows for leaf in leaves),
        bytes=total(leaf.bytes for leaf in leaves),
        heap_bytes=total(leaf.heap_bytes for leaf in leaves),
        index_bytes=total(leaf.index_bytes for leaf in leaves),
        toast_bytes=total(leaf.toast_bytes for leaf in leaves),
        unreadable=table.unreadable or note,
    )


def bloat(row: Row | None) -> Bloat | None:
    """The space without live data of a table or an index."""
    if row is None or row["bloat_bytes"] is None:
        return None
    return Bloat(bytes=row["bloat_bytes"], ratio=row["ratio"], method=row["method"])


def _columns(raw: Raw, addresses: Addresses) -> dict[int, tuple[Column, ...]]:
    statistics = _statistics(raw)
    sequences = _feeding_sequences(raw)
    keys = addresses.tables
    found: dict[int, list[Column]] = defaultdict(list)
    for row in raw.get("columns", ()):
        relation, position, name = row["relation"], row["position"], row["name"]
        facts = addresses.types.facts(row["type_oid"], row["modifier"])
        schema, table = keys.get(relation, ("", ""))
        found[relation].append(
            Column(
                name=name,
                position=position,
                type=row["type"],
                family=facts.family,
                bits=facts.bits,
                length=facts.length,
                precision=facts.precision,
                scale=facts.scale,
                base_type=facts.base_type,
                nullable=not row["required"],
                default=row["default"],
                identity=_IDENTITY.get(row["identity"]),
                generated=_GENERATED.get(row["generated"]),
                sequence=sequences.get((relation, position)),
                collation=row["collation"],
                compression=_COMPRESSION.get(row["compression"]),
                statistics_target=row["statistics_target"],
                comment=row["comment"],
                statistics=statistics.get((schema, table, name)),
            )
        )
    return {relation: tuple(columns) for relation, columns in found.items()}


def _feeding_sequences(raw: Raw) -> dict[tuple[int, int], Key]:
    """The sequence that feeds each column, by the catalog's dependencies."""
    found: dict[tuple[int, int], Key] = {}
    for row in sorted(raw.get("sequences", ()), key=lambda row: (row["schema"], row["name"])):
        key = (row["schema"], row["name"])
        for relation, position in row["fed"] or ():
            found.setdefault((relation, position), key)
        if row["identity"]:
            found[row["owner"], row["owner_column"]] = key
    return found


def _statistics(raw: Raw) -> dict[tuple[str, str, str], ColumnStatistics]:
    """Column statistics by (schema, table, column); those of a table alone come before those with its children."""
    found: dict[tuple[str, str, str], ColumnStatistics] = {}
    for row in raw.get("column-statistics", ()):
        key = (row["schema"], row["table"], row["column"])
        if row["inherited"] and key in found:
            continue
        distinct = row["distinct"]
        found[key] = ColumnStatistics(
            null_fraction=row["null_fraction"],
            distinct=distinct if distinct > 0 else None,
            distinct_ratio=-distinct if distinct < 0 else None,
            average_width=row["average_width"],
            correlation=row["correlation"],
            top_frequency=row["top_frequency"],
            sampled_values=row["sampled"],
            shapes={name: share for name, share in (row["shapes"] or {}).items() if share},
            range_used=row["range_used"],
        )
    return found


_TIMES = ("last_vacuum", "last_autovacuum", "last_analyze", "last_autoanalyze")


def _usage(row: Row | None) -> TableUsage | None:
    if row is None:
        return None
    index_scans = row["idx_scan"]
    return TableUsage(
        sequential_scans=row["seq_scan"] or 0,
        sequential_rows=row["seq_tup_read"] or 0,
        index_scans=index_scans or 0,
        index_rows=row["idx_tup_fetch"] or 0,
        inserted=row["n_tup_ins"],
        updated=row["n_tup_upd"],
        updated_hot=row["n_tup_hot_upd"],
        updated_new_page=row.get("n_tup_newpage_upd"),
        deleted=row["n_tup_del"],
        live_rows=row["n_live_tup"],
        dead_rows=row["n_dead_tup"],
        modified_since_analyze=row["n_mod_since_analyze"],
        inserted_since_vacuum=row.get("n_ins_since_vacuum"),
        last_sequential_scan=iso(row.get("last_seq_scan")),
        last_index_scan=iso(row.get("last_idx_scan")),
        vacuums=row["vacuum_count"],
        autovacuums=row["autovacuum_count"],
        heap_read=row["heap_blks_read"],
        heap_hit=row["heap_blks_hit"],
        index_read=row["idx_blks_read"],
        index_hit=row["idx_blks_hit"],
        toast_read=row["toast_blks_read"],
        toast_hit=row["toast_blks_hit"],
        **{name: iso(row[name]) for name in _TIMES},
    )
