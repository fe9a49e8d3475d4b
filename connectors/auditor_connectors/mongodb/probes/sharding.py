"""How a cluster shares out its documents, from what its router keeps about it. Where shards run is not read.

No router could be run in the tests: https://www.mongodb.com/docs/manual/reference/config-database/ says what is kept.
"""

from __future__ import annotations

from collections.abc import Iterator

from auditor_connectors.mongodb.probe import Probe, Role, Row
from auditor_connectors.mongodb.session import Session

_MONITOR = Role("clusterMonitor")


def _sharding(session: Session) -> list[Row]:
    """Shards, balancer, and the collections of the audited databases that are shared out; nothing without a router."""
    if session.identity.topology != "sharded":
        return []
    return [*_shards(session), *_balancer(session), *_collections(session)]


def _shards(session: Session) -> Iterator[Row]:
    names = session.rows("config", "find", "shards", projection={"draining": 1}, sort={"_id": 1})
    for number, row in enumerate(names):
        yield {"shard": number, "draining": bool(row.get("draining"))}


def _balancer(session: Session) -> Iterator[Row]:
    found = list(session.rows("config", "find", "settings", filter={"_id": "balancer"}, limit=1))
    told = found[0] if found else {}
    yield {"balancing": not told.get("stopped", False) and told.get("mode", "full") != "off"}


def _collections(session: Session) -> Iterator[Row]:
    counted: list[Row] = [
        {"$match": {"jumbo": True}},
        {"$group": {"_id": {"$ifNull": ["$uuid", "$ns"]}, "chunks": {"$sum": 1}}},
    ]
    jumbo = {str(row["_id"]): row["chunks"] for row in session.aggregate("config", "chunks", counted)}
    wanted = set(session.audited)
    kept = {"key": 1, "uuid": 1, "noBalance": 1, "dropped": 1}
    for row in session.rows("config", "find", "collections", projection=kept, sort={"_id": 1}):
        database, _, name = row["_id"].partition(".")
        if database in wanted and row.get("key") and not row.get("dropped"):
            chunks = jumbo.get(str(row.get("uuid")), jumbo.get(row["_id"], 0))
            yield {"database": database, "name": name, "key": dict(row["key"]), "jumbo": chunks,
                   "balanced": not row.get("noBalance", False)}  # fmt: skip


PROBES = (
    Probe(name="sharding", purpose="read by which keys a cluster shares out its collections, and whether it balances",
          read=_sharding, role=_MONITOR),
)  # fmt: skip
