"""Tables of one schema belong to several roles.

## What
Schemas in which nearly all tables belong to one role, and a few to others.

## Why it matters
Only the owner may change a table: the migration that runs as the usual role fails at the few, in the middle of a
deployment. Default privileges do not reach them either, so that their grants are missing. Mostly somebody made them by
hand.

## When it is fine
Modules of one schema are kept apart by their owners on purpose.

## How to fix it
Give them to the role that owns the others (ALTER TABLE … OWNER TO takes its lock for a moment), and look at their
grants.

## Sources
PostgreSQL manual, "Privileges": the right to modify an object is inherent in being its owner; "ALTER DEFAULT
PRIVILEGES".
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator

from auditor.model.catalog import Schema, Table
from auditor.model.check import Check
from auditor.model.facts import Facts
from auditor.model.finding import Evidence, Flaw, Impact, Subject
from auditor.model.operation import ChangeApplication
from auditor.model.units import SCHEMAS
from auditor.model.vocabulary import Pillar, Severity
from auditor_checks._words import counted, fitting

CHECK = Check(
    title="Tables of one schema belong to several roles",
    passed="Tables of a schema belong to one role",
    pillar=Pillar.OPERATIONS,
    severity=Severity.LOW,
    unit=SCHEMAS,
    needs=("schemas", "tables"),
    engines=("postgresql",),
)
SHOWN = 6


def owned_tables(facts: Facts) -> dict[str, list[Table]]:
    """The tables, partitions among them, whose owner is known, by schema."""
    found: dict[str, list[Table]] = defaultdict(list)
    for table in facts.catalog.tables:
        if table.extension is None and table.owner is not None:
            found[table.schema].append(table)
    return found


def judge(schema: Schema, facts: Facts, *, share: float = 0.8, tables: float = 5) -> Iterator[Flaw]:
    """Look for the few that do not belong to the owner of the others; a partition counts like a table."""
    owned = facts.once(owned_tables, lambda: owned_tables(facts)).get(schema.name, ())
    if len(owned) < tables:
        return
    (owner, most), *_ = Counter(table.owner for table in owned).most_common(1)
    others = [table for table in owned if table.owner != owner]
    if not others or most < share * len(owned):
        return
    roles = sorted({table.owner or "" for table in others})
    yield Flaw(
        title=fitting(f"{counted(len(others), 'table')} of schema {schema.name} do not belong to {owner}"),
        related=tuple(Subject(kind="table", name=table.path) for table in others[:SHOWN]),
        evidence=(
            Evidence(name="usual owner", value=owner, probe="tables"),
            Evidence(name="tables that it owns", value=most, unit="tables", probe="tables"),
            Evidence(name="other owners", value=", ".join(roles), probe="tables"),
            Evidence(name="tables that they own", value=len(others), unit="tables", probe="tables"),
        ),
        impact=Impact(risk="a migration that runs as the usual owner fails at them"),
        explanation=f"{owner} owns {most} of {len(owned)} tables; {others[0].path} belongs to {others[0].owner}.",
        recommendation=f"Give them to {owner}, and look at their grants.",
        operations=(
            ChangeApplication(
                topic="table-owners",
                subject=schema.name,
                instruction=f"Give {', '.join(t.path for t in others[:SHOWN])} to {owner}, and grant what is missing.",
            ),
        ),
    )
