"""A delayed member votes.

## What
A member that is delayed on purpose and has a vote.

## Why it matters
It counts in the majority that a write waits for, and acknowledges each write only after its delay. When one of the
other members fails, writes that ask for a majority take as long as the delay.

## When it is fine
So many other members vote that they are a majority without it even after a failure: that is not reported.

## How to fix it
Set its votes to 0; as a delayed member it has the priority 0 and should be hidden.

## Sources
MongoDB manual, "Delayed Replica Set Members".
"""

from __future__ import annotations

from collections.abc import Iterator

from auditor.model.check import Check
from auditor.model.facts import Facts
from auditor.model.finding import Evidence, Flaw, Impact, Verdict
from auditor.model.operation import ChangeApplication
from auditor.model.server import Member
from auditor.model.units import MEMBERS
from auditor.model.vocabulary import Pillar, Severity
from auditor.text import duration
from auditor_checks.availability._members import counted, data_voters, majority

CHECK = Check(
    title="A delayed member votes",
    passed="Delayed members have no vote that is needed",
    pillar=Pillar.AVAILABILITY,
    severity=Severity.MEDIUM,
    unit=MEMBERS,
    needs=("members",),
)


def judge(member: Member, facts: Facts) -> Iterator[Verdict]:
    """Ask whether the prompt members are a majority when one of them has failed."""
    if not member.delay_seconds or not member.votes:
        return
    prompt, needed = sum(not one.delay_seconds for one in data_voters(facts)), majority(facts)
    if prompt - 1 >= needed:
        return
    yield Flaw(
        title=f"{member.name.capitalize()} votes and is {duration(member.delay_seconds)} behind on purpose",
        evidence=(
            Evidence(name="delay that is configured", value=member.delay_seconds, unit="seconds", probe="members"),
            counted("members with data and a vote that are not delayed", prompt),
            counted("acknowledgements that make a majority", needed),
        ),
        impact=Impact(risk="after one failure a write of the majority takes as long as the delay"),
        explanation=(
            f"{needed} members make a majority and {prompt} acknowledge at once: when one of these fails, "
            f"{member.name} has to, {duration(member.delay_seconds)} later."
        ),
        recommendation="Set its votes to 0 and hide it.",
        operations=(
            ChangeApplication(
                topic="delayed-member", subject=member.name,
                instruction=f"Set the votes of {member.name} to 0 and hide it.",
            ),
        ),
    )  # fmt: skip
