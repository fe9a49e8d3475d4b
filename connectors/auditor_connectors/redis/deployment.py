"""The servers of a deployment: who the primaries are, whose copies can be read, who watches over them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from typing import TYPE_CHECKING

from redis.exceptions import AuthenticationError, RedisError, ResponseError

from auditor.errors import UsageError
from auditor_connectors.redis.cluster import Address, Member, members, ways
from auditor_connectors.redis.node import DRIVER_ERRORS, Node, Role, pairs, report, words

if TYPE_CHECKING:
    from auditor_connectors.redis.session import Session

PATIENCE = 2.0
"""Seconds to wait for a connection to a server that the URL does not name: others are there to answer."""
_IN_VAIN = 4
"""After how many servers in a row that cannot be reached no other one of a cluster is tried."""
_FOLLOWERS = 3
"""How many replicas of one primary are tried at most."""


class WatcherError(RedisError):
    """A watcher refuses: its logins are its own, and not those of the servers that it watches."""


def primary_of(session: Session) -> Node:
    """Connect to the primary that the watchers at the addresses of the URL watch.

    Raises:
        UsageError: they watch several and the URL names none, or they do not watch what it names.
        RedisError, OSError: none of them can be reached, or the primary cannot.

    """
    errors: list[BaseException] = []
    for address in session.place.addresses:
        try:
            watcher = session.connect(address, 0, "primary", watcher=True)
        except DRIVER_ERRORS as error:
            errors.append(WatcherError(str(error)) if isinstance(error, ResponseError | AuthenticationError) else error)
            continue
        try:
            return followed(session, watcher)
        except DRIVER_ERRORS as error:
            errors.append(error)
    raise errors[0]


def followed(session: Session, watcher: Node) -> Node:
    """Ask a watcher for the primary, and connect to it. The errors are those of ``primary_of``."""
    session.watchers.append(watcher)
    try:
        names = [words(pairs(one)["name"]) for one in watcher.command("SENTINEL", "MASTERS")]
    except (ResponseError, AuthenticationError) as error:
        raise WatcherError(str(error)) from None
    service = session.place.service or (names[0] if len(names) == 1 else None)
    if service is None:
        raise UsageError(
            f"the Sentinel watches {len(names)} primaries, and the URL names none of them",
            "name one: redis+sentinel://host:26379/NAME; redis-cli -p 26379 SENTINEL MASTERS lists them",
        )
    if service not in names:
        raise UsageError(
            "the Sentinel watches nothing of the name that the URL gives",
            "redis-cli -p 26379 SENTINEL MASTERS lists the names that it knows",
        )
    session.service = service
    host, port = watcher.command("SENTINEL", "GET-MASTER-ADDR-BY-NAME", service)
    errors: list[BaseException] = []
    for address in ways([(words(host), int(port))], session.place.addresses):
        try:
            return session.connect(address, 0, "primary")
        except DRIVER_ERRORS as told:
            errors.append(told)
    raise errors[0]


def view(session: Session) -> list[Member]:
    """What the target says of the members of its cluster; nothing where it is in none."""
    if session.identity.mode != "cluster":
        return []
    return session.once("cluster-nodes", lambda: members(session.main.command("CLUSTER", "NODES")))


def numbers(session: Session) -> dict[str, int]:
    """The number of every member of the cluster by its identifier: 0 is the target."""
    others = [member for member in view(session) if not member.itself]
    found = {member.identifier: 0 for member in view(session) if member.itself}
    return found | {member.identifier: number for number, member in enumerate(others, start=1)}


def primaries(session: Session) -> list[Node]:
    """The target, and every other primary of its cluster that can be reached; of others the session is told."""
    found = [session.main]
    try:
        seen = view(session)
    except ResponseError:
        session.tell("which servers are in the cluster may not be seen: only the target was asked")
        return found
    wanted = [member for member in seen if member.primary is None and not member.itself and member.slots]
    failed = 0
    for member in wanted:
        if member.state != "failed" and failed < _IN_VAIN and not session.exhausted:
            node = _reached(session, member, "primary")
            failed = failed + 1 if node is None else 0
            found += [] if node is None else [node]
    session.missing = len(wanted) + 1 - len(found)
    return found


def _reached(session: Session, member: Member, role: Role) -> Node | None:
    """Connect to a member of the cluster at the first address where it is the one that answers."""
    number = numbers(session)[member.identifier]
    for address in ways(member.addresses, session.place.addresses):
        with suppress(*DRIVER_ERRORS):
            node = session.connect(address, number, role, patience=PATIENCE)
            try:
                seen = members(node.command("CLUSTER", "NODES"))
            except DRIVER_ERRORS:
                node.close()
                raise
            if any(one.itself and one.identifier == member.identifier for one in seen):
                return node
            node.close()
    return None


def samplers(session: Session) -> list[Node]:
    """For each part of the key space a replica that follows its primary, else the primary itself."""
    if session.identity.mode == "cluster":
        return _cluster_samplers(session)
    if session.main.role == "replica":
        return [session.main]
    told = session.identity.info.get("Replication", {})
    for address in _followers(told):
        if session.exhausted:
            break
        for way in ways([address], session.place.addresses):
            node = _follower(session, way, 0, told.get("master_replid"))
            if node is not None:
                return [node]
    return [session.main]


def _followers(told: dict[str, str]) -> Iterator[Address]:
    """The replicas that are up to date, by what their primary says of them."""
    for number in range(_FOLLOWERS):
        values = dict(part.partition("=")[::2] for part in told.get(f"slave{number}", "").split(","))
        if values.get("state") == "online" and values.get("port", "").isdigit() and values.get("ip"):
            yield values["ip"], int(values["port"])


def _follower(session: Session, address: Address, number: int, stream: str | None) -> Node | None:
    """Connect to a replica, if it is one: its link is up, and it follows the same stream of changes."""
    with suppress(*DRIVER_ERRORS):
        node = session.connect(address, number, "replica", patience=PATIENCE)
        try:
            told = report(node).get("Replication", {})
        except DRIVER_ERRORS:
            node.close()
            raise
        same = stream is not None and told.get("master_replid") == stream
        if told.get("role") == "slave" and told.get("master_link_status") == "up" and same:
            return node
        node.close()
    return None


def _cluster_samplers(session: Session) -> list[Node]:
    try:
        seen, known = view(session), numbers(session)
    except ResponseError:
        session.tell("which servers are in the cluster may not be seen: only the target was asked")
        return [session.main]
    reached, found, lost = {node.number: node for node in session.nodes()}, [], 0
    for member in seen:
        if member.primary is None and member.slots:
            copies = [one for one in seen if one.primary == member.identifier]
            if any(one.itself for one in copies):
                chosen: Node | None = session.main
            else:
                chosen = next(_copies(session, copies[:_FOLLOWERS]), reached.get(known[member.identifier]))
            if chosen is None:
                lost += 1
                continue
            if chosen.role == "replica":
                with suppress(*DRIVER_ERRORS):
                    chosen.command("READONLY")
            found.append(chosen)
    if lost:
        session.tell(f"{lost} of {lost + len(found)} parts of the key space could not be reached")
    return found


def _copies(session: Session, copies: list[Member]) -> Iterator[Node]:
    for member in copies:
        if member.state == "ok" and member.linked and not session.exhausted:
            node = _reached(session, member, "replica")
            if node is not None:
                link = ""
                with suppress(*DRIVER_ERRORS):
                    link = report(node).get("Replication", {}).get("master_link_status", "")
                if link == "up":
                    yield node
                    return
                node.close()
