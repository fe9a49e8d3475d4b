"""An account may change the data of every database.

## What
Accounts with a role that writes to all databases, without being administrators: readWriteAnyDatabase, restore, or a
role of one's own with such privileges.

## Why it matters
An application that serves one database can then empty all of them, those of other applications and those that are made
later included.

## When it is fine
A tool that restores backups has to write everywhere; accounts whose names say so are not reported.

## How to fix it
Grant readWrite on the databases that the account works in, then revoke the wide role.

## Sources
MongoDB manual, "Built-In Roles: All-Database Roles"; "Role-Based Access Control in Self-Managed Deployments".
"""

from __future__ import annotations

from collections.abc import Iterator

from auditor.model.check import Check
from auditor.model.facts import Facts
from auditor.model.finding import Evidence, Flaw, Impact, Verdict
from auditor.model.operation import RevokeMembership
from auditor.model.security import Role
from auditor.model.units import ROLES
from auditor.model.vocabulary import Pillar, Severity
from auditor_checks._words import fitting
from auditor_checks.security._roles import is_backup

CHECK = Check(
    title="An account may change the data of every database",
    passed="Accounts change the data of their databases only",
    pillar=Pillar.SECURITY,
    severity=Severity.MEDIUM,
    unit=ROLES,
    needs=("accounts", "account-roles"),
    engines=("mongodb",),
)
WIDE = frozenset({"readWriteAnyDatabase@admin", "restore@admin"})


def judge(role: Role, _facts: Facts) -> Iterator[Verdict]:
    """Read what the account may do with the data of all databases."""
    if role.superuser or role.create_role or role.all_data != "write" or is_backup(role):
        return
    held = [edge.role for edge in role.member_of]
    yield Flaw(
        title=fitting(f"{role.name} may change the data of every database"),
        evidence=(
            Evidence(name="roles", value=", ".join(held), probe="accounts"),
            Evidence(name="with the data of all databases", value=role.all_data, probe="account-roles"),
        ),
        impact=Impact(risk="one login that leaks is the loss of every database"),
        explanation=f"{role.name} holds {', '.join(held)}, and so writes to every database, later ones too.",
        recommendation="Grant readWrite on the databases that it works in, then revoke the wide role.",
        operations=tuple(RevokeMembership(name=role.name, role=one) for one in held if one in WIDE),
    )
