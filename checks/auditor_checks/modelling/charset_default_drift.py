"""Tables of one database are made with several collations.

## What
Databases in which some tables have another default collation than most. One finding for each database. Collations of
bytes (`_bin`) and of ASCII are left out: somebody chose them.

## Why it matters
What was made before and after a change of the server's default does not match: a comparison of columns from both
sides fails for an illegal mix of collations, or converts one side and loses its index. New tables go on with
whichever default holds at that moment.

## When it is fine
The texts of these tables are in another language and are never compared with the others.

## How to fix it
Set the default of the database first, which touches no data; then convert the tables that differ, joined ones together.

## Sources
MySQL manual, "Collation Coercibility in Expressions", "Database Character Set and Collation"; MariaDB documentation,
"Setting Character Sets and Collations".
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from auditor.model.catalog import Schema
from auditor.model.check import Check
from auditor.model.facts import Facts
from auditor.model.finding import Evidence, Flaw, Subject
from auditor.model.operation import ChangeApplication
from auditor.model.units import SCHEMAS
from auditor.model.vocabulary import Pillar, Severity
from auditor_checks._words import counted, fitting

CHECK = Check(
    title="Tables of one database are made with several collations",
    passed="The tables of a database are made with one collation",
    pillar=Pillar.MODELLING,
    severity=Severity.LOW,
    unit=SCHEMAS,
    needs=("schemas", "tables", "columns"),
    engines=("mysql", "mariadb"),
)
SHOWN = 6


def judge(schema: Schema, facts: Facts) -> Iterator[Flaw]:
    """Count the tables with texts by their default collation."""
    own = [
        (table, table.collation) for table in facts.tables_in(schema.name) if any(c.collation for c in table.columns)
    ]
    tables = [
        (table, name) for table, name in own if name and not name.endswith("_bin") and not name.startswith("ascii")
    ]
    counts = Counter(name for _, name in tables)
    if len(counts) < 2:
        return
    usual = max(counts, key=lambda name: (counts[name], name))
    odd = [table.path for table, name in tables if name != usual]
    listed = ", ".join(
        f"{name} ({number:,})" for name, number in sorted(counts.items(), key=lambda one: (-one[1], one[0]))
    )
    yield Flaw(
        title=fitting(f"{counted(len(odd), 'table')} of {schema.name} differ from the others in collation"),
        related=tuple(Subject(kind="table", name=path) for path in odd[:SHOWN]),
        evidence=(
            Evidence(name="tables by default collation", value=listed, probe="tables"),
            Evidence(name="tables that differ", value=len(odd), unit="tables", probe="tables"),
        ),
        explanation=f"Most tables of {schema.name} are collated by {usual}; {counted(len(odd), 'table')} by others: "
        f"{', '.join(odd[:3])}{' …' if len(odd) > 3 else ''}.",
        recommendation=f"Make {usual}, or what shall follow it, the default of the database, and convert the others.",
        operations=(
            ChangeApplication(
                topic="collation", subject=schema.name,
                instruction=f"Give the tables of {schema.name} one collation, joined ones at the same time.",
            ),
        ),
    )  # fmt: skip
