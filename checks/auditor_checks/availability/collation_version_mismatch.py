"""A collation changed under the indexes that were built with it.

## What
Collations whose library version differs from the one recorded when their indexes were built: the database's default
collation or single ones.

## Why it matters
The sort order of text may have changed. An index built under the old order can miss rows that are there, and a unique
index can let duplicates in: wrong results, without an error.

## When it is fine
The provider C or POSIX never changes, and is not reported. An update that did not touch the used characters does no
harm, but nobody can know without looking.

## How to fix it
Rebuild the affected text indexes without blocking, look for duplicates in unique ones, then record the new version.

## Sources
PostgreSQL manual, ALTER COLLATION and ALTER DATABASE … REFRESH COLLATION VERSION (15 and newer).
"""

from __future__ import annotations

from collections.abc import Iterator

from auditor.model.check import Check
from auditor.model.facts import Facts
from auditor.model.finding import Evidence, Flaw, Impact, Subject
from auditor.model.operation import RefreshCollation
from auditor.model.units import DATABASE
from auditor.model.vocabulary import Pillar, Severity
from auditor_checks._words import fitting

CHECK = Check(
    title="Collation changed under its indexes",
    passed="Collations are those that the indexes were built with",
    pillar=Pillar.AVAILABILITY,
    severity=Severity.HIGH,
    unit=DATABASE,
    needs=("databases", "collations", "indexes", "columns"),
    engines=("postgresql",),
)
TEXT = ("text", "char")


def judge(_database: Facts, facts: Facts) -> Iterator[Flaw]:
    """Compare recorded with actual versions, for the database's default and for single collations."""
    database = facts.database
    if database is not None and _differ(database.collation_version, database.collation_version_actual):
        affected = tuple(index.key for index in facts.indexes if _uses_default(facts, index.table_key, index.columns))
        yield Flaw(
            title="The database's default collation changed under its indexes",
            severity=Severity.HIGH if affected else Severity.LOW,
            related=tuple(Subject(kind="index", name=".".join(key)) for key in affected[:20]),
            evidence=(
                Evidence(name="version recorded", value=database.collation_version, probe="databases"),
                Evidence(name="version of the library", value=database.collation_version_actual, probe="databases"),
                Evidence(name="indexes over text", value=len(affected), unit="indexes", probe="indexes"),
            ),
            impact=Impact(risk="index scans that miss rows, and duplicates in unique indexes"),
            explanation=f"{len(affected)} indexes over text were built under another version of the collation.",
            recommendation="Rebuild them without blocking, look for duplicates, then record the new version.",
            operations=(RefreshCollation(database=database.name, indexes=affected),),
        )
    for collation in facts.server.collations:
        if _differ(collation.recorded, collation.actual) and collation.indexes:
            yield Flaw(
                title=fitting(f"Collation {collation.name} changed under {len(collation.indexes)} indexes"),
                subject=Subject(kind="collation", name=f"{collation.schema}.{collation.name}"),
                related=tuple(Subject(kind="index", name=".".join(key)) for key in collation.indexes[:20]),
                evidence=(
                    Evidence(name="version recorded", value=collation.recorded, probe="collations"),
                    Evidence(name="version of the library", value=collation.actual, probe="collations"),
                    Evidence(name="indexes", value=len(collation.indexes), unit="indexes", probe="collations"),
                ),
                impact=Impact(risk="index scans that miss rows, and duplicates in unique indexes"),
                explanation=f"{len(collation.indexes)} indexes were built under another version of {collation.name}.",
                recommendation="Rebuild them without blocking, look for duplicates, then record the new version.",
                operations=(RefreshCollation(schema=collation.schema, name=collation.name, indexes=collation.indexes),),
            )


def _differ(recorded: str | None, actual: str | None) -> bool:
    return recorded is not None and actual is not None and recorded != actual


def _uses_default(facts: Facts, key: tuple[str, str], columns: tuple[str, ...]) -> bool:
    table = facts.table(key)
    found = [table.column(name) for name in columns] if table is not None else []
    return any(column is not None and column.family in TEXT and column.collation is None for column in found)
