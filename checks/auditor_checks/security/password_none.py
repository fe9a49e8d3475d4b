"""An account needs no password.

## What
Accounts that can log in with a password and have none. Those that prove themselves otherwise (a socket, PAM, LDAP,
Kerberos), that are locked, and roles are left out.

Redis: Accounts that are on with nopass, without the account default, of which access-control-off tells.

## Why it matters
Whoever can reach the server under that name is in.

## When it is fine
Nobody but the machine itself reaches the server: graded lower for accounts of this machine.

## How to fix it
Set a password that the clients know, or let the account log in through the socket.

## Sources
MySQL manual, "Assigning Account Passwords"; MariaDB documentation, "Authentication from MariaDB 10.4".
"""

from __future__ import annotations

from collections.abc import Iterator

from auditor.model.check import Check
from auditor.model.facts import Facts
from auditor.model.finding import Evidence, Flaw, Impact, Unknown, Verdict
from auditor.model.operation import ChangeApplication
from auditor.model.security import Role
from auditor.model.units import ROLES
from auditor.model.vocabulary import Pillar, Severity
from auditor_checks._settings import PRODUCTS
from auditor_checks._words import fitting

CHECK = Check(
    title="An account logs in without a password",
    passed="Every account has to prove who it is",
    pillar=Pillar.SECURITY,
    severity=Severity.CRITICAL,
    unit=ROLES,
    needs=("roles|acl", "passwords|acl"),
    engines=(*PRODUCTS, "redis"),
)


def judge(role: Role, facts: Facts) -> Iterator[Verdict]:
    """Report an account without a password; the account without a name is another check's."""
    if role.password is None and role.login:
        probe = facts.probes["passwords"]
        yield Unknown(reason="whether accounts have passwords is not visible", grant=probe.grant)
        return
    has_one = role.password != "none"  # noqa: S105 -- the word that there is none
    if has_one or not role.login or role.user == "":
        return
    if facts.server.nodes and (role.name == "default" or not any(rule[0] == "+" for rule in role.rules)):
        return
    near = role.host in ("localhost", "127.0.0.1", "::1")
    yield Flaw(
        title=fitting(f"{role.name} logs in without a password"),
        severity=Severity.HIGH if near else Severity.CRITICAL,
        evidence=(
            Evidence(name="password", value="none", probe="passwords|acl"),
            Evidence(name="host", value=role.host, probe="roles|acl"),
            Evidence(name="way to log in", value=role.plugin or "password", probe="roles|acl"),
            Evidence(name="may do everything", value=role.superuser, probe="roles|acl"),
        ),
        impact=Impact(risk="whoever reaches the server under this name is in"),
        explanation=f"{role.name} has no password" + (", and may do everything." if role.superuser else "."),
        recommendation="Set a password that its clients know, or let it log in through the socket only.",
        operations=(
            ChangeApplication(
                topic="password",
                subject=role.name,
                instruction=f"Give {role.name} a password, and its clients with it, or another way to log in.",
            ),
        ),
    )
