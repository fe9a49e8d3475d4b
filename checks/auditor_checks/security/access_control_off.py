"""Nobody has to log in.

## What
Who reaches the server may read, change and drop everything.

MongoDB: The server runs without authorization. Where it accepts logins and does not ask for them (transitionToAuth),
that counts as well.

Redis: The account default, which everybody has who does not log in, is on, has no password, and may use keys.
How grave that is depends on who reaches the server: on the addresses in bind, and on protected-mode, which keeps other
machines out while default has no password.

## Why it matters
Open servers on the internet are found within minutes, emptied, and held to ransom. Within a network every machine that
is taken over takes the data with it.

## When it is fine
A machine for development that only it itself can reach; that is graded lower.

## How to fix it
MongoDB: Create an administrator and an account with few rights for each application; let them log in while
transitionToAuth is set; then ask for logins, one member after the other.

Redis: Make an account for each application, which takes no restart and disturbs nobody, let the applications
log in with it, and when no connection is left that uses default (CLIENT LIST), give default a password or switch it
off.

## Sources
MongoDB manual, "Enable Access Control on Self-Managed Deployments"; "Update Self-Managed Replica Set to Keyfile
Authentication (No Downtime)". Redis documentation, "ACL"; "Redis security: Protected mode". Valkey documentation,
"ACL".
"""

from __future__ import annotations

from collections.abc import Iterator

from auditor.model.check import Check
from auditor.model.facts import Facts
from auditor.model.finding import Evidence, Flaw, Impact, Unknown, Verdict
from auditor.model.operation import ChangeApplication, RestrictAccounts
from auditor.model.units import SERVER
from auditor.model.vocabulary import Pillar, Severity
from auditor_checks._settings import evidence_of, is_on
from auditor_checks.security._acl import (
    CONTROL,
    DEFAULT,
    commands_in_use,
    globs_in_use,
    is_open,
    key_rules,
    may_anything,
    powers,
    reach,
)
from auditor_checks.security._network import PROTECTED, address_setting, listens_beyond

CHECK = Check(
    title="Nobody has to log in",
    passed="Everybody has to log in",
    pillar=Pillar.SECURITY,
    severity=Severity.CRITICAL,
    unit=SERVER,
    needs=("options|info",),
    engines=("mongodb", "redis"),
)
AUTHORIZATION, TRANSITION = "security.authorization", "security.transitionToAuth"
# Members that prove to each other who they are ask clients for it, too.
IMPLIED_BY = ("security.keyFile", "security.clusterAuthMode")


def judge(_server: Facts, facts: Facts) -> Iterator[Verdict]:
    """Read how the server was started; a session that was let in without a login says the same."""
    if facts.target.managed:
        yield Unknown(reason="who may reach a managed service is decided in front of the server")
        return
    if facts.server.role is None:
        yield from _default_account(facts)
        return
    asked = facts.setting(AUTHORIZATION) == "enabled" or any(facts.setting(name) is not None for name in IMPLIED_BY)
    moving = is_on(facts.setting(TRANSITION))
    if asked and not moving:
        return
    beyond, address = listens_beyond(facts), address_setting(facts)
    yield Flaw(
        title="Logins are accepted and not asked for" if moving else None,
        severity=Severity.CRITICAL if beyond else Severity.MEDIUM,
        evidence=(
            evidence_of(AUTHORIZATION, facts), evidence_of(TRANSITION, facts), evidence_of(address, facts),
            Evidence(name="the auditor had to log in", value=facts.server.session_authenticated, probe="server"),
        ),
        impact=Impact(risk="who reaches the port has the data"),
        explanation="Who reaches the server may do everything"
        + (", from other machines as well." if beyond else "; only its own machine can."),
        recommendation="Create accounts, let all clients log in, then ask for it, one member after the other.",
        operations=(
            ChangeApplication(
                topic="access-control", subject="server",
                instruction=(
                    "Create an administrator and an account for each application, set transitionToAuth, move all "
                    "clients, then switch authorization on, one member after the other."
                ),
            ),
        ),
    )  # fmt: skip


def _default_account(facts: Facts) -> Iterator[Verdict]:
    """Look at the account of those who do not log in, and at who can reach it."""
    opened, role = is_open(facts), facts.roles.get(DEFAULT)
    if opened is None:
        yield Unknown(reason="what those may do who do not log in is not visible", grant=facts.probes["acl"].grant)
        return
    if not opened or (role is not None and not (key_rules(role) and may_anything(role))):
        return
    beyond = reach(facts)
    severity = Severity.HIGH if beyond is None else Severity.CRITICAL if beyond else Severity.LOW
    held = powers(role) if role is not None else ()
    extent = "do everything" if role is None or role.superuser else "use keys"
    yield Flaw(
        severity=severity,
        evidence=(
            *([Evidence(name="rules of default", value=" ".join(role.rules), probe="acl")] if role is not None else []),
            Evidence(name="the auditor had to log in", value=facts.server.session_authenticated, probe="info"),
            evidence_of("bind", facts), evidence_of(PROTECTED, facts),
        ),
        impact=Impact(risk="who reaches the port has the data" + (" and the server" if CONTROL & {*held} else "")),
        explanation=f"Who does not log in is default, and default may {extent}"
        + (
            ". Only programs of its own machine reach the server." if beyond is False
            else ". Other machines can reach the server." if beyond
            else ". Whether other machines reach the server is not visible."
        ),
        recommendation="Make an account for each application, let all log in, then give default a "
        "password or switch it off.",
        operations=(
            RestrictAccounts(name=DEFAULT, commands=commands_in_use(facts), patterns=globs_in_use(facts)),
        ),
    )  # fmt: skip
