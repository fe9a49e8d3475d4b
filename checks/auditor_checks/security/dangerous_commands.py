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
from auditor.model.operation import RestrictAccounts
from auditor.model.security import Role
from auditor.model.units import ROLES
from auditor.model.vocabulary import Pillar, Severity
from auditor_checks._nodes import REDIS
from auditor_checks._words import fitting

CHECK = Check(
    title="An application may run commands that stop or empty the server",
    passed="Applications may not run commands that stop or empty the server",
    pillar=Pillar.SECURITY,
    severity=Severity.MEDIUM,
    unit=ROLES,
    needs=("acl",),
    engines=REDIS,
)
# https://redis.io/docs/latest/operate/oss_and_stack/management/security/acl/: the categories of each
COMMANDS = {
    "config": "admin slow dangerous", "debug": "admin slow dangerous", "shutdown": "admin slow dangerous",
    "module": "admin slow dangerous", "acl": "admin slow dangerous", "replicaof": "admin slow dangerous",
    "slaveof": "admin slow dangerous", "monitor": "admin slow dangerous",
    "flushall": "keyspace write slow dangerous", "flushdb": "keyspace write slow dangerous",
    "swapdb": "keyspace write fast dangerous", "migrate": "keyspace write slow dangerous",
    "keys": "keyspace read slow dangerous",
}  # fmt: skip
_CONTROL = frozenset({"config", "debug", "shutdown", "module", "acl", "replicaof", "slaveof"})


def judge(role: Role, _facts: Facts) -> Iterator[Verdict]:
    """Go through the rules in their order, of which the last that fits counts."""
    if role.superuser or not role.login:
        return
    may = [name for name, categories in COMMANDS.items() if _allowed(name, categories.split(), role.rules)]
    if not may or not any(rule[0] in "~%" or rule == "allkeys" for rule in role.rules):
        return
    control = [name for name in may if name in _CONTROL]
    shown = ", ".join(name.upper() for name in [*control, *(one for one in may if one not in _CONTROL)])
    yield Flaw(
        title=fitting(f"{role.name} may run {shown}") or fitting(f"{role.name} may run {control[0].upper()} and others"
                                                                  if control else ""),
        severity=Severity.MEDIUM if control else Severity.LOW,
        evidence=(
            Evidence(name="rules", value=" ".join(rule for rule in role.rules if rule[0] in "+-"), probe="acl"),
            Evidence(name="commands that it may run", value=shown, probe="acl"),
        ),
        impact=Impact(risk="one injected command takes over the server" if control
                      else "one mistaken command empties the server or holds it up"),
        explanation=f"The rules of {role.name} allow {shown}.",
        recommendation="Add -@dangerous at the end of its rules, and after it the few that it needs.",
        operations=(RestrictAccounts(name=role.name),),
    )  # fmt: skip


def _allowed(name: str, categories: list[str], rules: tuple[str, ...]) -> bool:
    allowed = False
    for rule in rules:
        what = rule[1:].lower()
        fits = what in (name, "@all") or (what.startswith("@") and what[1:] in categories)
        if (rule.startswith("+") and fits) or rule == "allcommands":
            allowed = True
        elif (rule.startswith("-") and fits) or rule == "nocommands":
            allowed = False
    return allowed
