"""A member builds no indexes.

## What
A member of which the configuration says that it builds no index but the one on the key.

## Why it matters
It cannot take over, and most restores from it begin with building all indexes. This can be chosen only when a member is
added, and is easily forgotten.

## When it is fine
It exists for backups only, and its machine is too weak for more.

## How to fix it
Remove it and add it again without the option; it then copies everything anew.

## Sources
MongoDB manual, "Self-Managed Replica Set Configuration: members[n].buildIndexes".
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

CHECK = Check(
    title="A member builds no indexes",
    passed="Every member has all indexes",
    pillar=Pillar.AVAILABILITY,
    severity=Severity.LOW,
    unit=MEMBERS,
    needs=("members",),
)


def judge(member: Member, _facts: Facts) -> Iterator[Verdict]:
    """Read the configuration."""
    if member.builds_indexes or member.arbiter:
        return
    yield Flaw(
        title=f"{member.name.capitalize()} builds no indexes",
        evidence=(
            Evidence(name="builds indexes", value=False, probe="members"),
            Evidence(name="priority", value=member.priority, probe="members"),
        ),
        impact=Impact(risk="a copy that cannot take over"),
        explanation=f"{member.name.capitalize()} has the documents, and none of the indexes that queries need.",
        recommendation="Remove it and add it again without the option, unless it is there for backups only.",
        operations=(
            ChangeApplication(
                topic="member", subject=member.name,
                instruction=f"Remove {member.name} and add it again so that it builds indexes.",
            ),
        ),
    )  # fmt: skip
