"""Disjoint sets: what is changed together because one of it leads to another."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from typing import Generic, TypeVar

Member = TypeVar("Member", bound=tuple[str, ...])


class Groups(Generic[Member]):
    """Disjoint sets of members that change together: at first each is alone."""

    def __init__(self, members: Iterable[Member]) -> None:
        self._leader = {member: member for member in members}

    def join(self, one: Member, other: Member) -> None:
        """Make one group of the groups of two members."""
        first, second = sorted((self.leader(one), self.leader(other)))
        self._leader[second] = first

    def all(self) -> list[list[Member]]:
        """Return the groups, each sorted, by their smallest members."""
        found: dict[Member, list[Member]] = defaultdict(list)
        for member in self._leader:
            found[self.leader(member)].append(member)
        return [sorted(members) for _, members in sorted(found.items())]

    def leader(self, member: Member) -> Member:
        """Return the smallest member of the group."""
        while self._leader[member] != member:
            self._leader[member] = member = self._leader[self._leader[member]]
        return member
