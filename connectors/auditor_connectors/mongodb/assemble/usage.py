"""How often collections and indexes were used, put together of what each member counted."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime

from msgspec import Struct
from msgspec.structs import replace

from auditor.model.catalog import Index, Key, Table
from auditor.model.statistics import TableUsage
from auditor_connectors.mongodb.assemble.values import iso
from auditor_connectors.mongodb.probe import Raw, Row


class _Count(Struct):
    """What the members counted of an index: how many did, how often it was used, since when all of them count."""

    scans: int = 0
    members: int = 0
    of: int = 1
    since: datetime | None = None
    building: bool = False


def used(indexes: Iterable[Index], raw: Raw, *, complete: bool) -> tuple[Index, ...]:
    """The indexes with their counters, and what they hold several entries of.

    An index that nobody used where not all members could be asked (``complete``) may be used by one of the others:
    then nothing is known.
    """
    counts = _counts(raw.get("index-usage", ()))
    several = {
        (row["db"], row["name"], one["name"]): _several(one)
        for row in raw.get("index-entries", ())
        for one in row.get("indexes") or ()
    }
    return tuple(_used(index, counts.get(index.key), several.get(_triple(index)), complete) for index in indexes)


def _triple(index: Index) -> tuple[str, str, str]:
    return (index.schema, index.table, index.name[len(index.table) + 1 :])


def _used(index: Index, count: _Count | None, several: tuple[str, ...] | None, complete: bool) -> Index:
    if count is None:
        return replace(index, several=several)
    known = count.scans or (complete and count.members >= count.of)
    return replace(
        index,
        scans=count.scans if known else None,
        scans_since=iso(count.since),
        ready=not count.building,
        several=several,
    )


def _counts(rows: Iterable[Row]) -> dict[Key, _Count]:
    found: dict[Key, _Count] = defaultdict(_Count)
    for row in rows:
        count, accesses = found[row["database"], f"{row['collection']}.{row['name']}"], row.get("accesses", {})
        count.scans += int(accesses.get("ops") or 0)
        count.members += 1
        count.of = int(row["members"])
        count.building = count.building or bool(row.get("building"))
        since = accesses.get("since")
        if isinstance(since, datetime):
            count.since = max(since, count.since or since)
    return found


def _several(one: Row) -> tuple[str, ...]:
    """The fields by which an index holds several entries; all of them where the server does not tell which."""
    if not one.get("multikey"):
        return ()
    paths = one.get("paths")
    return tuple(path for path, levels in paths.items() if any(levels)) if paths else ("",)


def counted(tables: Iterable[Table], raw: Raw) -> tuple[Table, ...]:
    """The collections with the operations on them, on all members together."""
    totals: dict[Key, TableUsage] = {}
    scans = {
        (row["database"], row["name"]): row["queryExecStats"]["collectionScans"]["nonTailable"]
        for row in raw.get("collection-sizes", ())
        if "queryExecStats" in row
    }
    for row in raw.get("collection-usage", ()):
        key, counts = (row["database"], row["name"]), row["counts"]
        known = totals.get(key, TableUsage(sequential_scans=int(scans.get(key, 0))))
        totals[key] = replace(
            known,
            index_scans=known.index_scans + counts["queries"],
            inserted=known.inserted + counts["insert"],
            updated=known.updated + counts["update"],
            deleted=known.deleted + counts["remove"],
        )
    if "collection-usage" not in raw:
        return tuple(tables)
    for key, usage in totals.items():
        totals[key] = replace(usage, index_scans=max(0, usage.index_scans - usage.sequential_scans))
    return tuple(replace(table, usage=totals.get(table.key, TableUsage())) for table in tables)
