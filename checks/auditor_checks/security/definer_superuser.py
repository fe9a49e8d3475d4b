"""Code of the database runs with the rights of an account that may do everything.

## What
Views and routines with SQL SECURITY DEFINER whose definer may do everything on the server.

## Why it matters
Whoever may call the routine or read the view acts with these rights within it. An injection in a routine that puts
statements together has the whole server.

## When it is fine
Maintenance routines that only administrators may call.

## How to fix it
Make an account that cannot log in and has what the code needs, and create the object with it as its definer; or use SQL
SECURITY INVOKER.

## Sources
MySQL manual, "Stored Object Access Control"; MariaDB documentation, "Stored Routine Privileges".
"""

from __future__ import annotations

from collections.abc import Iterator

from auditor.model.catalog import Routine, View
from auditor.model.check import Check
from auditor.model.facts import Facts
from auditor.model.finding import Evidence, Flaw, Impact, Subject, Verdict
from auditor.model.operation import ChangeApplication
from auditor.model.units import ROUTINES, VIEWS, Unit
from auditor.model.vocabulary import Confidence, Pillar, Severity
from auditor_checks._settings import PRODUCTS

CALLED_CODE = Unit(
    plural="views and routines",
    items=lambda f: [*f.views, *f.routines],
    subject=lambda item: (VIEWS if isinstance(item, View) else ROUTINES).subject(item),
)
CHECK = Check(
    title="A view or routine acts as an account that may do everything",
    passed="Views and routines act with few rights",
    pillar=Pillar.SECURITY,
    severity=Severity.LOW,
    confidence=Confidence.LIKELY,
    unit=CALLED_CODE,
    needs=(
        "roles",
        "views",
        "routines",
    ),
    engines=PRODUCTS,
)


def judge(item: View | Routine, facts: Facts) -> Iterator[Verdict]:
    """Report an object by the powers of its definer."""
    if (isinstance(item, View) and item.security_invoker) or (isinstance(item, Routine) and not item.security_definer):
        return
    owner = facts.roles.get(item.owner or "")
    if owner is None or not owner.superuser:
        return
    routine = isinstance(item, Routine)
    yield Flaw(
        severity=Severity.MEDIUM if routine else Severity.LOW,
        related=(Subject(kind="role", name=owner.name),),
        evidence=(
            Evidence(name="definer", value=owner.name, probe="routines" if routine else "views"),
            Evidence(name="definer may do everything", value=True, probe="roles"),
        ),
        impact=Impact(risk="whoever may use it acts with these rights in it"),
        explanation=f"{item.path} acts with the rights of {owner.name}, who may do everything.",
        recommendation="Give it a definer that has what it needs and cannot log in, or the rights of its caller.",
        operations=(
            ChangeApplication(
                topic="definer",
                subject=item.path,
                instruction=f"Create {item.path} again with a definer that has no more rights than it needs.",
            ),
        ),
    )
