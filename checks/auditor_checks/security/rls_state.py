"""Row-level security of a table is half set up.

## What
Tables that have policies while row-level security is off; tables where it is on without a policy that lets a row
through; and partitioned tables with policies whose partitions others may reach directly, where none apply.

## Why it matters
A policy does nothing until row-level security is switched on: everybody sees every row, while the policies look as if
they protected them. The other way round nobody but the owner sees anything. Policies of a partitioned table hold for
queries through it, not for queries that name a partition.

## When it is fine
Row-level security without a policy closes a table to everybody but its owner, on purpose: graded low where nobody else
has privileges on the table anyway.

## How to fix it
Test the policies as each role, then enable row-level security. Revoke privileges on partitions.

## Sources
PostgreSQL manual, "Row Security Policies"; "CREATE POLICY"; "ALTER TABLE".
"""

from __future__ import annotations

from collections.abc import Iterator

from auditor.model.catalog import Table
from auditor.model.check import Check
from auditor.model.facts import Facts
from auditor.model.finding import Evidence, Flaw, Impact, Subject
from auditor.model.operation import ChangeApplication, Revoke, SetRowSecurity
from auditor.model.units import TABLES
from auditor.model.vocabulary import Pillar, Severity
from auditor_checks._words import counted, fitting
from auditor_checks.security._row_security import grantees

CHECK = Check(
    title="Row-level security is half set up",
    passed="Policies and row-level security go together",
    pillar=Pillar.SECURITY,
    severity=Severity.HIGH,
    unit=TABLES,
    needs=("tables", "policies", "grants"),
    engines=("postgresql",),
)


def judge(table: Table, facts: Facts) -> Iterator[Flaw]:
    """Compare the switch with the policies."""
    policies = facts.policies_of(table.key)
    if policies and not table.row_security:
        yield _switched_off(table, facts)
    elif table.row_security and not any(policy.permissive for policy in policies):
        yield _closed(table, facts)
    elif table.row_security:
        yield from _around(table, facts)


def _evidence(table: Table, facts: Facts, readers: set[str]) -> tuple[Evidence, ...]:
    return (
        Evidence(name="row-level security", value=table.row_security, probe="tables"),
        Evidence(name="policies", value=len(facts.policies_of(table.key)), unit="policies", probe="policies"),
        Evidence(name="roles with privileges", value=", ".join(sorted(readers)) or "none", probe="grants"),
    )


def _switched_off(table: Table, facts: Facts) -> Flaw:
    readers = grantees(table, facts)
    policies = facts.policies_of(table.key)
    return Flaw(
        title=fitting(f"Policies of {table.path} do nothing: row-level security is off"),
        severity=Severity.HIGH if readers else Severity.MEDIUM,
        related=tuple(Subject(kind="policy", name=policy.path) for policy in policies),
        evidence=_evidence(table, facts, readers),
        impact=Impact(rows=round(facts.rows(table)), risk="every row is visible in spite of the policies"),
        explanation=(
            f"{table.path} has {counted(len(policies), 'policy', 'policies')}, but row-level security is not enabled, "
            "so nothing asks for them: every row is visible to "
            f"{', '.join(sorted(readers)) or 'whoever is granted the table'}."
        ),
        recommendation="Test the policies as each role, then enable row-level security on the table.",
        operations=(SetRowSecurity(schema=table.schema, table=table.name),),
        discriminator="off",
    )


def _closed(table: Table, facts: Facts) -> Flaw:
    readers = grantees(table, facts)
    shut_out = ", ".join(sorted(readers)) or "nobody who has privileges today"
    return Flaw(
        title=fitting(f"Row-level security of {table.path} lets no row through"),
        severity=Severity.MEDIUM if readers or table.row_security_forced else Severity.LOW,
        evidence=_evidence(table, facts, readers),
        impact=Impact(risk="queries silently return nothing, or writes fail"),
        explanation=(
            f"Row-level security is on and no permissive policy exists, so every row is hidden"
            f"{', from the owner too' if table.row_security_forced else ' from all but the owner'}. "
            f"This concerns {shut_out}."
        ),
        recommendation="Write the policies that are missing; or, if it is to be closed, revoke the privileges on it.",
        operations=(
            ChangeApplication(
                topic="row-security-policies",
                subject=table.path,
                instruction=f"Decide who may see which rows of {table.path}, and create a policy for it; or close it.",
            ),
        ),
        discriminator="closed",
    )


def _around(table: Table, facts: Facts) -> Iterator[Flaw]:
    """Partitions that others may name in a query, past the policies of the whole."""
    leaves = [leaf for leaf in facts.leaves(table) if leaf is not table and not leaf.row_security]
    open_parts = [leaf for leaf in leaves if grantees(leaf, facts)]
    if not open_parts:
        return
    readers = {reader for leaf in open_parts for reader in grantees(leaf, facts)}
    yield Flaw(
        title=fitting(f"Partitions of {table.path} are open past its policies"),
        severity=Severity.HIGH,
        related=tuple(Subject(kind="table", name=leaf.path) for leaf in open_parts),
        evidence=(
            *_evidence(table, facts, readers),
            Evidence(name="open partitions", value=len(open_parts), unit="partitions", probe="grants"),
        ),
        impact=Impact(risk="a query that names a partition sees every row of it"),
        explanation=(
            f"{', '.join(sorted(readers))} may query {counted(len(open_parts), 'partition')} directly; the policies of "
            f"{table.path} do not hold there."
        ),
        recommendation="Revoke the privileges on the partitions: queries through the table do not need them.",
        operations=tuple(
            Revoke(
                object_kind="table", schema=leaf.schema, name=leaf.name, privileges=grant.privileges,
                grantee=grant.grantee,
            )
            for leaf in open_parts
            for grant in facts.grants_on("table", leaf.schema, leaf.name)
        ),
        discriminator="partitions",
    )  # fmt: skip
