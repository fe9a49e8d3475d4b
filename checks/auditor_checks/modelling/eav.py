"""A table stores attributes as rows: entity, attribute, value.

## What
Tables of few columns that hold a reference to an entity, the name of an attribute, and its value as text, with
several rows for each entity.

## Why it matters
No type, no constraint and no foreign key can be declared for an attribute. Reading one entity takes many rows, and
filtering by two attributes takes a self-join for each.

## When it is fine
Attributes that users invent, few of them, rarely filtered by; settings tables with a row per setting (which have no
entity).

## How to fix it
Give the known attributes columns of their own, and keep the rest in one column of JSON.

## Sources
B. Karwin, "SQL Antipatterns", Entity-Attribute-Value.
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
from auditor_checks._hidden import values_probe
from auditor_checks._names import words

CHECK = Check(
    title="Table stores attributes as rows",
    passed="No table stores attributes as rows",
    pillar=Pillar.MODELLING,
    severity=Severity.MEDIUM,
    confidence=Confidence.LIKELY,
    unit=TABLES,
    needs=("tables", "columns", "constraints"),
)
ATTRIBUTE = frozenset(("attribute attr attributes key name field property prop meta parameter param option").split())
BESIDE = frozenset(("id code custom setting config spec feature user").split())
VALUE = frozenset({"value", "val"})


def judge(table: Table, facts: Facts, *, columns: float = 9, sure_rows: float = 1000) -> Iterator[Flaw]:
    """Look for the three roles among the columns of a narrow table."""
    if len(table.columns) > columns:
        return
    fk_columns = {name for key in facts.constraints_of(table.key, "foreign-key") for name in key.columns}
    values = [
        c
        for c in table.columns
        if VALUE & set(words(c.name)) and c.family in ("text", "char", "json", "jsonb") and c.name not in fk_columns
    ]
    attributes = [
        c
        for c in table.columns
        if c not in values
        and ATTRIBUTE & set(words(c.name))
        and set(words(c.name)) <= ATTRIBUTE | BESIDE
        and (c.family in ("text", "char", "enum") or c.name in fk_columns or words(c.name)[-1] == "id")
    ]
    named = {column.name for column in (*values, *attributes)}
    entities = [
        c
        for c in table.columns
        if c.name not in named
        and words(c.name)[-1:] == ("id",)
        and len(words(c.name)) > 1
        and c.family in ("integer", "uuid", "text", "decimal")
    ]
    if not (values and attributes and entities):
        return
    own_table = set(words(table.name))
    said = bool(own_table & (ATTRIBUTE | {"eav", "properties", "metadata", "fields", "values"}) - {"name", "key"})
    rows, distinct = facts.rows(table), _distinct(table, entities[0].name, facts)
    per_entity = rows / distinct if distinct else None
    # A unique pair of entity and attribute is the mark of the pattern; without it, or the name, or many rows for each
    # entity, this is just a table with a name and a value.
    keyed = any(
        {entities[0].name, attributes[0].name} <= set(c.columns)
        for kind in ("primary-key", "unique")
        for c in facts.constraints_of(table.key, kind)
    )
    if not (said or keyed or (per_entity is not None and per_entity >= 3)):
        return
    yield Flaw(
        confidence=Confidence.LIKELY if rows >= sure_rows or keyed else Confidence.POSSIBLE,
        severity=Severity.MEDIUM if rows >= sure_rows else Severity.LOW,
        related=tuple(
            Subject(kind="column", name=table.column_path(c.name)) for c in (entities[0], attributes[0], values[0])
        ),
        evidence=(
            Evidence(name="entity", value=entities[0].name, probe="columns"),
            Evidence(name="attribute", value=attributes[0].name, probe="columns"),
            Evidence(name="value", value=f"{values[0].name} {values[0].type}", probe="columns"),
            Evidence(name="rows", value=round(rows), unit="rows", probe="tables"),
            Evidence(
                name="rows for each entity",
                value=None if per_entity is None else round(per_entity, 1),
                unit="rows",
                probe=values_probe(facts),
            ),
        ),
        explanation=(
            f"{table.path} keeps each attribute of {entities[0].name} as a row: {attributes[0].name} names it, "
            f"{values[0].name} holds it as {values[0].type}."
        ),
        recommendation="Give the known attributes columns, and keep the rest in one JSON column beside them.",
        operations=(
            ChangeApplication(
                topic="entity-attribute-value",
                subject=table.path,
                instruction="Give the known attributes columns of their own; keep the rest in one JSON column.",
            ),
        ),
    )


def _distinct(table: Table, name: str, facts: Facts) -> float | None:
    column = table.column(name)
    statistics = column.statistics if column is not None else None
    if statistics is None:
        return None
    if statistics.distinct_ratio is not None:
        return statistics.distinct_ratio * facts.rows(table)
    return statistics.distinct
