"""A foreign key compares texts by two collations.

## What
Foreign keys whose text column has another collation than the column that it refers to.

## Why it matters
Where both columns name a collation of their own, every join over the key fails: the server cannot tell by which to
compare. Where one has the database's, a join works, but an index of that side cannot serve it.

## When it is fine
The key is only there for integrity, and nobody joins over it.

## How to fix it
Give the referring column the collation of the key; the index on it has to be built anew, so that a large table needs a
second column.

## Sources
PostgreSQL manual, "Collation Support": how the collation of an expression is derived, and when that fails.
"""

from __future__ import annotations

from collections.abc import Iterator

from auditor.model.catalog import Constraint
from auditor.model.check import Check
from auditor.model.facts import Facts
from auditor.model.finding import Evidence, Flaw, Subject
from auditor.model.operation import ChangeApplication
from auditor.model.vocabulary import Pillar, Severity
from auditor_checks._references import REFERENCES
from auditor_checks._words import fitting

CHECK = Check(
    title="Foreign key compares texts by two collations",
    passed="Foreign keys compare texts by one collation",
    pillar=Pillar.INTEGRITY,
    severity=Severity.LOW,
    unit=REFERENCES,
    needs=("tables", "columns", "constraints"),
    engines=("postgresql",),
)
TEXT = ("text", "char")


def judge(key: Constraint, facts: Facts) -> Iterator[Flaw]:
    """Compare the collations of the columns, one pair after the other."""
    child, parent = facts.table(key.table_key), facts.table(key.referenced_key)
    if child is None or parent is None:
        return
    for name, referenced in zip(key.columns, key.referenced_columns, strict=True):
        column, other = child.column(name), parent.column(referenced)
        if column is None or other is None or column.family not in TEXT or other.family not in TEXT:
            continue
        if column.collation == other.collation:
            continue
        fails = column.collation is not None and other.collation is not None and "default" not in (
            column.collation, other.collation
        )  # fmt: skip
        mine, theirs = column.collation or "the database's", other.collation or "the database's"
        yield Flaw(
            title=fitting(f"{child.column_path(name)} is collated by {mine}, its key by {theirs}"),
            severity=Severity.MEDIUM if fails else Severity.LOW,
            related=(
                Subject(kind="column", name=child.column_path(name)),
                Subject(kind="column", name=parent.column_path(referenced)),
            ),
            evidence=(
                Evidence(name=f"collation of {name}", value=mine, probe="columns"),
                Evidence(name=f"collation of {parent.name}.{referenced}", value=theirs, probe="columns"),
            ),
            explanation=(
                "A join over this key fails: the server cannot tell by which collation to compare."
                if fails
                else "A join over this key cannot use the index of the side that has the database's collation."
            ),
            recommendation=f"Give {name} the collation of the column that it refers to.",
            operations=(
                ChangeApplication(
                    topic="collation",
                    subject=child.column_path(name),
                    instruction=f"Give {child.column_path(name)} the collation of {parent.column_path(referenced)}.",
                ),
            ),
            discriminator=name,
        )
