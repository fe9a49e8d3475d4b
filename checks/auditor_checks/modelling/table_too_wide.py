"""A table has so many columns that it stands for several things.

## What
Tables with many columns, graded by their number and by how much is written to them. Of collections the fields at the
top of documents are counted, from two hundred on.

## Why it matters
Every update writes a whole row, every read of a few columns drags the others through the cache, many columns are
empty for most rows, and every change of the schema locks everybody.

## When it is fine
Reporting tables that are loaded and read as a whole: tables that are hardly updated are graded low.

## How to fix it
Split by what is written together: a core table, and companions for groups of columns with a life of their own.

## Sources
PostgreSQL manual, "Limits"; C. J. Date, "An Introduction to Database Systems", on decomposition.
"""

from __future__ import annotations

from collections.abc import Iterator

from auditor.model.catalog import Table
from auditor.model.check import Check
from auditor.model.facts import Facts
from auditor.model.finding import Evidence, Flaw
from auditor.model.operation import ChangeApplication
from auditor.model.units import TABLES
from auditor.model.vocabulary import Confidence, Pillar, Severity
from auditor_checks._hidden import values_probe
from auditor_checks._words import fitting

CHECK = Check(
    title="Table has too many columns",
    passed="No table has too many columns",
    pillar=Pillar.MODELLING,
    severity=Severity.MEDIUM,
    confidence=Confidence.LIKELY,
    unit=TABLES,
    needs=("tables|collections", "columns|fields"),
)


def judge(
    table: Table, facts: Facts, *, columns: float = 50, many: float = 100, updates: float = 1000, fields: float = 200
) -> Iterator[Flaw]:
    """Count the columns; of documents the fields at the top, which are in one document or another."""
    documents = table.kind == "collection"
    count = sum("." not in column.name for column in table.columns) if documents else len(table.columns)
    if count < (fields if documents else columns):
        return
    word = facts.capabilities.terms.column
    usage = facts.told_usages(table)
    updated = sum(part.updated for part in usage) if usage else None
    known = any(column.statistics is not None for column in table.columns)
    empty = sum(1 for c in table.columns if c.statistics is not None and c.statistics.null_fraction >= 0.9)
    yield Flaw(
        title=fitting(f"{table.name} has {count} {word}s"),
        severity=Severity.MEDIUM if (updated or 0) >= updates or count >= many or empty >= count / 4 else Severity.LOW,
        evidence=(
            Evidence(name="columns", value=count, unit="columns", probe="columns|fields"),
            Evidence(
                name="columns that are nearly always null",
                value=empty if known else None,
                unit="columns",
                probe=values_probe(facts),
            ),
            Evidence(name="rows updated", value=updated, unit="rows", probe="table-usage|collection-sizes"),
            Evidence(name="rows", value=round(facts.rows(table)), unit="rows", probe="tables|collection-sizes"),
        ),
        explanation=f"{table.path} has {count} {word}s"
        + (f", {empty} of which are null in nine rows of ten." if known else "."),
        recommendation="Keep optional attributes as an array of pairs (k, v) with one index over both."
        if documents
        else "Split it by what is written together, with a view under the old name for the transition.",
        operations=(
            ChangeApplication(
                topic="wide-table",
                subject=table.path,
                instruction="Write optional attributes as an array of pairs (k, v) beside the fields, move old "
                "documents in batches, then the readers."
                if documents
                else "Split the table by what is written together, with a view under the old name meanwhile.",
            ),
        ),
    )
