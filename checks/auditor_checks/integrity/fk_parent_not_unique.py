"""A foreign key refers to what is not unique.

## What
Foreign keys whose referenced columns are not those of a primary key or unique index of the referenced table.

## Why it matters
A row then belongs to several parents at once: joins return it several times, and ON DELETE CASCADE removes it with
the first of them. No other engine takes such a key, and MySQL refuses it by default from version 8.4 on: dumps with
it can be loaded only with that guard switched off, and replication to a newer server stops there.

## When it is fine
Never by design. The referenced column usually is unique, and only nobody has said so.

## How to fix it
Look for duplicates in the referenced columns, then declare them unique; writes go on while the index is built. Where
they are not unique, the reference needs another key.

## Sources
MySQL manual, "FOREIGN KEY Constraints" and "Server System Variables": restrict_fk_on_non_standard_key; MariaDB
documentation, "Foreign Keys".
"""

from __future__ import annotations

from collections.abc import Iterator

from auditor.model.catalog import Constraint, Index
from auditor.model.check import Check
from auditor.model.facts import Facts
from auditor.model.finding import Evidence, Flaw, Impact, Subject
from auditor.model.operation import AddUnique
from auditor.model.vocabulary import Pillar, Severity
from auditor_checks._references import REFERENCES
from auditor_checks._settings import PRODUCTS
from auditor_checks._words import fitting

CHECK = Check(
    title="Foreign key refers to what is not unique",
    passed="Foreign keys refer to unique keys",
    pillar=Pillar.INTEGRITY,
    severity=Severity.MEDIUM,
    unit=REFERENCES,
    needs=("tables", "indexes", "constraints"),
    engines=PRODUCTS,
)


def judge(key: Constraint, facts: Facts) -> Iterator[Flaw]:
    """Look for a unique index over exactly the referenced columns."""
    parent = facts.table(key.referenced_key)
    if parent is None or any(_keeps_unique(index, key) for index in facts.indexes_of(parent.key)):
        return
    named = ", ".join(key.referenced_columns)
    yield Flaw(
        title=fitting(f"{key.name} refers to {parent.name}.{named}, which is not unique"),
        related=(
            Subject(kind="table", name=parent.path),
            *(Subject(kind="column", name=parent.column_path(name)) for name in key.referenced_columns),
        ),
        evidence=(
            Evidence(name="referenced columns", value=named, probe="constraints"),
            Evidence(name="rows that refer", value=round(facts.rows(facts.table(key.table_key))), unit="rows",
                     probe="tables"),
            Evidence(name="rows there", value=round(facts.rows(parent)), unit="rows", probe="tables"),
        ),
        impact=Impact(risk="rows that belong to several others, and an upgrade that refuses the key"),
        explanation=f"{key.path} refers to {named} of {parent.path}, of which no unique index says that it is unique.",
        recommendation=f"Look for duplicates of {named} in {parent.path}, and declare it unique.",
        operations=(AddUnique(schema=parent.schema, table=parent.name, columns=key.referenced_columns),),
    )  # fmt: skip


def _keeps_unique(index: Index, key: Constraint) -> bool:
    """Whether the index is unique over these columns, whatever their order, and over all of each."""
    whole = all(part.column is not None and part.length is None for part in index.parts)
    return index.unique and whole and set(index.columns) == set(key.referenced_columns)
