"""A foreign key does not carry the tenant.

## What
Where most tables have a column of the tenant (tenant_id or the like) that refers to one table of tenants: foreign keys
between two of these tables that leave the tenant out. Tables that refer to nothing do not count where the name can mean
tenants only (tenant, organization, workspace). One finding for the database.

## Why it matters
Nothing keeps a row of one tenant from referring to a row of another: one wrong id in a program shows or deletes another
customer's data.

PostgreSQL: Row-level security does not help: the server checks foreign keys without it.

## When it is fine
Rows are shared between tenants on purpose.

## How to fix it
Make the key that is referred to unique together with the tenant, and let the foreign key hold both columns.

PostgreSQL: Build the unique index concurrently, add the new foreign key without validating, validate it, drop the old
one.

## Sources
PostgreSQL manual, "Row Security Policies": referential integrity checks always bypass row security; "Foreign Keys".
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from auditor.model.catalog import Key
from auditor.model.check import Check
from auditor.model.facts import Facts
from auditor.model.finding import Evidence, Flaw, Impact, Subject
from auditor.model.operation import ChangeApplication
from auditor.model.units import DATABASE
from auditor.model.vocabulary import Confidence, Pillar, Severity
from auditor_checks._names import words
from auditor_checks._words import counted, fitting

CHECK = Check(
    title="Foreign keys do not carry the tenant",
    passed="Foreign keys carry the tenant, or there are no tenants",
    pillar=Pillar.INTEGRITY,
    severity=Severity.MEDIUM,
    confidence=Confidence.LIKELY,
    unit=DATABASE,
    needs=("tables", "columns", "constraints"),
    engines=("postgresql", "mysql", "mariadb"),
)
SURE = {"tenant", "organization", "organisation", "org", "workspace"}
TENANTS = SURE | {"company", "account"}
SHOWN = 8


def judge(_database: Facts, facts: Facts, *, share: float = 0.6, tables: float = 5) -> Iterator[Flaw]:
    """Look for a tenant's column that most tables have, and for references between them without it."""
    found = _tenant_column(facts, share, tables)
    if found is None:
        return
    column, home, carriers = found
    gaps = [
        key
        for key in facts.foreign_keys
        if key.table_key in carriers and key.referenced_key in carriers and column not in key.columns
    ]
    if not gaps:
        return
    yield Flaw(
        title=fitting(f"{counted(len(gaps), 'foreign key')} between tenants' tables leave {column} out"),
        related=tuple(Subject(kind="constraint", name=key.path) for key in gaps[:SHOWN]),
        evidence=(
            Evidence(name="column of the tenant", value=column, probe="columns"),
            Evidence(name="table of tenants", value=".".join(home), probe="constraints"),
            Evidence(name="tables that have it", value=len(carriers), unit="tables", probe="columns"),
            Evidence(name="tables", value=len(facts.tables), unit="tables", probe="tables"),
            Evidence(name="foreign keys without it", value=len(gaps), unit="foreign keys", probe="constraints"),
        ),
        impact=Impact(risk="a row of one tenant may refer to another tenant's row"),
        explanation=(
            f"{len(carriers)} tables belong to a tenant by {column}; {counted(len(gaps), 'foreign key')} between them "
            "would accept a row of another tenant."
        ),
        recommendation=f"Let the keys and the references between these tables hold {column} as well.",
        operations=(
            ChangeApplication(
                topic="tenant-keys",
                subject=column,
                instruction=f"Add {column} to the foreign keys between tables of one tenant, table by table.",
            ),
        ),
    )


def _tenant_column(facts: Facts, share: float, tables: float) -> tuple[str, Key, frozenset[Key]] | None:
    """The column by which most tables refer to one table, that table, and the tables that always have it."""
    carriers: dict[tuple[str, Key], set[Key]] = defaultdict(set)
    for key in facts.foreign_keys:
        table = facts.table(key.table_key)
        column = table.column(key.columns[0]) if table is not None and len(key.columns) == 1 else None
        if column is None or column.nullable or key.referenced_key in (None, key.table_key):
            continue
        if len(words(column.name)) == 2 and words(column.name)[0] in TENANTS and key.referenced_key is not None:
            carriers[column.name, key.referenced_key].add(key.table_key)
    referring = len({key.table_key for key in facts.foreign_keys})
    for (name, home), found in sorted(carriers.items(), key=lambda item: -len(item[1])):
        of = referring if words(name)[0] in SURE else len(facts.tables)
        if len(found) >= max(tables, share * of):
            return name, home, frozenset(found)
    return None
