"""Who of a set of members holds data, votes, and can become the primary."""

from __future__ import annotations

from collections.abc import Sequence

from auditor.model.facts import Facts
from auditor.model.finding import Evidence
from auditor.model.server import Member

PROBE = "members"


def with_data(facts: Facts) -> Sequence[Member]:
    """The members that hold the data."""
    return [member for member in facts.server.members if not member.arbiter]


def data_voters(facts: Facts) -> Sequence[Member]:
    """The members that hold the data and count when a write is to be acknowledged by most of them."""
    return [member for member in with_data(facts) if member.votes > 0]


def majority(facts: Facts) -> int:
    """How many votes elect a primary and make a write safe."""
    return votes(facts) // 2 + 1


def votes(facts: Facts) -> int:
    """All votes of the set."""
    return sum(member.votes for member in facts.server.members)


def counted(name: str, number: float, unit: str = "members") -> Evidence:
    """A count of members as evidence."""
    return Evidence(name=name, value=number, unit=unit, probe=PROBE)
