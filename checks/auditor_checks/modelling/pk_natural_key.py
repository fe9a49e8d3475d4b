"""A primary key is something that people change.

## What
Primary keys of one column whose name is that of an e-mail address, a telephone number or a login, and to which other
tables refer by foreign keys.

## Why it matters
People change their address and their number. Every change has to be made in all tables that refer to it at once, and
in every system that has noted it; the personal value stands in all of these tables and in their logs.

## When it is fine
The value is handed out once and never changes: a country's code, a number given by the application itself.

## How to fix it
Add a key without meaning, keep the value unique beside it, and move the foreign keys one by one.

## Sources
PostgreSQL manual, "Primary Keys"; Regulation (EU) 2016/679, article 5 (1) c: data minimisation.
"""

from __future__ import annotations

from collections.abc import Iterator

from auditor.model.catalog import Table
from auditor.model.check import Check
from auditor.model.facts import Facts
from auditor.model.finding import Evidence, Flaw, Subject
from auditor.model.operation import ChangeApplication
from auditor.model.units import TABLES
from auditor.model.vocabulary import Confidence, Pillar, Severity
from auditor_checks._names import words
from auditor_checks._words import counted, fitting

CHECK = Check(
    title="Primary key is something that people change",
    passed="Primary keys do not change",
    pillar=Pillar.MODELLING,
    severity=Severity.LOW,
    confidence=Confidence.LIKELY,
    unit=TABLES,
    needs=("tables", "columns", "constraints"),
)
CHANGED = {
    ("email",), ("e", "mail"), ("mail",), ("email", "address"), ("user", "email"), ("phone",), ("phone", "number"),
    ("mobile",), ("telephone",), ("user", "name"), ("username",), ("login",), ("login", "name"), ("ssn",),
}  # fmt: skip


def judge(table: Table, facts: Facts) -> Iterator[Flaw]:
    """Look at the name and type of the key, and at what refers to it."""
    key = facts.primary_key(table.key)
    column = table.column(key.columns[0]) if key is not None and len(key.columns) == 1 else None
    references = [reference for reference in facts.referencing(table.key) if reference.referenced_key == table.key]
    if column is None or column.family not in ("text", "char", "other", "domain") or not references:
        return
    if words(column.name) not in CHANGED:
        return
    followed = all(reference.on_update == "cascade" for reference in references)
    yield Flaw(
        title=fitting(f"{counted(len(references), 'foreign key')} refer to {table.column_path(column.name)}"),
        related=tuple(Subject(kind="constraint", name=reference.path) for reference in references),
        evidence=(
            Evidence(name="primary key", value=column.name, probe="constraints"),
            Evidence(name="type", value=column.type, probe="columns"),
            Evidence(name="foreign keys to it", value=len(references), unit="foreign keys", probe="constraints"),
            Evidence(name="changes are passed on", value=followed, probe="constraints"),
        ),
        explanation=(
            f"When somebody's {column.name} changes, {counted(len(references), 'reference')} to it "
            + ("are rewritten with it." if followed else "stand in the way.")
        ),
        recommendation="Add a key without meaning, and keep this one unique beside it.",
        operations=(
            ChangeApplication(
                topic="natural-key",
                subject=table.path,
                instruction=f"Give {table.path} a surrogate key, keep {column.name} unique, move the foreign keys.",
            ),
        ),
    )
