"""Columns have types that stop a major upgrade in place.

## What
Columns of reg* types other than regclass, regrole and regtype, and of types that later versions removed or changed.

## Why it matters
pg_upgrade refuses a database with such columns: the upgrade stops in the middle of the window.

## When it is fine
The upgrade will be done by logical replication or dump.

## How to fix it
Store the object's name as text (or its oid) instead, and convert where it is used.

## Sources
PostgreSQL manual, pg_upgrade, "Usage": the reg* OID-referencing system data types are not upgradable.
"""

from __future__ import annotations

from collections.abc import Iterator

from auditor.model.check import Check
from auditor.model.facts import Facts, TableColumn
from auditor.model.finding import Evidence, Flaw, Impact
from auditor.model.operation import ChangeColumnType
from auditor.model.units import COLUMNS
from auditor.model.vocabulary import Pillar, Severity
from auditor_checks._words import fitting

CHECK = Check(
    title="Column's type stops a major upgrade in place",
    passed="No column's type stops a major upgrade in place",
    pillar=Pillar.EVOLUTION,
    severity=Severity.MEDIUM,
    unit=COLUMNS,
    needs=("tables", "columns"),
    engines=("postgresql",),
)
REFUSED = frozenset(
    {"regcollation", "regconfig", "regdictionary", "regnamespace", "regoper", "regoperator", "regproc", "regprocedure"}
)


def judge(item: TableColumn, facts: Facts) -> Iterator[Flaw]:
    """Compare the column's type, or what its domain or array is made of, with the refused ones."""
    kind = item.column.base_type or item.column.type
    old_acl = kind.removesuffix("[]") == "aclitem" and facts.version < 160000
    if kind.removesuffix("[]") not in REFUSED and not old_acl:
        return
    yield Flaw(
        title=fitting(f"Type {item.column.type} of {item.column.name} stops a major upgrade in place"),
        evidence=(Evidence(name="type", value=item.column.type, probe="columns"),),
        impact=Impact(risk="the upgrade stops in the middle of its window"),
        explanation=f"pg_upgrade refuses a database with a column of type {kind}.",
        recommendation="Store the name as text instead, and convert where it is used.",
        operations=(
            ChangeColumnType(
                schema=item.table.schema, table=item.table.name, column=item.column.name, from_type=item.column.type,
                to_type="text", using="{column}::text",
            ),
        ),
    )  # fmt: skip
