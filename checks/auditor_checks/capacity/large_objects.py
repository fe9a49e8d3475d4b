"""Many large objects are kept in the database.

## What
Databases with many large objects (``lo``), with their bytes where these may be read. If no column of any table could
hold a reference to one, all of them are orphans.

## Why it matters
Large objects belong to nobody: deleting the row that refers to one leaves it behind. They have no place in logical
replication, and every single one is an entry that dumps and upgrades handle one by one.

## When it is fine
There are few of them, and the ``lo`` extension's trigger removes them with their rows.

## How to fix it
Remove orphans in batches (vacuumlo), then move the content into bytea columns or an object store.

## Sources
PostgreSQL manual, "Large Objects" (chapter 33), modules lo and vacuumlo; "Logical Replication", restrictions.
"""

from __future__ import annotations

from collections.abc import Iterator

from auditor.model.check import Check
from auditor.model.facts import Facts
from auditor.model.finding import Evidence, Flaw, Impact, Subject
from auditor.model.operation import ChangeApplication
from auditor.model.units import DATABASE
from auditor.model.vocabulary import Confidence, Pillar, Severity
from auditor.text import size

CHECK = Check(
    title="Many large objects are kept in the database",
    passed="Large objects are few",
    pillar=Pillar.CAPACITY,
    severity=Severity.LOW,
    confidence=Confidence.CERTAIN,
    unit=DATABASE,
    needs=("large-objects", "columns"),
    engines=("postgresql",),
)


def judge(
    facts: Facts, _: Facts, *, many: float = 1_000, medium: float = 100_000, high: float = 10_000_000
) -> Iterator[Flaw]:
    """Report the database by the number of its large objects."""
    objects = facts.server.large_objects
    if objects is None or objects.count < many:
        return
    columns = [
        entry for entry in facts.columns if entry.column.type in ("oid", "lo") or entry.column.base_type == "oid"
    ]
    orphans = not columns
    severity = Severity.HIGH if objects.count >= high else Severity.MEDIUM if objects.count >= medium else Severity.LOW
    stored = f" ({size(objects.bytes)})" if objects.bytes is not None else ""
    yield Flaw(
        title=f"{objects.count:,} large objects{stored}",
        related=tuple(Subject(kind="column", name=entry.path) for entry in columns[:20]),
        severity=Severity.MEDIUM if orphans and severity is Severity.LOW else severity,
        evidence=(
            Evidence(name="large objects", value=objects.count, unit="objects", probe="large-objects"),
            Evidence(name="their size", value=objects.bytes, unit="bytes", probe="large-objects"),
            Evidence(name="columns that could refer to them", value=len(columns), unit="columns", probe="columns"),
        ),
        impact=Impact(bytes=objects.bytes, risk="orphans, slow dumps and upgrades, nothing of them on subscribers"),
        explanation=(
            f"The database keeps {objects.count:,} large objects{stored}. "
            + (
                "No column of any table could hold a reference to one, so they are orphans."
                if orphans
                else f"{len(columns)} columns may refer to them; nothing removes one when its row goes."
            )
        ),
        recommendation="Remove orphans in batches, then move the content into bytea columns or an object store.",
        operations=(
            ChangeApplication(
                topic="large-objects", subject=facts.target.name,
                instruction="Remove orphaned objects in batches (vacuumlo -n first), then store content elsewhere.",
            ),
        ),
    )  # fmt: skip
