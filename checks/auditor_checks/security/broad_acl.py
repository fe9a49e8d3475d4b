"""An account that is used for work may do everything.

## What
An account with all commands on all keys (+@all ~*), as which applications are connected: connections that give a name
or a driver that is no tool of administrators, or at least three that give neither. Or the default account, where
there is no other one; access-control-off tells of it where it needs no password.

## Why it matters
Any application, script or person that has this login can read and delete everything (FLUSHALL), change the
configuration, load modules and write files of the machine. One flaw of one application is one of the whole server.

## When it is fine
It is an administrator's own, and nobody works as it but to administer.

## How to fix it
Make an account for each application with the commands and keys that it uses (ACL SETUSER), move the clients one after
the other, then take the rights from the old one. ACL LOG shows what would be missing.

## Sources
Redis documentation, "ACL"; "Redis security: Authorization and command execution".
"""

from __future__ import annotations

from collections.abc import Iterator

from auditor.model.check import Check
from auditor.model.facts import Facts
from auditor.model.finding import Evidence, Flaw, Impact, Verdict
from auditor.model.operation import RestrictAccounts
from auditor.model.security import Role
from auditor.model.units import ROLES
from auditor.model.vocabulary import Confidence, Pillar, Severity
from auditor_checks._nodes import REDIS
from auditor_checks._words import counted, fitting
from auditor_checks.security._acl import DEFAULT, called, commands_in_use, globs_in_use, is_open, sessions_of

CHECK = Check(
    title="An account that is used for work may do everything",
    passed="No account that is used for work may do everything",
    pillar=Pillar.SECURITY,
    severity=Severity.MEDIUM,
    confidence=Confidence.LIKELY,
    unit=ROLES,
    needs=("acl", "clients"),
    engines=REDIS,
)


def judge(role: Role, facts: Facts) -> Iterator[Verdict]:
    """Look at who is connected as an account that may do everything."""
    if not role.superuser or not role.login:
        return
    if role.name == DEFAULT and is_open(facts):
        return  # that nobody has to log in is told of elsewhere
    sessions, confidence = sessions_of(role, facts)
    network = sum(session.client == "network" for session in sessions)
    logins = [one for one in facts.security.roles if one.login]
    only = role.name == DEFAULT and len(logins) == 1
    if not sessions and not only:
        return
    yield Flaw(
        title=fitting(f"{role.name} may do everything, and {counted(len(sessions), 'client is', 'clients are')} "
                      "connected as it") if sessions else "The only account may do everything",
        severity=Severity.HIGH if network else Severity.MEDIUM if sessions else Severity.LOW,
        confidence=confidence if sessions else Confidence.POSSIBLE,
        evidence=(
            Evidence(name="rules", value=" ".join(rule for rule in role.rules if rule[0] in "+-~&%"), probe="acl"),
            Evidence(name="accounts that may log in", value=len(logins), unit="accounts", probe="acl"),
            Evidence(name="clients connected as it", value=len(sessions), unit="clients", probe="clients"),
            Evidence(name="what they call themselves", value=called(sessions), probe="clients"),
            Evidence(name="of these over the network", value=network, unit="clients", probe="clients"),
        ),
        impact=Impact(risk="one flaw of one application is one of the whole server"),
        explanation=f"{role.name} may run every command on every key"
        + (f", and {counted(len(sessions), 'client works', 'clients work')} as it." if sessions
           else ", and there is no other account for applications."),
        recommendation="Make an account for each application with the commands and keys that it uses.",
        operations=(
            RestrictAccounts(name=role.name, commands=commands_in_use(facts), patterns=globs_in_use(facts)),
        ),
    )  # fmt: skip
