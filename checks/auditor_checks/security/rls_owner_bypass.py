"""Row-level security does not hold for those who use the table, because they own it.

## What
Tables with policies that are not forced on the owner, where an application is connected with the owner's rights, or
where only logins with the owner's rights can reach the table at all. Superusers and roles that pass row-level security
by are reported by other checks.

## Why it matters
The policies of a table do not apply to its owner, nor to roles that inherit from it. An application that also runs the
migrations owns its tables, and sees every tenant's rows.

## When it is fine
The role only runs migrations, and the application uses another one that the policies apply to.

## How to fix it
Let a role of its own own the tables and the application use one without ownership; or force row-level security on the
owner, after testing that its policies let migrations and jobs see what they need.

## Sources
PostgreSQL manual, "Row Security Policies"; "ALTER TABLE" (FORCE ROW LEVEL SECURITY).
"""

from __future__ import annotations

from collections.abc import Iterator

from auditor.model.catalog import Table
from auditor.model.check import Check
from auditor.model.facts import Facts
from auditor.model.finding import Evidence, Flaw, Impact, Subject, Unknown, Verdict
from auditor.model.operation import SetRowSecurity
from auditor.model.units import Unit
from auditor.model.vocabulary import Confidence, Pillar, Severity
from auditor_checks._words import fitting
from auditor_checks.security._roles import application_sessions, hidden_sessions, inheriting_logins
from auditor_checks.security._row_security import grantees

SECURED = Unit(
    plural="tables with policies in force",
    items=lambda f: [table for table in f.tables if table.row_security and f.policies_of(table.key)],
    subject=lambda table: Subject(kind="table", name=table.path),
    weight=lambda f, table: f.exposure(table),
)
CHECK = Check(
    title="Row-level security does not hold for the application, which owns the table",
    passed="Those who use tables with policies do not own them",
    pillar=Pillar.SECURITY,
    severity=Severity.HIGH,
    confidence=Confidence.LIKELY,
    unit=SECURED,
    needs=("tables", "policies", "roles", "grants", "sessions"),
    engines=("postgresql",),
)


def judge(table: Table, facts: Facts) -> Iterator[Verdict]:
    """Look for applications with the owner's rights; without any, for tables that nobody else can reach."""
    owners = inheriting_logins(table.owner, facts)
    if table.row_security_forced or not owners:
        return
    names = [role.name for role in owners]
    found = {name: application_sessions(name, facts) for name in names}
    active = {name: confidence for name, (sessions, confidence) in found.items() if sessions}
    others = grantees(table, facts) - set(names)
    if not active and others:
        if any(hidden_sessions(name, facts) for name in names):
            reason = f"whether applications are connected as {', '.join(names)} may not be seen"
            yield Unknown(reason=reason, grant=facts.probes["sessions"].grant)
        return
    users = ", ".join(active or names)
    likely = not active or Confidence.LIKELY in active.values()
    why = (
        f"An application is connected as {users}, which has the rights of the owner {table.owner}."
        if active
        else f"Only {users}, with the rights of the owner {table.owner}, can reach the table: they hold for nobody."
    )
    yield Flaw(
        title=fitting(f"Row-level security of {table.path} does not hold for its owner {table.owner}"),
        severity=Severity.HIGH if active else Severity.MEDIUM,
        confidence=Confidence.LIKELY if likely else Confidence.POSSIBLE,
        related=tuple(Subject(kind="role", name=name) for name in active or names),
        evidence=(
            Evidence(name="owner", value=table.owner, probe="tables"),
            Evidence(name="forced on the owner", value=False, probe="tables"),
            Evidence(name="applications with the owner's rights", value=len(active), unit="roles", probe="sessions"),
            Evidence(name="roles with privileges beside them", value=len(others), unit="roles", probe="grants"),
        ),
        impact=Impact(rows=round(facts.rows(table)), risk="the application sees the rows of every tenant"),
        explanation=f"The policies of {table.path} do not apply to its owner. {why}",
        recommendation=(
            "Let the application use a role that owns nothing; or force row-level security on the owner once its jobs "
            "and migrations are known to get by with the policies."
        ),
        operations=(SetRowSecurity(schema=table.schema, table=table.name, force=True),),
    )
