"""How several servers of Redis or Valkey belong together: replicas, a cluster, sentinels that watch."""

from __future__ import annotations

import contextlib
import functools
import socket
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import redis

from tests.processes import free_port

if TYPE_CHECKING:
    from tests.redis_servers import Started

SERVICE = "mymaster"
"""The name under which sentinels watch a primary; the one of their own documentation."""
_SLOTS = 16384
_BUS = 10_000
"""How far above the port for clients the one is on which the nodes of a cluster talk: always, before version 7."""


def port() -> int:
    """A port that nobody listens on now, and neither on the one for the talk of a cluster that belongs to it."""
    while True:
        found = free_port()
        if found + _BUS < 2**16:
            with contextlib.suppress(OSError), socket.socket() as probe:
                probe.bind(("127.0.0.1", found + _BUS))
                return found


@dataclass
class Shape:
    """Which servers there are. ``primaries`` is how many a cluster has, 0 for none."""

    replicas: int = 0
    primaries: int = 0
    sentinels: int = 0
    of_replicas: dict[str, str] = field(default_factory=dict)
    of_sentinels: dict[str, str] = field(default_factory=dict)

    @classmethod
    def taken_from(cls, settings: dict[str, str]) -> Shape:
        """Read the settings that say which servers there are, and take them out."""
        sentinel = settings.pop("sentinel", "0")
        sentinels = 3 if sentinel == "on" else int(sentinel)
        primaries = int(settings.pop("cluster", "0"))
        each = int(settings.pop("cluster-replicas", "0"))
        replicas = each * primaries or int(settings.pop("replicas", "1" if sentinels else "0"))
        return cls(replicas, primaries, sentinels, _section(settings, "replica."), _section(settings, "sentinel."))

    @property
    def nodes(self) -> int:
        """How many servers hold keys."""
        return (self.primaries or 1) + self.replicas

    def follows(self, number: int) -> bool:
        """Whether the server of this number, from 0, is a replica."""
        return number >= (self.primaries or 1)

    def options(self, password: str) -> dict[str, str]:
        """The settings of every server."""
        found = {"requirepass": password} if password else {}
        if password and self.replicas:
            found["masterauth"] = password
        return found | ({"cluster-enabled": "yes"} if self.primaries else {})

    def sentinel_lines(self, host: str, number: int, password: str) -> list[str]:
        """What the configuration of a sentinel says."""
        options = dict(self.of_sentinels)
        quorum = options.pop("quorum", str(self.sentinels // 2 + 1))
        lines = [f"sentinel monitor {SERVICE} {host} {number} {quorum}"]
        if password:
            lines.append(f"sentinel auth-pass {SERVICE} {password}")
        return lines + [f"sentinel {name} {SERVICE} {value}" for name, value in options.items()]

    def join(self, server: Started) -> None:
        """Make of single servers what they are to be."""
        with contextlib.ExitStack() as stack:
            clients = [
                stack.enter_context(contextlib.closing(server.open(node=node, decode_responses=True)))
                for node in range(self.nodes)
            ]
            if self.primaries:
                self._join_cluster(server, clients)
            elif self.replicas:
                primary = urlsplit(server.nodes[0])
                for client in clients[1:]:
                    client.execute_command("REPLICAOF", str(primary.hostname), str(primary.port))
                for client in clients[1:]:
                    server.until(functools.partial(_follows, client), "a replica")
                server.until(functools.partial(_streams, clients[0], self.replicas), "a replica")

    def wait(self, server: Started) -> None:
        """Wait until the sentinels know each other and the replicas."""
        for number in range(len(server.watchers)):
            url = server.watcher(number)
            with contextlib.closing(redis.Redis.from_url(url, protocol=2, decode_responses=True)) as client:
                server.until(functools.partial(self._watches, client), "what a sentinel is to know")

    def _watches(self, client: Any) -> bool:
        told = client.execute_command("SENTINEL", "MASTER", SERVICE)
        known = told if isinstance(told, dict) else dict(zip(told[::2], told[1::2], strict=True))
        others, replicas = int(known["num-other-sentinels"]), int(known["num-slaves"])
        return others == self.sentinels - 1 and replicas == self.replicas and known["flags"] in ("master", {"master"})

    def _join_cluster(self, server: Started, clients: Sequence[Any]) -> None:
        places = [urlsplit(url) for url in server.nodes]
        for number, client in enumerate(clients):
            if not self.follows(number):
                slots = range(_SLOTS * number // self.primaries, _SLOTS * (number + 1) // self.primaries)
                client.execute_command("CLUSTER ADDSLOTS", *slots)
            client.execute_command("CLUSTER SET-CONFIG-EPOCH", number + 1)
        for client in clients:
            for place in places:
                client.execute_command("CLUSTER MEET", str(place.hostname), str(place.port))
        names = [str(client.execute_command("CLUSTER MYID")) for client in clients]
        known = functools.partial(_know_each_other, clients, set(names))
        server.until(known, "a cluster")
        for number, client in enumerate(clients):
            if self.follows(number):
                client.execute_command("CLUSTER REPLICATE", names[(number - self.primaries) % self.primaries])
        for client in clients:
            server.until(functools.partial(_is_well, client), "a cluster")
        for number, client in enumerate(clients):
            if self.follows(number):
                server.until(functools.partial(_follows, client), "a replica")
        server.until(functools.partial(_roles_are_known, clients, self.primaries), "a cluster")


def _section(settings: dict[str, str], prefix: str) -> dict[str, str]:
    return {name.removeprefix(prefix): settings.pop(name) for name in sorted(settings) if name.startswith(prefix)}


def _follows(client: Any) -> bool:
    told: dict[str, Any] = client.info("replication")
    return (told["role"], told.get("master_link_status")) == ("slave", "up")


def _streams(client: Any, replicas: int) -> bool:
    told: dict[str, Any] = client.info("replication")
    states = [told.get(f"slave{number}", {}).get("state") for number in range(replicas)]
    return states == ["online"] * replicas


def _nodes(client: Any) -> list[list[str]]:
    """The words of the lines that a node says of each that it knows; where it asks for it, the driver parses them."""
    told = client.execute_command("CLUSTER", "NODES", NEVER_DECODE=True)
    text = told.decode() if isinstance(told, bytes) else str(told)
    return [line.split() for line in text.splitlines()]


def _know_each_other(clients: Sequence[Any], names: set[str]) -> bool:
    """Whether each knows all, and nobody is still being introduced."""
    return all(
        {line[0] for line in known} == names and not any("handshake" in line[2] for line in known)
        for known in map(_nodes, clients)
    )


def _roles_are_known(clients: Sequence[Any], primaries: int) -> bool:
    """Whether each knows who is a primary and who is a replica."""
    return all(sum("master" in line[2] for line in _nodes(client)) == primaries for client in clients)


def _is_well(client: Any) -> bool:
    told: Any = client.execute_command("CLUSTER INFO")
    return bool(told["cluster_state"] == "ok")
