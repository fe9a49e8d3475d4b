"""The replica set: its members, what their logs of changes reach back to, and what a write waits for by default."""

from __future__ import annotations

from collections.abc import Iterator

from pymongo.errors import ConnectionFailure

from auditor_connectors.mongodb.probe import NotHereError, Probe, Role, Row
from auditor_connectors.mongodb.session import Member, Session

_MONITOR = Role("clusterMonitor")
_ROUTER = "a router has no members of its own: audit the replica set of each shard as well"
_ALONE = "a server without a replica set has no defaults for reads and writes"
_DEFAULTS_SINCE = 40400


def _members(session: Session) -> list[Row]:
    """The configuration, then the state of each member by its number; nothing of a server that stands alone."""
    if session.identity.topology == "sharded":
        raise NotHereError(_ROUTER)
    if session.identity.topology == "standalone":
        return []
    status = session.command("admin", "replSetGetStatus")
    config = session.command("admin", "replSetGetConfig")["config"]
    states = {one["_id"]: one for one in status["members"]}
    return [
        {"config": {name: value for name, value in config.items() if name != "members"}},
        *({"member": one, "status": states.get(one["_id"], {})} for one in config["members"]),
    ]


def _logs(session: Session) -> list[Row]:
    """The first and the last moment in the log of changes of each member that can be reached."""
    if session.identity.topology == "sharded":
        raise NotHereError(_ROUTER)

    def read(member: Member) -> Iterator[Row]:
        try:
            yield _log(session, member)
        except ConnectionFailure:
            session.tell(f"member {member.number} did not answer")

    return list(session.each(session.members(), read))


def _log(session: Session, member: Member) -> Row:
    ends = [_end(session, member, direction) for direction in (1, -1)]
    stages: list[Row] = [
        {"$collStats": {"storageStats": {}}},
        {"$project": {"storageStats.size": 1, "storageStats.maxSize": 1}},
    ]
    sizes = next(session.aggregate("local", "oplog.rs", stages, on=member), {})
    return {"member": member.number, "ends": ends, "sizes": sizes.get("storageStats", {})}


def _end(session: Session, member: Member, direction: int) -> int | None:
    """The seconds since 1970 of the log's first (1) or last (-1) entry; nothing else of it is fetched."""
    rows = session.rows("local", "find", "oplog.rs", on=member, most=1, limit=1, sort={"$natural": direction},
                        projection={"_id": 0, "ts": 1})  # fmt: skip
    return next((row["ts"].time for row in rows if "ts" in row), None)


def _defaults(session: Session) -> list[Row]:
    if session.identity.topology == "standalone":
        raise NotHereError(_ALONE)
    return [session.command("admin", "getDefaultRWConcern")]


PROBES = (
    Probe(name="members", purpose="read who belongs to the replica set, who votes, and who is behind",
          read=_members, role=_MONITOR),
    Probe(name="change-logs", purpose="read how far back the log of changes of each member reaches", read=_logs,
          role=_MONITOR),
    Probe(name="default-concerns", purpose="read what writes wait for and what reads see by default",
          read=_defaults, role=_MONITOR, since=_DEFAULTS_SINCE),
)  # fmt: skip
