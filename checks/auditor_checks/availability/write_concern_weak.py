"""Writes are acknowledged before a majority has them.

## What
By default a write waits for one member, or for none, although three or more members hold the data. Applications can ask
for more with each write; what they do is not seen here.

## Why it matters
A write that only the primary has is rolled back when the primary fails before the others have copied it: the client was
told that it is safe.

## When it is fine
The data can be made again, or every application asks for the majority itself.

## How to fix it
Set the default to the majority, after measuring what it costs: each write then waits for the nearest secondary. Sets
with an arbiter have a default of one member because more could hang; see arbiter-majority.

## Sources
MongoDB manual, "Write Concern: Implicit Default Write Concern"; setDefaultRWConcern.
"""

from __future__ import annotations

from collections.abc import Iterator

from auditor.model.check import Check
from auditor.model.facts import Facts
from auditor.model.finding import Flaw, Impact, Unknown, Verdict
from auditor.model.operation import SetSetting
from auditor.model.units import MEMBER_SET
from auditor.model.vocabulary import Pillar, Severity
from auditor_checks._settings import evidence_of
from auditor_checks.availability._members import counted, data_voters, majority

CHECK = Check(
    title="Writes are acknowledged before a majority has them",
    passed="Writes wait for a majority by default",
    pillar=Pillar.AVAILABILITY,
    severity=Severity.MEDIUM,
    unit=MEMBER_SET,
    needs=("members", "default-concerns"),
)
NAME, SOURCE = "defaultRWConcern.defaultWriteConcern.w", "defaultRWConcern.defaultWriteConcernSource"
FEW = 3
IMPLICIT_MAJORITY = 50000


def judge(_set: Facts, facts: Facts) -> Iterator[Verdict]:
    """Read the default: where none is told, as with an arbiter or before version 5.0, it is one member."""
    value, copies = facts.setting(NAME), len(data_voters(facts))
    if value is None and facts.setting(SOURCE) is None and facts.version >= IMPLICIT_MAJORITY:
        yield Unknown(reason="the default write concern is not told")
        return
    number = 1.0 if value is None else facts.setting_number(NAME)
    if copies < FEW or number is None or number >= majority(facts):  # "majority" and names of tags are no numbers
        return
    yield Flaw(
        title=f"By default a write waits for {number:.0f} of {copies} members",
        severity=Severity.HIGH if number == 0 else Severity.MEDIUM,
        evidence=(evidence_of(NAME, facts), evidence_of(SOURCE, facts), counted("members with data and a vote", copies),
                  counted("acknowledgements that make a majority", majority(facts))),
        impact=Impact(risk="acknowledged writes are rolled back in a failover"),
        explanation=f"A write counts as done when {number:.0f} of {copies} members have it.",
        recommendation="Set the default write concern to the majority, after measuring the time that writes take then.",
        operations=(SetSetting(name=NAME, value="majority", previous=value),),
    )  # fmt: skip
