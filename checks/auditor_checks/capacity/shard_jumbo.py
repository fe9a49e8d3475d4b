"""Parts of a collection are too large to be moved.

## What
Chunks that the cluster has marked as jumbo: they are larger than it moves, and cannot be split by the shard key.

## Why it matters
Balancing goes on around them. Many documents with the same value of the key are the usual cause, and they become more.

## When it is fine
The collection is even all the same, and the value with the many documents is an exception.

## How to fix it
Refine the key by another field, which moves nothing by itself and lets such chunks be split; then clear the mark.

## Sources
MongoDB manual, "Clear jumbo Flag"; "Refine a Shard Key"; config.chunks.
"""

from __future__ import annotations

from collections.abc import Iterator

from auditor.model.catalog import Table
from auditor.model.check import Check
from auditor.model.facts import Facts
from auditor.model.finding import Evidence, Flaw, Impact, Verdict
from auditor.model.operation import ChangeApplication
from auditor.model.vocabulary import Pillar, Severity
from auditor_checks._words import counted, fitting
from auditor_checks.capacity._sharding import SHARED_OUT

CHECK = Check(
    title="Parts of a collection are too large to be moved",
    passed="Every part of a collection can be moved",
    pillar=Pillar.CAPACITY,
    severity=Severity.MEDIUM,
    unit=SHARED_OUT,
    needs=("sharding", "collections"),
)


def judge(table: Table, _facts: Facts) -> Iterator[Verdict]:
    """Count the marked chunks."""
    documents = table.documents
    if documents is None or not documents.stuck_chunks:
        return
    key, number = ", ".join(documents.shard_key), documents.stuck_chunks
    yield Flaw(
        title=fitting(f"{counted(number, 'chunk')} of {table.name} cannot be moved"),
        evidence=(
            Evidence(name="chunks marked as jumbo", value=number, unit="chunks", probe="sharding"),
            Evidence(name="shard key", value=key, probe="sharding"),
        ),
        impact=Impact(risk="one shard fills up"),
        explanation=f"{counted(number, 'chunk')} of {table.path} cannot be split by {key} any further.",
        recommendation="Refine the key by another field, then clear the mark.",
        operations=(
            ChangeApplication(
                topic="jumbo-chunks", subject=table.path,
                instruction=f"Refine the shard key ({key}) of {table.path} by a field that tells its documents apart.",
            ),
        ),
    )  # fmt: skip
