"""There are so many collections that the server feels them.

## What
Servers or databases whose audited databases together have ten thousand collections and more; five thousand are a note.

## Why it matters
Each collection and each index is a file that the server opens, checks at each checkpoint and lists at each start:
starting, stepping down and copying to a new member take minutes, and memory goes to handles instead of data.

## When it is fine
Isolation of tenants that a contract demands, on a server that was sized for it.

## How to fix it
Keep tenants or periods in one collection, with a field that tells them apart at the front of each index; or share them
out among clusters.

## Sources
MongoDB manual, "Reduce the Number of Collections": more than 10,000 collections slow a replica set.
"""

from __future__ import annotations

from collections.abc import Iterator

from auditor.model.check import Check
from auditor.model.facts import Facts
from auditor.model.finding import Evidence, Flaw
from auditor.model.operation import ChangeApplication
from auditor.model.units import DATABASE
from auditor.model.vocabulary import Pillar, Severity

CHECK = Check(
    title="There are very many collections",
    passed="The number of collections is moderate",
    pillar=Pillar.CAPACITY,
    severity=Severity.MEDIUM,
    unit=DATABASE,
    needs=("collections", "indexes"),
)


def judge(item: Facts, _facts: Facts, *, many: float = 10_000, noted: float = 5_000) -> Iterator[Flaw]:
    """Count them."""
    count, indexes = len(item.tables), len(item.indexes)
    if count < noted:
        return
    yield Flaw(
        title=f"There are {count:,} collections",
        severity=Severity.MEDIUM if count >= many else Severity.LOW,
        evidence=(
            Evidence(name="collections", value=count, unit="collections", probe="collections"),
            Evidence(name="indexes", value=indexes, unit="indexes", probe="indexes"),
        ),
        explanation=f"{item.target.name} has {count:,} collections with {indexes:,} indexes; each is a file.",
        recommendation="Keep what differs in a tenant or a period alone in one collection.",
        operations=(
            ChangeApplication(
                topic="many-collections", subject=item.target.name,
                instruction="Merge collections that differ in a tenant or a period into one, with a field for it.",
            ),
        ),
    )  # fmt: skip
