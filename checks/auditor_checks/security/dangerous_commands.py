"""An account of an application may run commands that stop or empty the server.

## What
An account that may not do everything may still run FLUSHALL, KEYS, CONFIG, DEBUG, MODULE, SHUTDOWN and the like:
because its rules give whole categories (+@all with exceptions, +@write, +@keyspace) or name them.

## Why it matters
CONFIG SET writes files where it likes, MODULE LOAD runs code, SHUTDOWN and DEBUG stop the server, FLUSHALL empties it
in a moment, and KEYS holds it up for as long as it has keys.

## When it is fine
The account is an administrator's, or that of a tool that needs just this command.

## How to fix it
Add -@dangerous at the end of the rules, and after it what is needed: +info, +config|get, +client|setname.

## Sources
Redis documentation, "ACL: Command categories"; "Redis security: Disallowing specific commands".
"""

from __future__ import annotations

from collections.abc import Iterator

from auditor.model.check import Check
from auditor.model.facts import Facts
from auditor.model.finding import Evidence, Flaw, Impact, Verdict
from auditor.model.operation import AlterRole
from auditor.model.security import Role
from auditor.model.units import ROLES
from auditor.model.vocabulary import Pillar, Severity
from auditor_checks._nodes import REDIS
from auditor_checks._words import fitting
from auditor_checks.security._acl import CONTROL, key_rules, powers

CHECK = Check(
    title="An application may run commands that stop or empty the server",
    passed="Applications may not run commands that stop or empty the server",
    pillar=Pillar.SECURITY,
    severity=Severity.MEDIUM,
    unit=ROLES,
    needs=("acl",),
    engines=REDIS,
)


def judge(role: Role, _facts: Facts) -> Iterator[Verdict]:
    """Go through the rules in their order, of which the last that fits counts."""
    if role.superuser or not role.login:
        return
    may = powers(role)
    if not may or not key_rules(role):
        return
    control = [name for name in may if name in CONTROL]
    ordered = [*control, *(one for one in may if one not in CONTROL)]
    shown = ", ".join(name.upper().replace("|", " ") for name in ordered)
    yield Flaw(
        title=fitting(f"{role.name} may run {shown}"),
        severity=Severity.MEDIUM if control else Severity.LOW,
        evidence=(
            Evidence(name="rules", value=" ".join(rule for rule in role.rules if rule[0] in "+-"), probe="acl"),
            Evidence(name="commands that it may run", value=shown, probe="acl"),
        ),
        impact=Impact(risk="one injected command takes over the server" if control
                      else "one mistaken command empties the server or holds it up"),
        explanation=f"The rules of {role.name} allow {shown}.",
        recommendation="Add -@dangerous at the end of its rules, and after it the few that it needs.",
        operations=(AlterRole(name=role.name, attributes={"superuser": False}),),
    )  # fmt: skip
