"""Several permissive policies say for the same role and command what is allowed.

## What
Tables with row-level security on which more than one permissive policy applies to the same role and the same command.

## Why it matters
Permissive policies are joined by OR: each one can only allow more, so that a strict one beside a lax one restricts
nothing, which is not what its author meant. Every row is tested against all of them.

## When it is fine
The policies say different reasons for access, and somebody has read them together.

## How to fix it
Write one policy for each command and role, or make the one that has to hold always AS RESTRICTIVE.

## Sources
PostgreSQL manual, "CREATE POLICY": permissive policies are combined using OR, restrictive ones using AND.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from auditor.model.catalog import Table
from auditor.model.check import Check
from auditor.model.facts import Facts
from auditor.model.finding import Evidence, Flaw, Impact, Subject
from auditor.model.operation import ChangeApplication
from auditor.model.units import TABLES
from auditor.model.vocabulary import Confidence, Pillar, Severity
from auditor_checks._words import fitting

CHECK = Check(
    title="Several permissive policies apply to the same role and command",
    passed="One permissive policy applies to each role and command",
    pillar=Pillar.SECURITY,
    severity=Severity.LOW,
    confidence=Confidence.LIKELY,
    unit=TABLES,
    needs=("tables", "policies"),
    engines=("postgresql",),
)
COMMANDS = ("select", "insert", "update", "delete")


def judge(table: Table, facts: Facts, *, policies: float = 1) -> Iterator[Flaw]:
    """Count the permissive policies by role and command."""
    if not table.row_security:
        return
    found: dict[tuple[str, str], list[str]] = defaultdict(list)
    for policy in facts.policies_of(table.key):
        for role in policy.roles if policy.permissive else ():
            for command in COMMANDS if policy.command == "all" else (policy.command,):
                found[role, command].append(policy.name)
    crowded = {place: names for place, names in found.items() if len(names) > policies}
    if not crowded:
        return
    (role, command), names = max(crowded.items(), key=lambda item: (len(item[1]), item[0]))
    every = sorted({name for names in crowded.values() for name in names})
    yield Flaw(
        title=fitting(f"{len(names)} permissive policies of {table.path} apply to {command} by {role}"),
        related=tuple(Subject(kind="policy", name=f"{table.path}.{name}") for name in every),
        evidence=(
            Evidence(name="policies", value=", ".join(every), probe="policies"),
            Evidence(name="roles and commands with several", value=len(crowded), unit="pairs", probe="policies"),
        ),
        impact=Impact(risk="the laxest policy decides"),
        explanation=f"{', '.join(sorted(names))} are joined by OR: a row that one of them lets pass is visible.",
        recommendation="Make one policy of them, or make the one that has to hold always restrictive.",
        operations=(
            ChangeApplication(
                topic="policies",
                subject=table.path,
                instruction=f"Read the permissive policies of {table.path} together, and make one of them.",
            ),
        ),
    )
