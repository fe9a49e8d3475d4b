"""A policy lets everybody write every row.

## What
Permissive policies for writing whose condition is always true, for everybody or for all who have privileges on the
table, where no restrictive policy narrows them.

## Why it matters
Permissive policies are joined by OR: one that is always true makes all others void for its command. The table looks
protected and is not.

## When it is fine
Everybody may read the table: policies for SELECT alone are not reported. One role among others, such as an
administrator's, may do everything: not reported either. Restrictive policies do the work beside a base that is true.

## How to fix it
Write the condition that is meant, or name the role that the policy is for.

## Sources
PostgreSQL manual, "Row Security Policies"; "CREATE POLICY" (how policies are combined).
"""

from __future__ import annotations

from collections.abc import Iterator

from auditor.model.catalog import Policy
from auditor.model.check import Check
from auditor.model.facts import Facts
from auditor.model.finding import Evidence, Flaw, Impact, Subject
from auditor.model.operation import ChangeApplication
from auditor.model.units import Unit
from auditor.model.vocabulary import Pillar, Severity
from auditor_checks._words import counted, fitting, table_path
from auditor_checks.security._row_security import grantees, is_true

POLICIES = Unit(
    plural="policies in force",
    items=lambda f: [policy for table in f.tables if table.row_security for policy in f.policies_of(table.key)],
    subject=lambda policy: Subject(kind="policy", name=policy.path),
    weight=lambda f, policy: f.exposure(f.table(policy.table_key)),
)
CHECK = Check(
    title="Policy lets everybody write every row",
    passed="Policies for writing have conditions",
    pillar=Pillar.SECURITY,
    severity=Severity.HIGH,
    unit=POLICIES,
    needs=("tables", "policies", "grants"),
    engines=("postgresql",),
)


def judge(policy: Policy, facts: Facts) -> Iterator[Flaw]:
    """Report a policy that is always true for a command that writes, unless it is one role's or is narrowed."""
    commands = _unlimited(policy)
    table = facts.table(policy.table_key)
    if not policy.permissive or not commands or table is None:
        return
    users = grantees(table, facts)
    everybody = "PUBLIC" in policy.roles or bool(users and users <= set(policy.roles))
    narrowed = any(
        not other.permissive and other.command in ("all", *commands) for other in facts.policies_of(policy.table_key)
    )
    if not everybody or narrowed:
        return
    path, what = table_path(policy), ", ".join(commands)
    others = [other.path for other in facts.policies_of(policy.table_key) if other.permissive and other is not policy]
    yield Flaw(
        title=fitting(f"Policy {policy.name} of {path} is always true for {what}"),
        severity=Severity.MEDIUM if commands == ("insert",) else Severity.HIGH,
        related=(Subject(kind="table", name=path), *(Subject(kind="policy", name=other) for other in others)),
        evidence=(
            Evidence(name="commands that it does not limit", value=what, probe="policies"),
            Evidence(name="roles", value=", ".join(policy.roles), probe="policies"),
            Evidence(name="other permissive policies", value=len(others), unit="policies", probe="policies"),
        ),
        impact=Impact(rows=round(facts.rows(table)), risk="rows of every tenant can be written"),
        explanation=(
            f"The policy is true for every row and {', '.join(policy.roles)}, so row-level security does not limit "
            f"{what} on {path}"
            + (
                f"; {counted(len(others), 'other permissive policy', 'other permissive policies')} void for it."
                if others
                else "."
            )
        ),
        recommendation="Write the condition that is meant, or name the one role that may do this.",
        operations=(
            ChangeApplication(
                topic="row-security-policies",
                subject=policy.path,
                instruction=f"Give the policy {policy.name} of {path} a condition for {what}, or a role of its own.",
            ),
        ),
    )


def _unlimited(policy: Policy) -> tuple[str, ...]:
    """The writing commands that the policy lets through whatever the row is."""
    check = policy.check if policy.check is not None else policy.using
    if policy.command == "insert":
        return ("insert",) if is_true(policy.check) else ()
    if policy.command in ("update", "delete"):
        return (policy.command,) if is_true(policy.using) else ()
    if policy.command == "all":
        inserts = ("insert",) if is_true(check) else ()
        return (*inserts, "update", "delete") if is_true(policy.using) else inserts
    return ()
