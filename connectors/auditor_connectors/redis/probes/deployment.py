"""The deployment: the members of a cluster, those who watch over the primary, and what is loaded into the server."""

from __future__ import annotations

from auditor_connectors.redis.cluster import Member, members
from auditor_connectors.redis.deployment import numbers, view
from auditor_connectors.redis.node import DRIVER_ERRORS, Node, pairs, words
from auditor_connectors.redis.probe import NotHereError, Probe, Row
from auditor_connectors.redis.session import Session


def _cluster(session: Session) -> list[Row]:
    """Its primaries, with and without slots, as the target sees them, each with the state of its replicas.

    Which slots are being moved only those know that give or take them; so each is asked for its own.
    """
    if session.identity.mode != "cluster":
        session.tell("the server is in no cluster")
        return []
    seen, known = view(session), numbers(session)
    lines = words(session.main.command("CLUSTER", "INFO")).splitlines()
    info = {name: value for name, _, value in (line.partition(":") for line in lines)}
    asked = {row["node"]: row for row in session.each(_moving)}
    found: list[Row] = []
    for member in seen:
        number = known[member.identifier]
        if member.primary is None:
            copies = [_copy(one) for one in seen if one.primary == member.identifier]
            row = {"node": number, "state": member.state, "slots": member.slots, "copies": copies}
            found.append({**row, **asked.get(number, {}), "info": info if member.itself else {}})
        elif member.itself:
            found.append({"node": number, "state": member.state, "info": info})
    return found


def _moving(node: Node) -> list[Row]:
    own = next(one for one in members(node.command("CLUSTER", "NODES")) if one.itself)
    return [{"node": node.number, "leaving": own.leaving, "coming": own.coming}]


def _copy(member: Member) -> str:
    return member.state if member.state != "ok" or member.linked or member.itself else "suspected"


def _watches(session: Session) -> list[Row]:
    """What those who watch say of the primary and of each other: the first of them that answers."""
    if not session.watchers or session.service is None:
        replication = session.identity.info.get("Replication", {})
        alone = replication.get("role") == "master" and replication.get("connected_slaves") == "0"
        if session.identity.mode == "cluster" or alone:
            session.tell("no Sentinel watches over servers of this kind")
            return []
        raise NotHereError("the URL leads to no Sentinel: write it like redis+sentinel://host:26379/NAME")
    error: BaseException | None = None
    for watcher in session.watchers:
        try:
            told = [pairs(one) for one in watcher.command("SENTINEL", "MASTERS")]
            mine = next(one for one in told if words(one["name"]) == session.service)
            others = [pairs(one) for one in watcher.command("SENTINEL", "SENTINELS", session.service)]
        except DRIVER_ERRORS as said:
            error = error or said
            continue
        flags = [words(one.get("flags")) for one in others]
        return [
            {
                "name": session.service,
                "watchers": 1 + len(others),
                "down": sum("_down" in one for one in flags),
                "quorum": int(words(mine.get("quorum"))),
                "replicas": int(words(mine.get("num-slaves")) or 0),
                "patience": float(words(mine.get("down-after-milliseconds"))) / 1000,
                "flags": words(mine.get("flags")).split(","),
            }
        ]
    assert error is not None  # noqa: S101 -- there is at least one who watches
    raise error


def _modules(session: Session) -> list[Row]:
    return [
        {"name": words(one.get("name")), "version": words(one.get("ver"))}
        for one in map(pairs, session.main.command("MODULE", "LIST"))
    ]


PROBES = (
    Probe(name="cluster", purpose="read who the members of the cluster are, and what part of the keys each has",
          read=_cluster, commands=("cluster|nodes", "cluster|info"), since=30000),
    Probe(name="sentinels", purpose="ask a Sentinel who watches over the primary", read=_watches, commands=()),
    Probe(name="modules", purpose="list the modules that are loaded", read=_modules, commands=("module|list",),
          since=40000),
)  # fmt: skip
