"""A foreign key of several columns is not checked when one of them is null.

## What
Foreign keys over several columns, with the default MATCH SIMPLE, of which a column may be null while the others are
filled. Left out: keys whose columns a check constraint keeps all null or all filled; and keys with one optional
column whose other columns are references of their own, the usual shape of an optional reference within a tenant.

## Why it matters
With MATCH SIMPLE one null switches the whole check off: the other columns may hold anything, and nobody notices that
rows refer to nothing.

## When it is fine
The application never fills one part alone. Then the constraint that says so costs nothing and documents it.

## How to fix it
Add a check constraint that all parts are null or none is: first unvalidated, then validated beside the running
application. Where the reference is not optional, make the columns mandatory.

## Sources
PostgreSQL manual, CREATE TABLE, MATCH SIMPLE: if any of the columns are null, the row is not required to have a
match; "Comparison Functions and Operators" (9.2): num_nulls.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from auditor.model.catalog import Constraint, Table
from auditor.model.check import Check
from auditor.model.facts import Facts
from auditor.model.finding import Evidence, Flaw, Impact, Subject
from auditor.model.operation import AddCheck, ChangeApplication
from auditor.model.units import Unit
from auditor.model.vocabulary import Pillar, Severity
from auditor_checks._references import distinct_references
from auditor_checks.integrity._keys import column_subjects, table_subject
from auditor_checks.integrity._sql import constraint_name, identifier

CHECK = Check(
    title="Composite foreign key is skipped when one column is null",
    passed="No composite foreign key can be half null",
    pillar=Pillar.INTEGRITY,
    severity=Severity.MEDIUM,
    unit=Unit(
        plural="composite foreign keys", items=lambda f: [k for k in distinct_references(f) if len(k.columns) > 1],
        subject=lambda key: Subject(kind="constraint", name=key.path),
        weight=lambda facts, key: facts.exposure(facts.table(key.table_key)),
    ),
    needs=("tables", "columns", "constraints"),
    engines=("postgresql",),
)  # fmt: skip

_ABOUT_NULLS = re.compile(r"num_(?:non)?nulls|IS (?:NOT )?NULL", re.IGNORECASE)


def judge(key: Constraint, facts: Facts) -> Iterator[Flaw]:
    """Report the key when part of it may be null without the rest."""
    table = facts.table(key.table_key)
    if table is None or key.match == "full":
        return
    optional = [name for name in key.columns if (column := table.column(name)) is not None and column.nullable]
    if not optional or _guarded(key, optional, facts):
        return
    single = len(optional) == 1
    mandatory = [name for name in key.columns if name not in optional]
    if single and all(_referenced_by_itself(key, name, facts) for name in mandatory):
        return
    shares = [_null_share(table, name) for name in optional]
    nulls = max((share for share in shares if share is not None), default=None)
    yield Flaw(
        severity=Severity.LOW if single or nulls == 0.0 else Severity.MEDIUM,
        related=(
            table_subject(table), *column_subjects(table, key.columns),
            Subject(kind="table", name=f"{key.referenced_schema}.{key.referenced_table}"),
        ),
        evidence=(
            Evidence(name="columns of the key", value=len(key.columns), unit="columns", probe="constraints"),
            Evidence(name="columns that may be null", value=", ".join(optional), probe="columns"),
            Evidence(name="largest share of nulls among them", value=nulls, probe="column-statistics"),
        ),
        impact=Impact(rows=round(facts.rows(table) * nulls) if nulls else None, risk="references to nothing"),
        explanation=f"{key.name} of {table.path} is not checked in a row where {' or '.join(optional)} is null: "
        f"{', '.join(name for name in key.columns if name not in optional[:1])} may then hold anything.",
        recommendation=f"If the reference is mandatory, forbid nulls in {optional[0]}; if not, check "
        f"{', '.join(mandatory)} by a reference of its own."
        if single
        else "Add a check constraint that the columns are all null or all filled.",
        operations=(_operation(key, table, optional),),
    )  # fmt: skip


def _guarded(key: Constraint, optional: Sequence[str], facts: Facts) -> bool:
    """Whether a check constraint speaks of the nulls of all the optional columns."""
    return any(
        check.enforced and set(optional) <= set(check.columns) and _ABOUT_NULLS.search(check.definition or "")
        for check in facts.constraints_of(key.table_key, "check")
    )


def _referenced_by_itself(key: Constraint, column: str, facts: Facts) -> bool:
    """Whether another foreign key checks the column where this one does not."""
    others = facts.constraints_of(key.table_key, "foreign-key")
    return any(other.name != key.name and other.columns == (column,) for other in others)


def _null_share(table: Table, name: str) -> float | None:
    column = table.column(name)
    return None if column is None or column.statistics is None else column.statistics.null_fraction


def _operation(key: Constraint, table: Table, optional: Sequence[str]) -> AddCheck | ChangeApplication:
    if len(optional) == 1:
        return ChangeApplication(
            topic="optional-reference", subject=key.path,
            instruction=f"Decide whether {table.column_path(optional[0])} may be null. If so, reference the others on "
            "their own; if not, forbid it.",
        )  # fmt: skip
    names = ", ".join(identifier(name) for name in optional)
    expression = f"num_nulls({names}) IN (0, {len(optional)})"
    name = constraint_name(key.table, *optional, "all_or_none")
    return AddCheck(schema=key.schema, table=key.table, name=name, expression=expression)
