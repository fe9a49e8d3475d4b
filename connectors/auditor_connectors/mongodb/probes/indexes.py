"""How often each index was used, and which hold many entries for one document."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from pymongo.errors import OperationFailure

from auditor_connectors.mongodb.probe import Probe, Role, Row
from auditor_connectors.mongodb.probes.catalog import collections_of
from auditor_connectors.mongodb.probes.workload import asked
from auditor_connectors.mongodb.session import Member, Session

_MONITOR = Role("clusterMonitor")
_READ = Role("readAnyDatabase")
_TOGETHER = 100
"""Collections whose counters one command reads: ten thousand of them would be as many commands."""
_UNION_SINCE = 40400
_Batch = tuple[str, list[str], Member | None]


def _usage(session: Session) -> list[Row]:
    """What each member counted: every one counts what it was itself asked."""
    members = asked(session)
    size = _TOGETHER if session.identity.version >= _UNION_SINCE else 1
    batches = [
        (database, names[start : start + size], member)
        for member in members
        for database, names in _by_database(session).items()
        for start in range(0, len(names), size)
    ]

    def counted(batch: _Batch) -> Iterator[Row]:
        for row in _counted(session, batch):
            yield {"database": batch[0], "members": len(members), **row}

    return list(session.each(batches, counted))


def _by_database(session: Session) -> dict[str, list[str]]:
    found: dict[str, list[str]] = defaultdict(list)
    for database, name in collections_of(session):
        found[database].append(name)
    return found


def _counted(session: Session, batch: _Batch) -> Iterator[Row]:
    """Read several collections by one command, or each by itself where one of them does not go with the others.

    That is so for time series, for instance, and where a user may see some collections only.
    """
    database, names, member = batch
    first, *others = [_statistics(name) for name in names]
    union: list[Row] = [
        {"$unionWith": {"coll": name, "pipeline": stages}} for name, stages in zip(names[1:], others, strict=True)
    ]
    try:
        yield from list(session.aggregate(database, names[0], [*first, *union], on=member))
    except OperationFailure:
        if not others:
            raise
        yield from session.each(names, lambda name: _counted(session, (database, [name], member)))


def _statistics(name: str) -> list[Row]:
    shown = {"name": 1, "accesses": 1, "building": 1, "collection": {"$literal": name}}
    return [{"$indexStats": {}}, {"$project": shown}]


def _entries(session: Session) -> list[Row]:
    stages: list[Row] = [
        {"$listCatalog": {}},
        {"$match": {"db": {"$in": session.audited}}},
        {"$project": {"db": 1, "name": 1, "indexes": {"$map": {"input": "$md.indexes", "in": {
            "name": "$$this.spec.name", "multikey": "$$this.multikey", "paths": "$$this.multikeyPaths"}}}}},
    ]  # fmt: skip
    return list(session.aggregate("admin", 1, stages))


PROBES = (
    Probe(name="index-usage", purpose="read how often each member used each index", read=_usage,
          role=_MONITOR, also=_READ),
    Probe(name="index-entries", purpose="tell which indexes hold many entries for one document", read=_entries,
          role=_READ, since=60000),
)  # fmt: skip
