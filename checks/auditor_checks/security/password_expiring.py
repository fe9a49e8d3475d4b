"""A login role's password has expired or is about to.

## What
Roles that may log in and whose password is valid until a date that is past or at most 30 days away. Roles without a
password are left out where that is visible.

## Why it matters
From that moment on the role can no longer log in by password: open sessions stay, new ones fail, typically when the
pool is renewed. An expired role that nobody misses is an account to remove.

## When it is fine
The date is meant to lock the role, or a system renews password and date in time.

## How to fix it
Set a new password and a new date together with the clients; drop what is not used any more. The date does not bar
certificates, Kerberos or trust.

## Sources
PostgreSQL manual, "CREATE ROLE" (VALID UNTIL limits the password, not the role).
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from auditor.model.check import Check
from auditor.model.facts import Facts, moment
from auditor.model.finding import Evidence, Flaw, Impact
from auditor.model.operation import ChangeApplication
from auditor.model.security import Role
from auditor.model.units import ROLES
from auditor.model.vocabulary import Pillar, Severity
from auditor_checks._words import counted, fitting

CHECK = Check(
    title="Password has expired or is about to",
    passed="No password expires within a month",
    pillar=Pillar.SECURITY,
    severity=Severity.MEDIUM,
    unit=ROLES,
    needs=("roles",),
    engines=("postgresql",),
)


def judge(role: Role, facts: Facts, *, days: float = 30) -> Iterator[Flaw]:
    """Compare the date with the moment of the snapshot."""
    until = _date(role.valid_until)
    if not role.login or until is None or role.password == "none":  # noqa: S105 -- the kind of hash
        return
    if until - facts.now > timedelta(days=days):
        return
    past, left = until <= facts.now, (until - facts.now) / timedelta(days=1)
    connected = sum(session.user == role.name for session in facts.sessions)
    yield Flaw(
        title=fitting(f"The password of {role.name} {'has expired' if past else f'expires in {left:.0f} days'}"),
        severity=Severity.MEDIUM if connected or not past else Severity.LOW,
        evidence=(
            Evidence(name="valid until", value=role.valid_until, probe="roles"),
            Evidence(name="sessions now", value=connected, unit="sessions", probe="sessions"),
        ),
        impact=Impact(deadline=until.date().isoformat(), risk="new logins by password fail"),
        explanation=(
            f"{role.name} {'can' if past else 'will'} not log in by password {'since' if past else 'from'} "
            f"{until:%Y-%m-%d}{' on' if not past else ''}; {counted(connected, 'session')} of it open now."
        ),
        recommendation="Renew password and date together with the clients, or drop the role if nobody needs it.",
        operations=(
            ChangeApplication(
                topic="rotate-password",
                subject=role.name,
                instruction=f"Set a new password and a new VALID UNTIL for {role.name}, and give it to its clients.",
            ),
        ),
    )


def _date(text: str | None) -> datetime | None:
    """Read the date; the engine knows years beyond 9999, which are no date to fear."""
    try:
        return moment(text)
    except ValueError:
        return None
