"""An index is over every field of every document.

## What
Wildcard indexes over $** without a projection, on collections of some size.

## Why it matters
Each value in each document is an entry, those that nobody searches for too; each write pays for all of them. Such an
index serves one field of a query, never an order together with it, and hides which indexes are really needed.

## When it is fine
Attributes that users name themselves, in a collection that is written seldom.

## How to fix it
Restrict it to the part of the document whose fields nobody knows beforehand ("attributes.$**", or wildcardProjection),
and give the known queries indexes of their own.

## Sources
MongoDB manual, "Wildcard Indexes", Considerations: wildcard indexes do not replace workload-based index planning.
"""

from __future__ import annotations

from collections.abc import Iterator

from auditor.model.catalog import Index
from auditor.model.check import Check
from auditor.model.facts import Facts
from auditor.model.finding import Evidence, Flaw, Impact
from auditor.model.operation import ChangeApplication
from auditor.model.units import INDEXES, table_subject
from auditor.model.vocabulary import Confidence, Pillar, Severity
from auditor_checks._words import fitting

CHECK = Check(
    title="An index is over every field of every document",
    passed="No index is over every field of every document",
    pillar=Pillar.INDEXING,
    severity=Severity.LOW,
    confidence=Confidence.LIKELY,
    unit=INDEXES,
    needs=("indexes", "collection-sizes"),
    engines=("mongodb",),
)


def judge(index: Index, facts: Facts, *, min_rows: float = 1_000, medium_bytes: float = 1e9) -> Iterator[Flaw]:
    """Report a wildcard index that leaves nothing out."""
    table = facts.table(index.table_key)
    if index.method != "wildcard" or index.columns != ("$**",) or table is None or facts.rows(table) < min_rows:
        return
    if "wildcardProjection" in (index.definition or ""):
        return
    yield Flaw(
        title=fitting(f"{index.name} is over every field of {table.name}"),
        severity=Severity.MEDIUM if (index.bytes or 0) >= medium_bytes else Severity.LOW,
        related=(table_subject(table),),
        evidence=(
            Evidence(name="documents", value=round(facts.rows(table)), unit="documents", probe="collection-sizes"),
            Evidence(name="size of the index", value=index.bytes, unit="bytes", probe="collection-sizes"),
            Evidence(name="size of the collection's data", value=table.heap_bytes, unit="bytes",
                     probe="collection-sizes"),
            Evidence(name="scans", value=index.scans, unit="scans", probe="index-usage"),
        ),
        impact=Impact(bytes=index.bytes, risk="each write pays for fields that nobody searches for"),
        explanation=f"{index.path} has an entry for each value in each of {facts.rows(table):,.0f} documents.",
        recommendation="Restrict it to the fields that nobody knows beforehand; index the known queries by themselves.",
        operations=(
            ChangeApplication(
                topic="wildcard-index", subject=index.path,
                instruction=f"List which fields of {table.path} are searched; index these, and the open part by $**.",
            ),
        ),
    )  # fmt: skip
