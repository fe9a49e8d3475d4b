"""How often each index was used, and which hold many entries for one document."""

from __future__ import annotations

from collections.abc import Iterator

from auditor_connectors.mongodb.probe import Probe, Role, Row
from auditor_connectors.mongodb.probes.catalog import collections_of
from auditor_connectors.mongodb.probes.workload import asked
from auditor_connectors.mongodb.session import Member, Session

_MONITOR = Role("clusterMonitor")
_STATISTICS: list[Row] = [{"$indexStats": {}}, {"$project": {"name": 1, "accesses": 1, "host": 1, "building": 1}}]


def _usage(session: Session) -> list[Row]:
    """What each member counted: every one counts what it was itself asked."""
    members = asked(session)

    def counted(item: tuple[str, str, Member | None]) -> Iterator[Row]:
        database, name, member = item
        for row in session.aggregate(database, name, _STATISTICS, on=member):
            yield {"database": database, "collection": name, "members": len(members), **row}

    return list(session.each([(*key, member) for key in collections_of(session) for member in members], counted))


def _entries(session: Session) -> list[Row]:
    stages: list[Row] = [
        {"$listCatalog": {}},
        {"$match": {"db": {"$in": session.audited}}},
        {"$project": {"db": 1, "name": 1, "indexes": {"$map": {"input": "$md.indexes", "in": {
            "name": "$$this.spec.name", "multikey": "$$this.multikey", "paths": "$$this.multikeyPaths"}}}}},
    ]  # fmt: skip
    return list(session.aggregate("admin", 1, stages))


PROBES = (
    Probe(name="index-usage", purpose="read how often each member used each index", read=_usage, role=_MONITOR),
    Probe(name="index-entries", purpose="tell which indexes hold many entries for one document", read=_entries,
          role=_MONITOR, since=60000),
)  # fmt: skip
