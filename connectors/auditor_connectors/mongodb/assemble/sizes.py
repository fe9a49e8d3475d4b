"""The sizes of collections: a router answers once for each shard, and what they hold belongs together."""

from __future__ import annotations

from auditor.model.catalog import Key
from auditor_connectors.mongodb.probe import Raw, Row

_ADDED = ("count", "size", "storageSize", "freeStorageSize", "totalIndexSize", "totalSize")


def sizes(raw: Raw) -> dict[Key, Row]:
    """The storage statistics of each collection, over all shards."""
    found: dict[Key, Row] = {}
    for row in raw.get("collection-sizes", ()):
        key, told = (row["database"], row["name"]), row.get("storageStats", {})
        found[key] = _together(found[key], told) if key in found else told
    return found


def _together(one: Row, other: Row) -> Row:
    totals = {name: one.get(name, 0) + other.get(name, 0) for name in _ADDED if name in one or name in other}
    if totals.get("count"):
        totals["avgObjSize"] = totals.get("size", 0) / totals["count"]
    indexes = dict(one.get("indexSizes", {}))
    for name, number in other.get("indexSizes", {}).items():
        indexes[name] = indexes.get(name, 0) + number
    return {**one, **totals, "indexSizes": indexes}
