"""Nobody has to log in.

## What
The server runs without authorization: who reaches it may read, change and drop everything. Where it accepts logins
and does not ask for them (transitionToAuth), that counts as well.

## Why it matters
Open servers on the internet are found within minutes, emptied, and held to ransom. Within a network every machine that
is taken over takes the data with it.

## When it is fine
A machine for development that only it itself can reach; that is graded lower.

## How to fix it
Create an administrator and an account with few rights for each application; let them log in while transitionToAuth is
set; then ask for logins, one member after the other.

## Sources
MongoDB manual, "Enable Access Control on Self-Managed Deployments"; "Update Self-Managed Replica Set to Keyfile
Authentication (No Downtime)".
"""

from __future__ import annotations

from collections.abc import Iterator

from auditor.model.check import Check
from auditor.model.facts import Facts
from auditor.model.finding import Evidence, Flaw, Impact, Unknown, Verdict
from auditor.model.operation import ChangeApplication
from auditor.model.units import SERVER
from auditor.model.vocabulary import Pillar, Severity
from auditor_checks._settings import evidence_of, is_on
from auditor_checks.security._network import address_setting, listens_beyond

CHECK = Check(
    title="Nobody has to log in",
    passed="Everybody has to log in",
    pillar=Pillar.SECURITY,
    severity=Severity.CRITICAL,
    unit=SERVER,
    needs=("options",),
    engines=("mongodb",),
)
AUTHORIZATION, TRANSITION = "security.authorization", "security.transitionToAuth"
# Members that prove to each other who they are ask clients for it, too.
IMPLIED_BY = ("security.keyFile", "security.clusterAuthMode")


def judge(_server: Facts, facts: Facts) -> Iterator[Verdict]:
    """Read how the server was started; a session that was let in without a login says the same."""
    if facts.target.managed:
        yield Unknown(reason="who may reach a managed service is decided in front of the server")
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
