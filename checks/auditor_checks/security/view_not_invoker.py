"""A view shows rows past the row-level security of its tables.

## What
Views over tables with row-level security that read with their owner's rights, where the owner is not subject to the
policies: a superuser, a role that passes row-level security by, or the tables' owner.

## Why it matters
Whoever may read the view sees the rows of every tenant, although the policies of the table say otherwise. Views made by
migrations belong to the tables' owner, so this is what happens by default.

## When it is fine
The view is a gateway that filters rows itself. A view that is declared a security barrier is taken for one, and graded
low.

## How to fix it
Set security_invoker on the view (version 15 and later) and grant its readers what they need on the tables. Before
version 15, let a role own the view that is subject to the policies.

## Sources
PostgreSQL manual, "CREATE VIEW" (security_invoker); "Rules and Privileges"; "Row Security Policies".
"""

from __future__ import annotations

from collections.abc import Iterator

from auditor.model.catalog import View
from auditor.model.check import Check
from auditor.model.facts import Facts
from auditor.model.finding import Evidence, Flaw, Impact, Subject
from auditor.model.operation import ChangeApplication, SetViewOption
from auditor.model.units import VIEWS
from auditor.model.vocabulary import Confidence, Pillar, Severity
from auditor_checks._words import fitting
from auditor_checks.security._row_security import passes_by, secured_tables

CHECK = Check(
    title="View shows rows past row-level security",
    passed="Views respect the row-level security of their tables",
    pillar=Pillar.SECURITY,
    severity=Severity.HIGH,
    unit=VIEWS,
    needs=("views", "tables", "roles", "grants"),
    engines=("postgresql",),
)
HAS_INVOKER = 150000


def judge(view: View, facts: Facts) -> Iterator[Flaw]:
    """Find the secured tables that the view's owner sees whole; graver when others may read the view."""
    if view.security_invoker:
        return
    tables = [table for table in secured_tables(view, facts) if passes_by(view.owner, table, facts)]
    if not tables:
        return
    readers = sorted({g.grantee for g in facts.grants_on("view", view.schema, view.name) if "SELECT" in g.privileges})
    gateway = view.security_barrier
    names = ", ".join(table.path for table in tables)
    if facts.version >= HAS_INVOKER:
        operation: SetViewOption | ChangeApplication = SetViewOption(
            schema=view.schema, name=view.name, option="security_invoker", value="true"
        )
    else:
        operation = ChangeApplication(
            topic="view-owner",
            subject=view.path,
            instruction=f"Let a role own {view.path} that is subject to the policies of {names}.",
        )
    yield Flaw(
        title=fitting(f"View {view.path} shows rows past row-level security"),
        severity=Severity.LOW if gateway or not readers else Severity.HIGH,
        confidence=Confidence.POSSIBLE if gateway else Confidence.CERTAIN,
        related=tuple(Subject(kind="table", name=table.path) for table in tables),
        evidence=(
            Evidence(name="security_invoker", value=False, probe="views"),
            Evidence(name="security_barrier", value=view.security_barrier, probe="views"),
            Evidence(name="owner", value=view.owner, probe="views"),
            Evidence(name="roles that may read the view", value=", ".join(readers) or "none", probe="grants"),
        ),
        impact=Impact(risk="readers of the view see rows that the policies hide from them"),
        explanation=(
            f"{view.path} reads {names} as {view.owner}, to whom the policies do not apply, so "
            f"{', '.join(readers) or 'whoever is granted the view'} would see every row."
        ),
        recommendation=(
            "Let the view read with its caller's rights, or let a role own it that the policies apply to; grant the "
            "readers what they need on the tables."
        ),
        operations=(operation,),
    )
