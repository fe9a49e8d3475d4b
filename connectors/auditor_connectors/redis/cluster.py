"""What the members of a cluster tell of each other, and the ways to them. Where they run never leaves this module."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from msgspec import Struct

from auditor_connectors.redis.node import words

Address = tuple[str, int]

_BAD = frozenset({"fail", "noaddr"})
_SUSPECT = frozenset({"fail?", "handshake"})


class Member(Struct, frozen=True, kw_only=True):
    """A member of a cluster as another one sees it.

    ``addresses`` are where it says it can be reached, ``primary`` is the identifier of the one whose copy it is, None
    for a primary itself. ``slots`` of the key space are its own; ``leaving`` and ``coming`` of them are being moved.
    """

    identifier: str
    addresses: tuple[Address, ...]
    flags: frozenset[str]
    primary: str | None
    linked: bool
    slots: int = 0
    leaving: int = 0
    coming: int = 0

    @property
    def itself(self) -> bool:
        """Whether it is the one that was asked."""
        return "myself" in self.flags

    @property
    def state(self) -> str:
        """How the one that was asked sees it: "ok", "suspected" or "failed"."""
        if self.flags & _BAD:
            return "failed"
        return "suspected" if self.flags & _SUSPECT else "ok"


def members(answer: Any) -> list[Member]:
    """Read the answer to CLUSTER NODES (https://redis.io/docs/latest/commands/cluster-nodes/), by identifier."""
    found = [_member(line.split(" ")) for line in words(answer).splitlines() if line.count(" ") >= 7]
    return sorted(found, key=lambda member: member.identifier)


def _member(parts: Sequence[str]) -> Member:
    place, _, names = parts[1].partition(",")
    host, _, port = place.partition("@")[0].rpartition(":")
    hosts = [host.strip("[]"), names.partition(",")[0]]
    ranges = [part for part in parts[8:] if not part.startswith("[")]
    moving = [part for part in parts[8:] if part.startswith("[")]
    return Member(
        identifier=parts[0],
        addresses=tuple((one, int(port)) for one in hosts if one not in ("", "?") and port.isdigit() and int(port)),
        flags=frozenset(parts[2].split(",")),
        primary=None if parts[3] == "-" else parts[3],
        linked=parts[7] == "connected",
        slots=sum(map(_width, ranges)),
        leaving=sum("->-" in part for part in moving),
        coming=sum("-<-" in part for part in moving),
    )


def _width(text: str) -> int:
    """How many slots "5" or "5-9" are."""
    first, _, last = text.partition("-")
    return int(last or first) - int(first) + 1


def ways(addresses: Sequence[Address], known: Sequence[Address]) -> Iterator[Address]:
    """Where a server may be reached: where it says it is, then at the hosts by which others were reached.

    Servers in containers announce addresses that mean nothing outside; their ports are often passed on as they are.
    """
    seen: set[Address] = set()
    for way in [*addresses, *((host, port) for host, _ in known for _, port in addresses)]:
        if way not in seen:
            seen.add(way)
            yield way
