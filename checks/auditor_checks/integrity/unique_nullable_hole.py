"""A unique key over several columns does not hold for rows where one of them is null.

## What
Unique indexes over several columns of which some are mandatory and some may be null, where nulls count as different.
The finding is graded by what may be null: the mark of a soft deletion or a scope (a reference, a parent, a tenant)
leaves a hole in the key; anything else may be optional by design and is only noted, and not at all if the index has a
condition. Left out: indexes whose condition leaves the nulls out, those that a second unique index completes for the
rows with nulls, keys that hold another key in their mandatory columns, and keys that stand beside another one with
the same mandatory columns for another kind of row. A key of one optional column is not reported: any number of rows
may lack it.

## Why it matters
Two nulls are never equal, so two rows that agree in everything else and lack the optional part are both stored. A key
over (tenant, parent, name) lets the same name stand twice at the top level, where the parent is null.

## When it is fine
The rule is meant only for rows that have the optional part. Then say so in the index, with a condition.

## How to fix it
PostgreSQL: Remove the duplicates, then build a unique index that counts nulls as equal (version 15 and later), or one
over the other columns for the rows with nulls.

MySQL, MariaDB: Remove the duplicates, then forbid nulls and let a value stand for the missing one; or put a unique key
over a generated column that is never null.

## Sources
PostgreSQL manual, "Unique Constraints" (5.5.3): two null values are not considered equal; CREATE INDEX, NULLS NOT
DISTINCT.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from auditor.model.catalog import Index, Table
from auditor.model.check import Check
from auditor.model.facts import Facts
from auditor.model.finding import Evidence, Flaw, Impact, Subject
from auditor.model.operation import AddUnique, ChangeApplication
from auditor.model.units import Unit
from auditor.model.vocabulary import Confidence, Pillar, Severity
from auditor_checks._hidden import values_probe
from auditor_checks._names import words
from auditor_checks._soft_delete import live_condition, marks_deletion
from auditor_checks.integrity._keys import column_subjects, holds_key, table_subject
from auditor_checks.integrity._sql import identifier

CHECK = Check(
    title="Unique key does not hold where a column is null",
    passed="Unique keys of several columns hold for every row",
    pillar=Pillar.INTEGRITY,
    severity=Severity.MEDIUM,
    unit=Unit(
        plural="unique keys of several columns",
        items=lambda facts: [
            i for i in facts.indexes if i.unique and i.usable and not i.primary and len(i.columns) > 1
        ],
        subject=lambda index: Subject(kind="index", name=index.path),
        weight=lambda facts, index: facts.exposure(facts.table(index.table_key)),
    ),
    needs=("tables", "columns", "indexes"),
    engines=("postgresql", "mysql", "mariadb"),
)

_EQUAL_NULLS_SINCE = 150000
_SCOPES = {
    "parent", "tenant", "organization", "organisation", "org", "account", "company", "workspace", "team", "project",
    "locale", "language", "region", "country", "site",
}  # fmt: skip
"""Words of columns within which a name is unique."""


def judge(index: Index, facts: Facts) -> Iterator[Flaw]:
    """Report an index with optional columns that nothing completes."""
    table = facts.table(index.table_key)
    if table is None or index.nulls_not_distinct:
        return
    optional = [
        name for name in index.columns
        if (column := table.column(name)) is not None and column.nullable and not _excluded(index, name)
    ]  # fmt: skip
    mandatory = [name for name in index.columns if name not in optional]
    if holds_key(mandatory, index, table, facts):
        return
    others = [i for i in facts.indexes_of(index.table_key) if i.unique and i.usable and i.key != index.key]
    if not optional or not mandatory or _completed(optional, others) or _alternative(index, mandatory, others):
        return
    shares = [c.statistics.null_fraction for n in optional if (c := table.column(n)) is not None and c.statistics]
    nulls = max(shares, default=None)
    deletion = next((c for n in optional if (c := table.column(n)) is not None and marks_deletion(c)), None)
    scope = any(_is_scope(name, table, facts) for name in optional)
    if deletion is None and not scope and index.predicate is not None:
        return
    leak = Severity.MEDIUM if nulls or deletion is not None else Severity.LOW
    yield Flaw(
        severity=leak if scope or deletion is not None else Severity.INFO,
        confidence=Confidence.CERTAIN if scope or deletion is not None else Confidence.POSSIBLE,
        related=(table_subject(table), *column_subjects(table, index.columns)),
        evidence=(
            Evidence(name="columns that may be null", value=", ".join(optional), probe="columns"),
            Evidence(name="largest share of nulls among them", value=nulls, probe=values_probe(facts)),
            Evidence(name="rows", value=round(facts.rows(table)), unit="rows", probe="tables"),
        ),
        impact=Impact(
            rows=round(facts.rows(table) * nulls) if nulls else None, risk="duplicates that a key should refuse"
        ),
        explanation=f"{index.name} keeps ({', '.join(index.columns)}) of {table.path} unique, except where "
        f"{' or '.join(optional)} is null: two such rows with the same {', '.join(mandatory)} are both stored."
        + (f" {deletion.name} is null in every live row, so the key holds for none of them." if deletion else ""),
        recommendation="Give the optional columns a value that stands for none, or build the key over a generated "
        "column that has one."
        if not facts.capabilities.partial_indexes
        else f"Make ({', '.join(mandatory)}) unique among the rows that are not deleted."
        if deletion is not None
        else "Count nulls as equal in the key, or give it a condition if rows with nulls may repeat.",
        operations=_operations(index, table, optional, mandatory, facts)
        if facts.capabilities.partial_indexes
        else _closing(index, table, optional),
    )


def _excluded(index: Index, name: str) -> bool:
    """Whether the condition of a partial index leaves out the rows where the column is null."""
    return re.search(rf"(?:^|[(\s]){_spelled(name)} IS NOT NULL", index.predicate or "") is not None


def _is_scope(name: str, table: Table, facts: Facts) -> bool:
    """Whether a column says within what the rest of the key is unique."""
    return not _SCOPES.isdisjoint(words(name)) or any(
        name in key.columns for key in facts.constraints_of(table.key, "foreign-key")
    )


def _alternative(index: Index, mandatory: Sequence[str], others: Sequence[Index]) -> bool:
    """Whether another key serves another kind of row: the same mandatory columns with other optional ones."""
    extra = set(index.columns) - set(mandatory)
    return any(
        set(mandatory) <= set(other.columns) and set(other.columns) - set(mandatory) and not extra & set(other.columns)
        for other in others
    )


def _completed(optional: Sequence[str], others: Sequence[Index]) -> bool:
    """Whether other unique indexes of the table look after the rows with nulls, by condition or by expression."""
    return all(
        any(
            re.search(rf"(?:^|[(\s]){_spelled(name)} IS NULL", other.predicate or "")
            or any(re.search(rf"coalesce\(.*{_spelled(name)}", p.expression or "", re.IGNORECASE) for p in other.parts)
            for other in others
        )
        for name in optional
    )


def _spelled(name: str) -> str:
    return rf'(?:"{re.escape(name.replace(chr(34), chr(34) * 2))}"|{re.escape(name)})'


def _closing(index: Index, table: Table, optional: Sequence[str]) -> tuple[ChangeApplication, ...]:
    """What is left where an index can neither leave rows out nor count nulls as equal."""
    return (
        ChangeApplication(
            topic="nullable-key", subject=index.path,
            instruction=f"Store a value that stands for none in {', '.join(map(table.column_path, optional))} and "
            "forbid nulls there, or make a unique key over a generated column that turns null into such a value.",
        ),
    )  # fmt: skip


def _operations(
    index: Index, table: Table, optional: Sequence[str], mandatory: Sequence[str], facts: Facts
) -> tuple[AddUnique, ...]:
    mark = next((c for n in optional if (c := table.column(n)) is not None and marks_deletion(c)), None)
    if mark is not None:
        columns, predicate = tuple(name for name in index.columns if name != mark.name), live_condition(mark)
        return (AddUnique(schema=table.schema, table=table.name, columns=columns, predicate=predicate),)
    if facts.version >= _EQUAL_NULLS_SINCE and index.predicate is None:
        return (
            AddUnique(
                schema=table.schema, table=table.name, columns=index.columns, nulls_not_distinct=True,
                replaces=index.constraint or index.name,
            ),
        )  # fmt: skip
    condition = " AND ".join(f"{identifier(name)} IS NULL" for name in optional)
    predicate = condition if index.predicate is None else f"({index.predicate}) AND {condition}"
    return (AddUnique(schema=table.schema, table=table.name, columns=tuple(mandatory), predicate=predicate),)
