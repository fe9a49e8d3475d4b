"""Sessions do not say which application they belong to.

## What
Most client sessions have an empty application name.

Redis: Most connections have no name.

## Why it matters
In an incident nobody can tell whose session it is that does harm; load cannot be attributed.

## When it is fine
Each application logs in as a role of its own: then the role tells, and this check stays silent.

## How to fix it
PostgreSQL: Set application_name in each application's connection string.

Redis: Give a name where the client is made (client_name or the like), which sends CLIENT SETNAME.

## Sources
PostgreSQL manual, "Reporting and Logging: What to Log": application_name. Redis documentation, "CLIENT SETNAME",
"CLIENT LIST".
"""

from __future__ import annotations

from collections.abc import Iterator

from auditor.model.check import Check
from auditor.model.facts import Facts
from auditor.model.finding import Evidence, Flaw
from auditor.model.operation import ChangeApplication
from auditor.model.units import SERVER
from auditor.model.vocabulary import Pillar, Severity

CHECK = Check(
    title="Sessions do not say which application they belong to",
    passed="Sessions say which application they belong to",
    pillar=Pillar.OPERATIONS,
    severity=Severity.LOW,
    unit=SERVER,
    needs=("sessions|clients",),
    engines=("postgresql", "redis"),
)
_POSTGRESQL = ("Set application_name in each connection string.", "Set application_name when connecting.")
_NAME = "Give each client a name where it is made, which sends CLIENT SETNAME."


def judge(_server: Facts, facts: Facts, *, sessions: float = 5, share: float = 0.5) -> Iterator[Flaw]:
    """Count sessions without a name, where several of them share a role."""
    advice, instruction = _POSTGRESQL if facts.target.engine == "postgresql" else (_NAME, _NAME)
    clients = [session for session in facts.sessions if session.details_visible]
    nameless = [session for session in clients if not session.application]
    if len(clients) < sessions or len(nameless) / len(clients) < share:
        return
    roles = {session.user for session in nameless}
    if len(roles) == len(nameless):
        return
    yield Flaw(
        title=f"{len(nameless)} of {len(clients)} sessions do not say which application they belong to",
        evidence=(
            Evidence(name="sessions without a name", value=len(nameless), unit="sessions", probe="sessions|clients"),
            Evidence(name="client sessions", value=len(clients), unit="sessions", probe="sessions|clients"),
            Evidence(name="roles that they share", value=len(roles), unit="roles", probe="sessions|clients"),
        ),
        explanation=f"{len(nameless)} sessions of {len(roles)} roles cannot be told apart.",
        recommendation=advice,
        operations=(ChangeApplication(topic="application-name", subject=facts.target.name, instruction=instruction),),
    )
