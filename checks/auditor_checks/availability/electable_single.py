"""Only one member can become the primary.

## What
Several members hold the data, and all but one have the priority 0 or no vote.

## Why it matters
When that one fails nobody takes over: the copies are there, and service is down until somebody changes the
configuration by hand.

## When it is fine
The others are far away on purpose, and a switch to them is a decision for people.

## How to fix it
Give another member a priority above 0, lower than the first one's where that one is preferred.

## Sources
MongoDB manual, "Priority 0 Replica Set Members"; "Replica Set Elections".
"""

from __future__ import annotations

from collections.abc import Iterator

from auditor.model.check import Check
from auditor.model.facts import Facts
from auditor.model.finding import Flaw, Impact, Verdict
from auditor.model.operation import ChangeApplication
from auditor.model.units import MEMBER_SET
from auditor.model.vocabulary import Pillar, Severity
from auditor_checks.availability._members import counted, with_data

CHECK = Check(
    title="Only one member can become the primary",
    passed="Another member can take over",
    pillar=Pillar.AVAILABILITY,
    severity=Severity.HIGH,
    unit=MEMBER_SET,
    needs=("members",),
)


def judge(_set: Facts, facts: Facts) -> Iterator[Verdict]:
    """Count who could win an election."""
    copies, able = with_data(facts), [member for member in facts.server.members if member.electable]
    if len(copies) < 2 or len(able) > 1:
        return
    held_back = ", ".join(member.name for member in copies if not member.electable)
    yield Flaw(
        evidence=(counted("members with data", len(copies)), counted("members that can become the primary", len(able))),
        impact=Impact(risk="no failover"),
        explanation=f"{len(copies)} members hold the data; {held_back} cannot become the primary.",
        recommendation="Give one more member a vote and a priority above 0.",
        operations=(
            ChangeApplication(
                topic="priority", subject="server",
                instruction="Give at least one more member a vote and a priority above 0.",
            ),
        ),
    )  # fmt: skip
