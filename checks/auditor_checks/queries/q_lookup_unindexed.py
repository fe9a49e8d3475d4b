"""A $lookup searches a collection by a field without an index.

## What
Pipelines with $lookup or $graphLookup into a collection of some size, none of whose indexes begins with the field that
is looked up.

## Why it matters
The other collection is read as a whole once for each document that the pipeline has at that stage, or at best once for
each call to build a table in memory: the price is the product of the two.

## When it is fine
The other collection stays small.

## How to fix it
Index the field that is looked up. Where the same two are always read together, keep what is needed in one document.

## Sources
MongoDB manual, "$lookup", Performance Considerations.
"""

from __future__ import annotations

from collections.abc import Iterator

from auditor.model.catalog import Table
from auditor.model.check import Check
from auditor.model.facts import Facts
from auditor.model.finding import Evidence, Flaw, Impact
from auditor.model.operation import AddIndex
from auditor.model.units import STATEMENTS, column_called, table_subject
from auditor.model.vocabulary import Confidence, Pillar, Severity
from auditor.model.workload import Statement
from auditor_checks._words import fitting
from auditor_checks.queries._plans import read
from auditor_checks.queries._statements import PROBE, common_evidence, is_application, share

CHECK = Check(
    title="A join searches a collection without an index",
    passed="Joins find their documents by an index",
    pillar=Pillar.QUERIES,
    severity=Severity.HIGH,
    confidence=Confidence.LIKELY,
    unit=STATEMENTS,
    needs=("profile", "indexes", "collection-sizes"),
    engines=("mongodb",),
)


def judge(
    statement: Statement, facts: Facts, *,
    min_calls: float = 3, min_rows: float = 1_000, medium_share: float = 0.01, high_share: float = 0.1,
) -> Iterator[Flaw]:  # fmt: skip
    """Report each collection that is looked up by a field that leads no index."""
    if statement.parsed is None or statement.calls < min_calls or not is_application(statement):
        return
    for use in statement.parsed.uses:
        table = facts.table((use.schema or statement.database or "", use.name))
        if table is None or not use.joined or facts.rows(table) < min_rows or _served(table, use.joined[0], facts):
            continue
        part = share(statement, facts)
        yield _flaw(statement, table, use.joined[0], facts, high=part >= high_share, low=part < medium_share)


def _served(table: Table, field: str, facts: Facts) -> bool:
    """Whether an index of all documents finds those that have a value in the field."""
    return any(
        index.usable
        and index.predicate is None
        and index.method in ("btree", "hashed")
        and index.columns[:1] == (field,)
        for index in facts.indexes_of(table.key)
    )


def _flaw(statement: Statement, table: Table, field: str, facts: Facts, *, high: bool, low: bool) -> Flaw:
    rows = facts.rows(table)
    return Flaw(
        title=fitting(f"{table.name} is joined by {field} without an index"),
        severity=Severity.HIGH if high else Severity.LOW if low else Severity.MEDIUM,
        related=(table_subject(table), column_called(table, field)),
        evidence=(
            *common_evidence(statement, facts),
            Evidence(name="documents of the joined collection", value=round(rows), unit="documents",
                     probe="collection-sizes"),
            Evidence(name="documents read by a call", value=round(read(statement)), unit="documents", probe=PROBE),
        ),
        impact=Impact(milliseconds=round(statement.total_ms, 1), risk="the price is the product of two collections"),
        explanation=(
            f"{statement.calls:,} calls looked into {table.path} ({rows:,.0f} documents) by {field}, which leads no "
            f"index, and read {read(statement):,.0f} documents each."
        ),
        recommendation=f"Build an index on {field} without blocking writes.",
        operations=(AddIndex(schema=table.schema, table=table.name, columns=(field,)),),
        discriminator=f"{table.path}.{field}",
    )  # fmt: skip
