"""Everybody may create objects in a schema.

## What
Schemas in which the pseudo-role PUBLIC has the privilege CREATE.

## Why it matters
Whoever may connect can put a function or an operator there that fits a call better than the one that is meant: the next
user, a superuser's script or a backup among them, runs it with its own rights. Forgotten tables of unknown owners are
the milder consequence.

## When it is fine
Nobody but administrators can log in. Databases that were created under version 15 or later do not have this privilege
in the schema public; databases that came there by an upgrade still do.

## How to fix it
Revoke CREATE from PUBLIC and grant it to the role that migrations run as.

## Sources
PostgreSQL manual, "Schemas: Usage Patterns"; CVE-2018-1058; release notes of version 15.
"""

from __future__ import annotations

from collections.abc import Iterator

from auditor.model.catalog import Schema
from auditor.model.check import Check
from auditor.model.facts import Facts
from auditor.model.finding import Evidence, Flaw, Impact
from auditor.model.operation import Revoke
from auditor.model.units import SCHEMAS
from auditor.model.vocabulary import Pillar, Severity
from auditor_checks._words import counted, fitting
from auditor_checks.security._roles import ordinary_logins

CHECK = Check(
    title="Everybody may create objects in a schema",
    passed="No schema is open to everybody's objects",
    pillar=Pillar.SECURITY,
    severity=Severity.MEDIUM,
    unit=SCHEMAS,
    needs=("schemas", "roles"),
    engines=("postgresql",),
)


def judge(schema: Schema, facts: Facts) -> Iterator[Flaw]:
    """Report the privilege; it is debt where only superusers may log in."""
    if not schema.public_create:
        return
    logins = len(ordinary_logins(facts))
    yield Flaw(
        title=fitting(f"Everybody may create objects in the schema {schema.name}"),
        severity=Severity.MEDIUM if logins else Severity.LOW,
        evidence=(
            Evidence(name="CREATE for PUBLIC", value=True, probe="schemas"),
            Evidence(name="logins that are no superusers", value=logins, unit="roles", probe="roles"),
        ),
        impact=Impact(risk="a planted function runs with the rights of whoever calls it"),
        explanation=(
            f"Whoever has one of {counted(logins, 'ordinary login')} can place a function in {schema.name} that others "
            "then run in place of the one that they mean."
        ),
        recommendation="Revoke CREATE from PUBLIC; grant it to the role that creates the objects.",
        operations=(Revoke(object_kind="schema", name=schema.name, privileges=("CREATE",), grantee="PUBLIC"),),
    )
