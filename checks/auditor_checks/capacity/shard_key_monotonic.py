"""Every new document goes to the same shard.

## What
A collection is shared out by ranges of a key that begins with an ObjectId or a time, by what was sampled.

## Why it matters
Such values only grow, so all inserts go to the shard that holds the highest range, and the balancer moves them away
afterwards. The cluster writes as fast as one shard.

## When it is fine
Little is inserted; or zones put each time where it belongs, as in an archive. A time that is not that of the insertion
(a birthday) does not grow.

## How to fix it
Share out by the hash of the field where single documents are looked up, or begin the key with another field that
queries always name. From version 5.0 on the key can be changed while the collection is used.

## Sources
MongoDB manual, "Choose a Shard Key: Monotonically Changing Shard Keys"; "Reshard a Collection".
"""

from __future__ import annotations

from collections.abc import Iterator

from auditor.model.catalog import Table
from auditor.model.check import Check
from auditor.model.facts import Facts
from auditor.model.finding import Evidence, Flaw, Impact, Unknown, Verdict
from auditor.model.operation import ChangeShardKey
from auditor.model.vocabulary import Confidence, Pillar, Severity
from auditor_checks._words import fitting
from auditor_checks.capacity._sharding import SHARED_OUT

CHECK = Check(
    title="Every new document goes to the same shard",
    passed="New documents spread over the shards",
    pillar=Pillar.CAPACITY,
    severity=Severity.HIGH,
    confidence=Confidence.LIKELY,
    unit=SHARED_OUT,
    needs=("sharding", "collections", "fields"),
)
GROWING = frozenset({"objectId", "date", "timestamp"})


def judge(table: Table, facts: Facts) -> Iterator[Verdict]:
    """Look at the type of the field that the key begins with."""
    key = table.documents.shard_key if table.documents is not None else ()
    if table.documents is None or table.documents.shard_hashed == key[0]:
        return
    column = next((column for column in table.columns if column.name == key[0]), None)
    if column is None:
        yield Unknown(reason=f"no sampled document of {table.path} has {key[0]}")
        return
    if column.type not in GROWING:
        return
    yield Flaw(
        title=fitting(f"New documents of {table.name} go to one shard: its key begins with {key[0]}"),
        severity=Severity.HIGH if len(facts.server.shards) > 1 else Severity.LOW,
        evidence=(
            Evidence(name="shard key", value=", ".join(key), probe="sharding"),
            Evidence(name=f"type of {key[0]}", value=column.type, probe="fields"),
            Evidence(name="shards", value=len(facts.server.shards), unit="shards", probe="sharding"),
        ),
        impact=Impact(risk="the cluster writes as fast as one shard"),
        explanation=f"{key[0]} is a {column.type}, which grows with time, and ranges of it are shared out.",
        recommendation=f"Share out by the hash of {key[0]}, or by a field that queries always name.",
        operations=(ChangeShardKey(schema=table.schema, table=table.name, columns=key, hashed=key[0], previous=key),),
    )
