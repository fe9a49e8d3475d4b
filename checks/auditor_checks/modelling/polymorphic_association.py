"""A reference points to one of several tables, as a type and an id.

## What
Pairs of columns x_type and x_id (or x_kind, x_class) without a foreign key on the id.

## Why it matters
No foreign key can be declared: nothing keeps the referenced rows there, orphans gather, and each join has to know
every type.

## When it is fine
Logs and event envelopes that outlive what they speak of: append-only tables with such names are graded as
information.

## How to fix it
One nullable foreign key for each target, with a check that exactly one is set; or one association table for each
target.

## Sources
B. Karwin, "SQL Antipatterns", Polymorphic Associations; Rails guide, "Polymorphic Associations", for the naming.
"""

from __future__ import annotations

from collections.abc import Iterator

from auditor.model.catalog import Column, Table
from auditor.model.check import Check
from auditor.model.facts import Facts
from auditor.model.finding import Evidence, Flaw, Subject
from auditor.model.operation import ChangeApplication
from auditor.model.units import TABLES
from auditor.model.vocabulary import Confidence, Pillar, Severity
from auditor_checks._hidden import values_probe
from auditor_checks._names import words
from auditor_checks._words import fitting

CHECK = Check(
    title="Reference points to one of several tables",
    passed="Every reference points to one table",
    pillar=Pillar.MODELLING,
    severity=Severity.MEDIUM,
    confidence=Confidence.LIKELY,
    unit=TABLES,
    needs=("tables", "columns", "constraints"),
)
TYPE = ("type", "kind", "class", "model")
LOGS = frozenset(("log logs audit audits event events history activity activities version versions outbox").split())


def judge(table: Table, facts: Facts, *, most_types: float = 200) -> Iterator[Flaw]:
    """Look for type columns with an id column of the same stem that no foreign key uses."""
    fk_columns = {name for key in facts.constraints_of(table.key, "foreign-key") for name in key.columns}
    by_words = {words(column.name): column for column in table.columns}
    for column in table.columns:
        said = words(column.name)
        identifier = by_words.get((*said[:-1], "id")) if len(said) > 1 and said[-1] in TYPE else None
        if identifier is None or not _is_pair(column, identifier) or {identifier.name, column.name} & fk_columns:
            continue
        statistics = column.statistics
        if statistics is not None and statistics.distinct is not None and statistics.distinct > most_types:
            continue
        log = bool(LOGS & set(words(table.name)))
        yield Flaw(
            title=fitting(f"{column.name} and {identifier.name} refer to one of several tables"),
            severity=Severity.INFO if log else Severity.MEDIUM,
            related=tuple(Subject(kind="column", name=table.column_path(c.name)) for c in (column, identifier)),
            evidence=(
                Evidence(name="type column", value=f"{column.name} {column.type}", probe="columns"),
                Evidence(name="id column", value=f"{identifier.name} {identifier.type}", probe="columns"),
                Evidence(
                    name="distinct types",
                    value=statistics.distinct if statistics else None,
                    unit="values",
                    probe=values_probe(facts),
                ),
                Evidence(name="rows", value=round(facts.rows(table)), unit="rows", probe="tables"),
            ),
            explanation=f"Nothing keeps the rows that {table.path} refers to by {column.name} and {identifier.name}.",
            recommendation="Use one nullable foreign key for each target, with a check that exactly one is set.",
            operations=()
            if log
            else (
                ChangeApplication(
                    topic="polymorphic-association",
                    subject=table.path,
                    instruction=f"Replace {column.name} and {identifier.name} by one foreign key for each target.",
                ),
            ),
            discriminator=column.name,
        )


def _is_pair(kind: Column, identifier: Column) -> bool:
    textual = kind.family in ("text", "char", "enum") or (
        kind.family == "integer" and words(kind.name)[:1] == ("content",)
    )
    return textual and identifier.family in ("integer", "uuid", "text", "decimal", "char")
