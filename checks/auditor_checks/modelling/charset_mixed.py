"""Text of one database is stored in several character sets or collations.

## What
Tables with texts whose default collation is another than that of most tables of the database. One finding for each
database.

## Why it matters
A comparison of columns in two collations fails ("illegal mix of collations"), or converts one side so that its index is
of no use. New columns take the collation of their table.

## When it is fine
Texts in another language that are never compared with the others. Tables of codes or tokens that are compared by their
bytes (_bin) or are in ASCII are left out, for somebody chose that.

## How to fix it
Decide for one and make it the default of the database, which touches no data; convert the others when a change touches
them, joined ones together.

## Sources
MySQL manual, "Collation Coercibility in Expressions", "Database Character Set and Collation".
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from auditor.model.catalog import Schema, Table
from auditor.model.check import Check
from auditor.model.facts import Facts
from auditor.model.finding import Evidence, Flaw, Impact, Subject, Verdict
from auditor.model.operation import ChangeApplication
from auditor.model.units import SCHEMAS
from auditor.model.vocabulary import Pillar, Severity
from auditor_checks._settings import PRODUCTS
from auditor_checks._words import fitting

CHECK = Check(
    title="Tables of a database have several character sets",
    passed="Tables of a database have one character set",
    pillar=Pillar.MODELLING,
    severity=Severity.LOW,
    unit=SCHEMAS,
    needs=(
        "schemas",
        "tables",
        "columns",
    ),
    engines=PRODUCTS,
)
SHOWN = 10


def judge(schema: Schema, facts: Facts) -> Iterator[Verdict]:
    """Compare the tables' collations with the one that most have."""
    tables = [table for table in facts.tables_in(schema.name) if _compares_texts(table)]
    counts = Counter(table.collation for table in tables)
    if len(counts) < 2:
        return
    usual, _ = max(counts.items(), key=lambda pair: (pair[1], pair[0] or ""))
    others = [table for table in tables if table.collation != usual]
    yield Flaw(
        title=fitting(f"{len(counts)} collations among the tables of {schema.name}"),
        related=tuple(Subject(kind="table", name=table.path) for table in others[:SHOWN]),
        evidence=(
            Evidence(name="collations", value=len(counts), unit="collations", probe="tables"),
            Evidence(name="collation of most tables", value=usual, probe="tables"),
            Evidence(name="tables with another", value=len(others), unit="tables", probe="tables"),
        ),
        impact=Impact(risk="joins that fail or cannot use an index"),
        explanation=f"Most tables of {schema.name} are collated by {usual}; {others[0].path} by {others[0].collation}.",
        recommendation="Decide for one, and convert the others when a change touches them.",
        operations=(
            ChangeApplication(
                topic="collation",
                subject=schema.name,
                instruction=f"Give new tables of {schema.name} one collation, and convert the others by and by.",
            ),
        ),
    )


def _compares_texts(table: Table) -> bool:
    """Whether the table has texts, and was made with a collation that somebody's language decides."""
    name = table.collation or ""
    return (
        bool(name)
        and not name.endswith("_bin")
        and not name.startswith("ascii")
        and any(column.collation for column in table.columns)
    )
