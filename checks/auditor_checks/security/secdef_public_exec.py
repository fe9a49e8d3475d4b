"""Everybody may execute a function that runs with its owner's rights.

## What
SECURITY DEFINER functions and procedures that PUBLIC may execute, in schemas that PUBLIC may use, where there are
ordinary logins beside the owner. Functions of triggers are left out: nobody can call them.

## Why it matters
A new function is executable by everybody unless that is revoked. What was written to let one role do one thing as the
owner lets every login do it.

## When it is fine
The function is an interface for every login and checks by itself who calls it. It cannot be told from outside, so the
verdict is only possible, and low unless the owner is a superuser.

## How to fix it
Revoke EXECUTE from PUBLIC and grant it to the roles that call the function, in one transaction.

## Sources
PostgreSQL manual, "CREATE FUNCTION: Writing SECURITY DEFINER Functions Safely"; "Privileges" (default privileges of
functions).
"""

from __future__ import annotations

from collections.abc import Iterator

from auditor.model.catalog import Routine
from auditor.model.check import Check
from auditor.model.facts import Facts
from auditor.model.finding import Evidence, Flaw, Impact
from auditor.model.operation import Revoke
from auditor.model.units import ROUTINES
from auditor.model.vocabulary import Confidence, Pillar, Severity
from auditor_checks._words import counted, fitting
from auditor_checks.security._definer import is_called
from auditor_checks.security._roles import ordinary_logins

CHECK = Check(
    title="Everybody may execute a function with its owner's rights",
    passed="Functions with their owner's rights are not everybody's",
    pillar=Pillar.SECURITY,
    severity=Severity.MEDIUM,
    confidence=Confidence.POSSIBLE,
    unit=ROUTINES,
    needs=("routines", "schemas", "roles"),
    engines=("postgresql",),
)


def judge(routine: Routine, facts: Facts) -> Iterator[Flaw]:
    """Report the routine when somebody who is not its owner can reach it only because everybody can."""
    if not (routine.security_definer and routine.public_execute and is_called(routine)):
        return
    others = [role.name for role in ordinary_logins(facts) if role.name != routine.owner]
    if not others or not any(s.public_usage for s in facts.catalog.schemas if s.name == routine.schema):
        return
    owner = f"the superuser {routine.owner}" if routine.owner_superuser else routine.owner or "its owner"
    yield Flaw(
        title=fitting(f"Everybody may execute {routine.path} with its owner's rights"),
        severity=Severity.MEDIUM if routine.owner_superuser else Severity.LOW,
        evidence=(
            Evidence(name="PUBLIC may execute it", value=True, probe="routines"),
            Evidence(name="owner", value=routine.owner, probe="routines"),
            Evidence(name="owner is a superuser", value=routine.owner_superuser, probe="routines"),
            Evidence(name="ordinary logins beside the owner", value=len(others), unit="roles", probe="roles"),
        ),
        impact=Impact(risk=f"every login can do as {owner} what the function does"),
        explanation=(
            f"Whoever has one of {counted(len(others), 'ordinary login')} can call {routine.signature}, which acts "
            f"with the rights of {owner}."
        ),
        recommendation="Revoke EXECUTE from PUBLIC and grant it to the roles that call the function.",
        operations=(
            Revoke(
                object_kind="function", schema=routine.schema, name=routine.name, arguments=routine.arguments,
                privileges=("EXECUTE",), grantee="PUBLIC",
            ),
        ),
        discriminator=routine.arguments,
    )  # fmt: skip
