"""An arbiter votes where a copy of the data is missing.

## What
A set with an arbiter in which the loss of one member with data leaves a primary, and no majority that holds the data.

## Why it matters
The primary is then elected with the arbiter's vote and takes writes that it cannot have acknowledged by a majority:
those that ask for it wait for ever, others can be rolled back. Changes that the missing member lacks are kept in the
cache of the primary until it is back, and slow it down.

## When it is fine
A third copy is out of the question, and the application lives with writes that only one member has.

## How to fix it
Replace the arbiter by a member with data: add that, wait until it is a secondary, then remove the arbiter.

## Sources
MongoDB manual, "Replica Set Arbiter"; "Mitigate Performance Issues with a Self-Managed PSA Replica Set".
"""

from __future__ import annotations

from collections.abc import Iterator

from auditor.model.check import Check
from auditor.model.facts import Facts
from auditor.model.finding import Flaw, Impact, Verdict
from auditor.model.operation import AddReplica
from auditor.model.units import MEMBER_SET
from auditor.model.vocabulary import Pillar, Severity
from auditor_checks.availability._members import counted, data_voters, majority

CHECK = Check(
    title="Arbiter stands in the place of a copy of the data",
    passed="Writes survive the loss of one copy",
    pillar=Pillar.AVAILABILITY,
    severity=Severity.MEDIUM,
    unit=MEMBER_SET,
    needs=("members",),
)


def judge(_set: Facts, facts: Facts) -> Iterator[Verdict]:
    """Compare the copies that are left when one fails with the majority."""
    arbiters = [member for member in facts.server.members if member.arbiter and member.votes]
    copies, needed = len(data_voters(facts)), majority(facts)
    if not arbiters or copies - 1 >= needed:
        return
    yield Flaw(
        evidence=(counted("arbiters", len(arbiters)), counted("members with data and a vote", copies),
                  counted("acknowledgements that make a majority", needed)),
        impact=Impact(risk="after one failure writes hang or can be rolled back"),
        explanation=(
            f"A write is safe when {needed} members have it. {copies} hold the data: when one of them fails, "
            "no majority can acknowledge, though the arbiter still helps to elect a primary."
        ),
        recommendation="Add a member with data, wait until it is a secondary, then remove the arbiter.",
        operations=(AddReplica(),),
    )  # fmt: skip
