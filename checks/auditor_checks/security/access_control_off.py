"""Nobody has to log in.

## What
The server runs without authorization: who reaches it may read, change and drop everything. Where it accepts logins
and does not ask for them (transitionToAuth), that counts as well.

Redis: The account default is on, needs no password, and may run commands.

## Why it matters
Open servers on the internet are found within minutes, emptied, and held to ransom. Within a network every machine that
is taken over takes the data with it.

Redis: Who may run commands writes files of the machine, too (CONFIG SET dir), or loads a module.

## When it is fine
A machine for development that only it itself can reach; that is graded lower.

## How to fix it
Create an administrator and an account with few rights for each application; let them log in while transitionToAuth is
set; then ask for logins, one member after the other.

Redis: Make an account for each application, move the clients, then give default a password or switch it off.
Protected mode, on by default, refuses other machines meanwhile.

## Sources
MongoDB manual, "Enable Access Control on Self-Managed Deployments"; "Update Self-Managed Replica Set to Keyfile
Authentication (No Downtime)". Redis documentation, "Redis security: Protected mode, Authentication"; "ACL".
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
from auditor_checks.security._network import address_setting, is_protected, listens_beyond, needs_none

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
    if facts.server.nodes:
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
    """Read the account that is everybody's who does not log in; a session that was let in so says it too."""
    account = facts.roles.get("default")
    if account is None and facts.server.session_authenticated:
        probe = facts.probes.get("acl")
        yield Unknown(reason="what the account default may do is not visible", grant=probe.grant if probe else None)
        return
    if account is not None:
        allowed = any(rule.startswith("+") or rule == "allcommands" for rule in account.rules)
        if not account.login or not needs_none(account) or not allowed:
            return
    beyond, protected = listens_beyond(facts), is_protected(facts)
    open_ = beyond is not False and not protected
    keys = sum(database.keys for database in facts.keyspace.databases)
    yield Flaw(
        severity=Severity.CRITICAL if open_ and beyond else Severity.HIGH if open_ else Severity.MEDIUM,
        evidence=(
            Evidence(name="default needs a password", value=False, probe="acl" if account is not None else "info"),
            Evidence(name="the auditor had to log in", value=facts.server.session_authenticated, probe="info"),
            evidence_of(address_setting(facts), facts), evidence_of("protected-mode", facts),
            Evidence(name="keys", value=keys, unit="keys", probe="info"),
        ),
        impact=Impact(risk="who reaches the port has the data, and files of the machine"),
        explanation="Who reaches the server may do what the account default may"
        + (", from other machines as well." if open_ else "; only its own machine can."),
        recommendation="Make an account for each application, move the clients, then give default a password.",
        operations=(RestrictAccounts(name="default"),),
    )  # fmt: skip
