"""A constraint is declared but not enforced.

## What
Foreign key and check constraints marked NOT ENFORCED (PostgreSQL 18 and later).

## Why it matters
The schema promises a rule that the database does not keep: readers and tools take it for true, and rows break it
unseen.

## When it is fine
As documentation of a rule that is kept elsewhere. A constraint with a comment is taken for that, and only noted.

## How to fix it
Mend the rows that break it, then let the server enforce it.

PostgreSQL: Add an enforced constraint beside it, first unvalidated, validate it, and drop the old one.

MySQL: ALTER TABLE … ALTER CHECK … ENFORCED reads all rows and blocks writes meanwhile.

## Sources
PostgreSQL manual, CREATE TABLE, NOT ENFORCED: the constraint is not checked by the database.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from auditor.model.catalog import Constraint
from auditor.model.check import Check
from auditor.model.facts import Facts
from auditor.model.finding import Evidence, Flaw, Impact, Subject
from auditor.model.operation import AddCheck, AddForeignKey, AnyOperation, DropConstraint
from auditor.model.units import CONSTRAINTS
from auditor.model.vocabulary import Pillar, Severity
from auditor_checks._words import table_path
from auditor_checks.integrity._sql import constraint_name

CHECK = Check(
    title="Constraint is not enforced",
    passed="Every constraint is enforced",
    pillar=Pillar.INTEGRITY,
    severity=Severity.MEDIUM,
    unit=CONSTRAINTS,
    needs=("tables", "constraints"),
)

_CHECK = re.compile(r"CHECK \((.*)\)(?: NO INHERIT)? NOT ENFORCED", re.DOTALL)


def judge(constraint: Constraint, facts: Facts) -> Iterator[Flaw]:
    """Report the constraint; a comment on it makes it documentation."""
    if constraint.enforced:
        return
    rows = facts.rows(facts.table(constraint.table_key))
    path = table_path(constraint)
    documented = bool(constraint.comment)
    yield Flaw(
        severity=Severity.INFO if documented else Severity.MEDIUM,
        related=(Subject(kind="table", name=path),),
        evidence=(
            Evidence(name="kind of constraint", value=constraint.kind, probe="constraints"),
            Evidence(name="has a comment", value=documented, probe="constraints"),
            Evidence(name="rows", value=round(rows), unit="rows", probe="tables"),
        ),
        impact=Impact(rows=round(rows), risk="rows that break a rule which readers take for kept"),
        explanation=f"{constraint.name} ({constraint.kind}) of {path} is declared NOT ENFORCED: no row, old or new, is "
        "checked against it.",
        recommendation="Say in a comment who keeps the rule instead, or enforce it: add an enforced constraint beside "
        "it, validate that, and drop this one.",
        operations=() if documented else _operations(constraint),
    )


def _operations(constraint: Constraint) -> tuple[AnyOperation, ...]:
    if constraint.kind == "foreign-key" and constraint.referenced_schema and constraint.referenced_table:
        return (
            AddForeignKey(
                schema=constraint.schema, table=constraint.table, columns=constraint.columns,
                referenced_schema=constraint.referenced_schema, referenced_table=constraint.referenced_table,
                referenced_columns=constraint.referenced_columns, on_delete=constraint.on_delete,
                replaces=constraint.name,
            ),
        )  # fmt: skip
    rule = _CHECK.fullmatch(constraint.definition or "")
    if rule is None:
        return ()
    name = constraint_name(constraint.name, "enforced")
    return (
        AddCheck(schema=constraint.schema, table=constraint.table, name=name, expression=rule[1]),
        DropConstraint(schema=constraint.schema, table=constraint.table, name=constraint.name),
    )
