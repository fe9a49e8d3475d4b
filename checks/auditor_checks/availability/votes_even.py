"""The number of votes is even.

## What
A set of more than two members that elects its primary by an even number of votes.

## Why it matters
A set of four votes needs three of them for a primary, as one of five does, and so survives the loss of one member only:
the fourth costs a machine and adds a member that may fail. Cut into two equal halves, neither has a primary.

## When it is fine
For the time in which a member is added or replaced.

## How to fix it
Add a member with data, or take the vote of one member away; members without votes still serve reads. Change one vote at
a time.

## Sources
MongoDB manual, "Replica Set Deployment Architectures: Deploy an Odd Number of Members".
"""

from __future__ import annotations

from collections.abc import Iterator

from auditor.model.check import Check
from auditor.model.facts import Facts
from auditor.model.finding import Flaw, Impact, Verdict
from auditor.model.operation import ChangeApplication
from auditor.model.units import MEMBER_SET
from auditor.model.vocabulary import Pillar, Severity
from auditor_checks.availability._members import counted, majority, votes

CHECK = Check(
    title="Number of votes in the set is even",
    passed="Number of votes in the set is odd",
    pillar=Pillar.AVAILABILITY,
    severity=Severity.MEDIUM,
    unit=MEMBER_SET,
    needs=("members",),
)


def judge(_set: Facts, facts: Facts) -> Iterator[Verdict]:
    """Count the votes; a set of two is another check's."""
    total, needed = votes(facts), majority(facts)
    if total <= 2 or total % 2:
        return
    yield Flaw(
        title=f"{total} votes elect the primary, and {needed} of them are needed",
        evidence=(counted("votes", total, "votes"), counted("votes needed for a primary", needed, "votes"),
                  counted("members that may fail", total - needed)),
        impact=Impact(risk="a cut through the middle leaves no primary"),
        explanation=(
            f"Of {total} votes {needed} are needed, so {total - needed} may be lost: as many as with {total - 1} votes."
        ),
        recommendation="Add a member with data, or set the votes of one member to 0 together with its priority.",
        operations=(
            ChangeApplication(
                topic="votes", subject="server",
                instruction="Bring the set to an odd number of votes, by one more member or one vote less.",
            ),
        ),
    )  # fmt: skip
