"""Fewer than three members hold the data and vote.

## What
A set of two members with data, without an arbiter.

## Why it matters
Two votes need both for a primary: the failure of either one stops all writes. The set is less available than a single
server, and pays for two.

## When it is fine
While the third member is being built.

## How to fix it
Add a third member with data on a machine, and better in a zone, of its own.

## Sources
MongoDB manual, "Replica Set Deployment Architectures" (three members are the smallest set that is recommended).
"""

from __future__ import annotations

from collections.abc import Iterator

from auditor.model.check import Check
from auditor.model.facts import Facts
from auditor.model.finding import Flaw, Impact, Verdict
from auditor.model.operation import AddReplica
from auditor.model.units import MEMBER_SET
from auditor.model.vocabulary import Pillar, Severity
from auditor_checks.availability._members import counted, data_voters, majority, votes, with_data

CHECK = Check(
    title="Failure of one of two members stops all writes",
    passed="The set has three or more votes",
    pillar=Pillar.AVAILABILITY,
    severity=Severity.HIGH,
    unit=MEMBER_SET,
    needs=("members",),
)


def judge(_set: Facts, facts: Facts) -> Iterator[Verdict]:
    """Ask whether one member may fail at all."""
    total, needed = votes(facts), majority(facts)
    if total > needed:
        return
    yield Flaw(
        title=f"All of {total} votes are needed for a primary" if total > 1 else "One member alone can be the primary",
        evidence=(counted("members with data", len(with_data(facts))),
                  counted("of these with a vote", len(data_voters(facts))),
                  counted("votes needed for a primary", needed, "votes")),
        impact=Impact(risk="one failure stops all writes"),
        explanation=f"Of {total} {'vote' if total == 1 else 'votes'} {needed} are needed for a primary.",
        recommendation="Add members with data and votes until there are three, each on a machine of its own.",
        operations=(AddReplica(),),
    )  # fmt: skip
