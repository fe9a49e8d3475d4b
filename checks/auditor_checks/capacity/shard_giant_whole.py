"""One collection that is not shared out is most of the data of a cluster.

## What
A cluster has several shards, and the largest collection that is not shared out is large and holds more of the audited
data than the limit.

## Why it matters
All of it lies on one shard, and every query for it goes there: the other shards do not help.

## When it is fine
Other databases, which are not audited here, fill the other shards; or the collection does not grow.

## How to fix it
Share it out by a key that queries name and that has many values; or, from version 8.0 on, move smaller collections to
other shards.

## Sources
MongoDB manual, "Shard a Collection"; "moveCollection".
"""

from __future__ import annotations

from collections.abc import Iterator

from auditor.model.check import Check
from auditor.model.facts import Facts
from auditor.model.finding import Evidence, Flaw, Impact, Subject, Unknown, Verdict
from auditor.model.operation import ChangeApplication
from auditor.model.units import SERVER
from auditor.model.vocabulary import Pillar, Severity
from auditor.text import size
from auditor_checks._words import fitting, percent
from auditor_checks.capacity._sharding import is_shared_out

CHECK = Check(
    title="Most of the data of the cluster lies on one shard",
    passed="Large collections are shared out, or there is one shard only",
    pillar=Pillar.CAPACITY,
    severity=Severity.MEDIUM,
    unit=SERVER,
    needs=("sharding", "collections", "collection-sizes"),
)


def judge(_server: Facts, facts: Facts, *, share: float = 0.5, min_bytes: float = 100e9) -> Iterator[Verdict]:
    """Compare the largest of the collections that are not shared out with all of the data."""
    if not is_shared_out(facts):
        return
    whole = [table for table in facts.tables if table.documents is not None and not table.documents.shard_key]
    largest = max(whole, key=lambda table: (table.bytes or 0, table.key), default=None)
    total = sum(table.bytes or 0 for table in facts.tables)
    if any(table.bytes is None for table in whole):
        yield Unknown(reason="the sizes of some collections are not known")
        return
    if largest is None or not largest.bytes or largest.bytes < min_bytes or largest.bytes < share * total:
        return
    yield Flaw(
        subject=Subject(kind="collection", name=largest.path),
        title=fitting(f"{largest.name} lies on one shard: {percent(largest.bytes / total)} of the data"),
        evidence=(
            Evidence(name="size of the collection", value=largest.bytes, unit="bytes", probe="collection-sizes"),
            Evidence(name="size of all audited collections", value=total, unit="bytes", probe="collection-sizes"),
            Evidence(name="shards", value=len(facts.server.shards), unit="shards", probe="sharding"),
        ),
        impact=Impact(risk="the other shards do not help"),
        explanation=(
            f"{largest.path} holds {size(largest.bytes)} of {size(total)} and is not shared out among "
            f"{len(facts.server.shards)} shards."
        ),
        recommendation="Share it out by a key that queries name and that has many values.",
        operations=(
            ChangeApplication(
                topic="shard-collection", subject=largest.path,
                instruction=f"Choose a key for {largest.path} that queries name and that has many values, and share "
                "the collection out by it.",
            ),
        ),
    )  # fmt: skip
