"""A member of the set does not serve.

## What
A member that cannot be reached by the others, or that is in a state in which it neither replicates nor serves:
recovering, in rollback, removed, starting for long.

## Why it matters
It counts in the majority and does not help to reach it. The next failure may leave the set without a primary, and once
the log of changes has moved on, the member has to be copied anew.

## When it is fine
It is under maintenance or being built just now.

## How to fix it
Bring it back or replace it; a member that is gone for good belongs out of the configuration.

## Sources
MongoDB manual, "Replica Set Member States"; "Resync a Member of a Self-Managed Replica Set".
"""

from __future__ import annotations

from collections.abc import Iterator

from auditor.model.check import Check
from auditor.model.facts import Facts
from auditor.model.finding import Evidence, Flaw, Impact, Unknown, Verdict
from auditor.model.operation import ChangeApplication
from auditor.model.server import Member
from auditor.model.units import MEMBERS
from auditor.model.vocabulary import Pillar, Severity
from auditor_checks.availability._members import counted, majority

CHECK = Check(
    title="A member of the set is down",
    passed="Every member of the set serves",
    pillar=Pillar.AVAILABILITY,
    severity=Severity.HIGH,
    unit=MEMBERS,
    needs=("members",),
)
WELL = frozenset({"primary", "secondary", "arbiter"})
BUILDING = frozenset({"startup", "startup2"})


def judge(member: Member, facts: Facts) -> Iterator[Verdict]:
    """Read the state that the asked member knows of."""
    if member.state is None:
        yield Unknown(reason=f"the state of {member.name} is not known")
        return
    if member.state in WELL:
        return
    left = sum(one.votes for one in facts.server.members if one.state in WELL)
    needed = majority(facts)
    yield Flaw(
        title=f"{member.name.capitalize()} is {member.state}",
        severity=(
            Severity.LOW if member.state in BUILDING
            else Severity.CRITICAL if left < needed else Severity.HIGH if member.votes else Severity.MEDIUM
        ),
        evidence=(
            Evidence(name="state", value=member.state, probe="members"),
            counted("votes of members that serve", left, "votes"),
            counted("votes needed for a primary", needed, "votes"),
        ),
        impact=Impact(risk="one more failure stops all writes" if left <= needed else "less redundancy than planned"),
        explanation=f"{member.name.capitalize()} is {member.state}; {left} votes are left, and {needed} are needed.",
        recommendation="Bring the member back or replace it; remove it from the configuration if it is gone for good.",
        operations=(
            ChangeApplication(
                topic="member", subject=member.name,
                instruction=f"Bring {member.name} back, or replace it; remove it if it is gone for good.",
            ),
        ),
    )  # fmt: skip
