"""Whoever gives any name is let in.

## What
Accounts whose user is empty.

## Why it matters
Such an account fits every name that no other account of that host has, mostly without a password. It also takes the
place of accounts with a wider host, so that a login fails for no reason that one can see.

## When it is fine
Never. Old installations made it for tests.

## How to fix it
Drop the account, after a look whose sessions use it.

## Sources
MySQL manual, "Securing the Initial MySQL Account" and "Access Control, Stage 1"; MariaDB documentation, "Anonymous
accounts".
"""

from __future__ import annotations

from collections.abc import Iterator

from auditor.model.check import Check
from auditor.model.facts import Facts
from auditor.model.finding import Evidence, Flaw, Impact, Verdict
from auditor.model.operation import ChangeApplication
from auditor.model.security import Role
from auditor.model.units import ROLES
from auditor.model.vocabulary import Pillar, Severity
from auditor_checks._settings import PRODUCTS
from auditor_checks._words import fitting

CHECK = Check(
    title="An account has no name",
    passed="Every account has a name",
    pillar=Pillar.SECURITY,
    severity=Severity.HIGH,
    unit=ROLES,
    needs=("roles",),
    engines=PRODUCTS,
)


def judge(role: Role, _facts: Facts) -> Iterator[Verdict]:
    """Report an account without a name that can log in."""
    if role.user != "" or not role.login:
        return
    yield Flaw(
        title=fitting(f"Anybody may log in from {role.host}"),
        severity=Severity.CRITICAL
        if role.password == "none"  # noqa: S105 -- the word that there is none
        else Severity.HIGH,
        evidence=(
            Evidence(name="host", value=role.host, probe="roles"),
            Evidence(name="password", value=role.password, probe="passwords"),
        ),
        impact=Impact(risk="whoever reaches the port is let in"),
        explanation=f"The account without a name fits every name that a client from {role.host} gives.",
        recommendation="Drop it, after a look whether anybody uses it.",
        operations=(
            ChangeApplication(
                topic="anonymous-account",
                subject=role.name,
                instruction=f"Find out who logs in without a known name from {role.host}, then drop the account.",
            ),
        ),
    )
