"""Somebody keeps dead rows from being cleaned.

## What
The oldest snapshot that is still held: by a session with an open transaction, a prepared transaction, a replication
slot, or a query on a replica that reports back. Reported when it lies many transactions back, with the holder by
name; others that hold nearly as much are listed.

## Why it matters
No vacuum, in any table of the database, can remove a row that died after that moment. Tables and indexes grow, counts
of dead rows rise although autovacuum works, and freezing stops.

## When it is fine
A report or a dump is running and will end soon. Short ones do not reach the limit.

## How to fix it
Deal with the holder: end the session after asking its owner, finish the prepared transaction, let the slot's consumer
catch up or drop the slot. Then set a timeout so that it does not come back.

## Sources
PostgreSQL manual, "Routine Vacuuming" (24.1.5), "pg_stat_activity" (backend_xmin), "pg_replication_slots" (xmin,
catalog_xmin).
"""

from __future__ import annotations

from collections.abc import Iterator

from auditor.model.check import Check
from auditor.model.facts import Facts
from auditor.model.finding import Evidence, Flaw, Impact
from auditor.model.units import SERVER
from auditor.model.vocabulary import Pillar, Severity
from auditor_checks._words import fitting
from auditor_checks.operations._horizon import holders

CHECK = Check(
    title="An old snapshot keeps dead rows from being cleaned",
    passed="No old snapshot keeps dead rows from being cleaned",
    pillar=Pillar.OPERATIONS,
    severity=Severity.MEDIUM,
    unit=SERVER,
    needs=("sessions", "prepared-transactions", "slots", "replicas"),
    engines=("postgresql",),
)

_SOURCES = {
    "session": ("sessions", "Session"),
    "transaction": ("prepared-transactions", "Prepared transaction"),
    "replication": ("slots", "Replication through"),
}


def judge(
    facts: Facts, _: Facts, *,
    min_age: float = 100_000, high_age: float = 10_000_000, critical_age: float = 1_000_000_000, nearly: float = 0.5,
) -> Iterator[Flaw]:  # fmt: skip
    """Report the oldest holder if its snapshot is many transactions old."""
    found = holders(facts)
    if not found or found[0].age < min_age:
        return
    first, *rest = found
    probe, word = _SOURCES[first.subject.kind]
    others = [holder for holder in rest if holder.age >= nearly * first.age]
    dead = sum(table.usage.dead_rows for table in facts.storage_tables if table.usage is not None)
    yield Flaw(
        title=fitting(f"{word} {first.subject.name} keeps dead rows from being cleaned"),
        subject=first.subject,
        related=tuple(holder.subject for holder in others[:20]),
        severity=(
            Severity.CRITICAL if first.age >= critical_age else
            Severity.HIGH if first.age >= high_age else Severity.MEDIUM
        ),
        evidence=(
            Evidence(name="age of the snapshot", value=first.age, unit="transactions", probe=probe),
            Evidence(name="others that hold nearly as much", value=len(others), unit="holders"),
            Evidence(name="dead rows in this database", value=dead, unit="rows", probe="table-usage"),
        ),
        impact=Impact(rows=dead, risk="no vacuum removes what died since; tables grow and freezing stops"),
        explanation=(
            f"{first.rows} that died within the last {first.age:,} transactions cannot be removed: {first.words} may "
            f"still see them. This database has {dead:,} dead rows."
        ),
        recommendation=f"{first.advice}.",
        operations=(first.operation,),
    )  # fmt: skip
