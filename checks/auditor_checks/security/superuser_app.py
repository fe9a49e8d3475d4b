"""An application is connected as a superuser.

## What
Sessions in this database whose role is a superuser and whose application is no administrator's tool, no backup and no
monitoring; or so many sessions without an application's name that they are a pool.

## Why it matters
One injected statement is then enough to read and change every database of the server, and to read files of its machine.
The connection that the server keeps free for administrators is open to the application.

PostgreSQL: It runs programs as the server's operating system user, and row-level security does not apply to it.

## When it is fine
It is a tool of the administrators that the name does not reveal.

## How to fix it
Give the application a role of its own that owns nothing and has the privileges that it uses; let migrations run as
another role that owns the objects.

## Sources
PostgreSQL manual, "Role Attributes"; "Database Roles".
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from auditor.model.check import Check
from auditor.model.facts import Facts
from auditor.model.finding import Evidence, Flaw, Impact, Unknown, Verdict
from auditor.model.operation import ChangeApplication
from auditor.model.security import Role
from auditor.model.units import ROLES, Unit
from auditor.model.vocabulary import Confidence, Pillar, Severity
from auditor.model.workload import Session
from auditor_checks._words import counted, fitting
from auditor_checks.security._roles import application_sessions, hidden_sessions, is_provider

SUPERUSERS = Unit(
    plural="superusers", items=lambda f: [role for role in ROLES.items(f) if role.superuser], subject=ROLES.subject
)
CHECK = Check(
    title="An application is connected as a superuser",
    passed="No application is connected as a superuser",
    pillar=Pillar.SECURITY,
    severity=Severity.HIGH,
    confidence=Confidence.LIKELY,
    unit=SUPERUSERS,
    needs=("roles", "sessions"),
    engines=("postgresql", "mysql", "mariadb"),
)


def judge(role: Role, facts: Facts) -> Iterator[Verdict]:
    """Look at the sessions of a superuser."""
    if is_provider(role, facts):
        return
    sessions, confidence = application_sessions(role.name, facts)
    if not sessions:
        if hidden_sessions(role.name, facts):
            yield Unknown(
                reason=f"what the sessions of {role.name} are may not be seen", grant=facts.probes["sessions"].grant
            )
        return
    if role.user is not None and role.name != _first_of(role, sessions, facts):
        return
    names = sorted({session.application for session in sessions if session.application})
    network = sum(session.client == "network" for session in sessions)
    called = f" (it calls itself {', '.join(names)})" if names else ""
    yield Flaw(
        title=fitting(f"An application is connected as the superuser {role.name}"),
        confidence=confidence,
        evidence=(
            Evidence(name="sessions of applications", value=len(sessions), unit="sessions", probe="sessions"),
            Evidence(name="of these over the network", value=network, unit="sessions", probe="sessions"),
            Evidence(name="application names", value=", ".join(names) or "none given", probe="sessions"),
        ),
        impact=Impact(risk="one injected statement takes over the whole server"),
        explanation=(
            f"An application seems to have opened {counted(len(sessions), 'session')} in this database as the "
            f"superuser {role.name}{called}. Nothing that this server checks limits them."
        ),
        recommendation=(
            "Create a role with the privileges that the application uses, and connect as that one; let migrations use "
            "another role that owns the objects."
        ),
        operations=(
            ChangeApplication(
                topic="application-role",
                subject=role.name,
                instruction=(
                    f"Connect as a role that is no superuser and owns no objects instead of {role.name}; grant it what "
                    "the application uses before the switch."
                ),
            ),
        ),
    )


def _first_of(role: Role, sessions: Sequence[Session], facts: Facts) -> str:
    """The first of the superusers' accounts of one name that may be the one of these sessions: they show the name."""
    same: list[str] = [r.name for r in SUPERUSERS.items(facts) if r.user == role.user]
    return min(name for name in same if list(application_sessions(name, facts)[0]) == list(sessions))
