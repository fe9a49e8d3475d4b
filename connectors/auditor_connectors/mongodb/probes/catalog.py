"""Databases, collections with their options and sizes, and indexes."""

from __future__ import annotations

from collections.abc import Iterator

from auditor_connectors.mongodb.probe import Probe, Role, Row
from auditor_connectors.mongodb.session import Session

_READ = Role("readAnyDatabase")
_MONITOR = Role("clusterMonitor")


def _databases(session: Session) -> list[Row]:
    wanted = set(session.audited)
    return [one for one in session.command("admin", "listDatabases")["databases"] if one["name"] in wanted]


def collections(session: Session) -> list[Row]:
    """The collections and views with their options, listed once."""
    return session.once("collections", lambda: _collections(session))


def _collections(session: Session) -> list[Row]:
    def listed(database: str) -> Iterator[Row]:
        for row in session.rows(database, "listCollections", authorizedCollections=False, cursor={}):
            if not row["name"].startswith("system."):
                yield {"database": database, **row}

    return list(session.each(session.audited, listed))


def collections_of(session: Session, *, views: bool = False) -> list[tuple[str, str]]:
    """The (database, name) of what is stored in the audited databases, with views if these are asked for too."""
    return [(row["database"], row["name"]) for row in collections(session) if views or row.get("type") != "view"]


def sizes(session: Session) -> list[Row]:
    """The documents and bytes of each collection, counted once."""
    return session.once("collection-sizes", lambda: _sizes(session))


def _sizes(session: Session) -> list[Row]:
    left_out = {"storageStats.wiredTiger": 0, "storageStats.indexDetails": 0, "latencyStats.*.histogram": 0}
    series = {(row["database"], row["name"]) for row in collections(session) if row.get("type") == "timeseries"}

    def measured(key: tuple[str, str]) -> Iterator[Row]:
        database, name = key
        asked: Row = {"storageStats": {}, "latencyStats": {}}
        if key not in series:  # of which the server does not count the scans
            asked["queryExecStats"] = {}
        for row in session.aggregate(database, name, [{"$collStats": asked}, {"$project": left_out}]):
            yield {"database": database, "name": name, **row}

    return list(session.each(collections_of(session), measured))


def _indexes(session: Session) -> list[Row]:
    def listed(key: tuple[str, str]) -> Iterator[Row]:
        database, name = key
        for row in session.rows(database, "listIndexes", name, cursor={}):
            yield {"database": database, "collection": name, "spec": row}

    return list(session.each(collections_of(session), listed))


PROBES = (
    Probe(name="database-sizes", purpose="list the databases and their sizes", read=_databases, role=_READ),
    Probe(name="collections", purpose="list collections and views with their options and validators",
          read=collections, role=_READ),
    Probe(name="collection-sizes", purpose="count documents and bytes of each collection and index", read=sizes,
          role=_MONITOR, also=_READ),
    Probe(name="indexes", purpose="list the indexes of each collection with their options", read=_indexes, role=_READ),
)  # fmt: skip
