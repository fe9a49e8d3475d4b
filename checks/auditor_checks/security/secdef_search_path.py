"""A SECURITY DEFINER function leaves its search path to the caller.

## What
Functions and procedures that run with their owner's rights and do not fix search_path. Bodies in the SQL-standard form
(BEGIN ATOMIC) are left out, for their names were resolved when they were created; so are compiled functions.

## Why it matters
The caller chooses where names are looked up, its own temporary schema first. A table, function or operator that it puts
there is used in place of the one that is meant, with the owner's rights: the caller becomes the owner.

## When it is fine
Every name in the body, operators included, is written with its schema; that is hard to be sure of.

## How to fix it
Fix the path with SET search_path, trusted schemas first and pg_temp last. Revoke EXECUTE from PUBLIC while there.

## Sources
PostgreSQL manual, "CREATE FUNCTION: Writing SECURITY DEFINER Functions Safely"; CVE-2007-2138.
"""

from __future__ import annotations

from collections.abc import Iterator

from auditor.model.catalog import Routine
from auditor.model.check import Check
from auditor.model.facts import Facts
from auditor.model.finding import Evidence, Flaw, Impact
from auditor.model.operation import SetRoutineSetting
from auditor.model.units import ROUTINES
from auditor.model.vocabulary import Pillar, Severity
from auditor_checks._words import fitting
from auditor_checks.security._definer import is_called, runs_as_owner

CHECK = Check(
    title="SECURITY DEFINER function has no fixed search_path",
    passed="Functions with their owner's rights fix their search path",
    pillar=Pillar.SECURITY,
    severity=Severity.HIGH,
    unit=ROUTINES,
    needs=("routines",),
    engines=("postgresql",),
)


def judge(routine: Routine, _facts: Facts) -> Iterator[Flaw]:
    """Report the routine; graver the more its owner may do and the more people may reach it."""
    if not runs_as_owner(routine) or routine.body_bound or "search_path" in routine.settings:
        return
    everybody = routine.public_execute or not is_called(routine)
    grave = (routine.owner_superuser is True) + everybody
    who = "everybody" if everybody else "those who may execute it"
    owner = f"the superuser {routine.owner}" if routine.owner_superuser else routine.owner or "its owner"
    yield Flaw(
        title=fitting(f"{routine.path} runs as its owner without a fixed search_path"),
        severity=(Severity.LOW, Severity.MEDIUM, Severity.HIGH)[grave],
        evidence=(
            Evidence(name="security definer", value=True, probe="routines"),
            Evidence(name="fixed search_path", value=False, probe="routines"),
            Evidence(name="owner is a superuser", value=routine.owner_superuser, probe="routines"),
            Evidence(name="PUBLIC may execute it", value=routine.public_execute, probe="routines"),
            Evidence(name="language", value=routine.language, probe="routines"),
        ),
        impact=Impact(risk=f"{who} can act as {owner}"),
        explanation=(
            f"{routine.signature} runs with the rights of {owner}, but looks names up on the path of its caller, and "
            f"{who} can call it or set it off."
        ),
        recommendation=(
            "Fix search_path to the schemas that the body uses, pg_temp last; then call it once, to see that it finds "
            "everything."
        ),
        operations=(
            SetRoutineSetting(
                schema=routine.schema, name=routine.name, arguments=routine.arguments, setting="search_path",
                value=f"{routine.schema}, pg_temp",
            ),
        ),
        discriminator=routine.arguments,
    )  # fmt: skip
