"""A constraint was never checked against the rows that were there before it.

## What
Enforced foreign key, check and not-null constraints that are marked as not validated.

## Why it matters
New rows obey, old rows may not: code that trusts the constraint meets rows that it thinks impossible, and a dump of
the database may not load. The planner does not use such a constraint to leave out partitions or tables.

## When it is fine
For the hours of a migration, between adding the constraint and validating it. The catalog does not tell its age.

## How to fix it
Find and mend the rows that break it, then validate. Validating reads the table but lets reads and writes go on.

## Sources
PostgreSQL manual, ALTER TABLE, NOT VALID and VALIDATE CONSTRAINT (its notes on the lock: SHARE UPDATE EXCLUSIVE).
"""

from __future__ import annotations

from collections.abc import Iterator

from auditor.model.catalog import Constraint
from auditor.model.check import Check
from auditor.model.facts import Facts
from auditor.model.finding import Evidence, Flaw, Impact, Subject
from auditor.model.operation import ValidateConstraint
from auditor.model.units import CONSTRAINTS
from auditor.model.vocabulary import Pillar, Severity
from auditor_checks._words import table_path

CHECK = Check(
    title="Constraint was never validated",
    passed="Every constraint holds for every row",
    pillar=Pillar.INTEGRITY,
    severity=Severity.MEDIUM,
    unit=CONSTRAINTS,
    needs=("tables", "constraints"),
    engines=("postgresql",),
)


def judge(constraint: Constraint, facts: Facts, *, large_rows: float = 1_000_000) -> Iterator[Flaw]:
    """Report a constraint that is enforced but not validated; the more rows may break it, the graver."""
    if constraint.validated or not constraint.enforced:
        return
    table = facts.table(constraint.table_key)
    rows = facts.rows(table)
    path = table_path(constraint)
    referenced = constraint.referenced_key
    yield Flaw(
        severity=Severity.LOW if rows < 1 else Severity.HIGH if rows >= large_rows else Severity.MEDIUM,
        related=(
            Subject(kind="table", name=path),
            *([Subject(kind="table", name=".".join(referenced))] if referenced is not None else []),
        ),
        evidence=(
            Evidence(name="kind of constraint", value=constraint.kind, probe="constraints"),
            Evidence(name="rows", value=round(rows), unit="rows", probe="tables"),
        ),
        impact=Impact(rows=round(rows), risk="old rows that break the rule"),
        explanation=f"{constraint.name} ({constraint.kind}) of {path} holds for new rows only; none of the rows that "
        f"were there before ({rows:,.0f} today at most) was ever checked.",
        recommendation="Mend the rows that break it, then validate it; reads and writes go on meanwhile.",
        operations=(ValidateConstraint(schema=constraint.schema, table=constraint.table, name=constraint.name),),
    )
