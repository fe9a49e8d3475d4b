"""Keys are evicted that are asked for again.

## What
Keys that were evicted, where they are at least half as many as the reads that found nothing, and these at least a
tenth of all reads: the data in use is larger than the memory.

## Why it matters
Each key that is evicted and asked for again is computed again and pushes out another one. Evicting takes time as well,
and it is done before the command that needs the room.

## When it is fine
A cache that holds what is used, and evicts what nobody asks for any more: evictions without misses are its work.

## How to fix it
Give the server more memory, or the cache less to hold: shorter times to live, smaller or compressed values, nothing
that is read once. With skewed use allkeys-lfu keeps the keys that are asked for most.

## Sources
Redis documentation, "Key eviction"; INFO: evicted_keys, keyspace_misses, total_eviction_exceeded_time.
"""

from __future__ import annotations

from collections.abc import Iterator

from auditor.model.check import Check
from auditor.model.facts import Facts
from auditor.model.finding import Evidence, Flaw, Impact
from auditor.model.operation import ChangeApplication
from auditor.model.server import Node
from auditor.model.units import PRIMARIES
from auditor.model.vocabulary import Confidence, Pillar, Severity
from auditor_checks._nodes import REDIS, counted_by, number, setting
from auditor_checks._words import percent

CHECK = Check(
    title="Keys are evicted that are asked for again",
    passed="What is evicted is hardly asked for again",
    pillar=Pillar.CACHING,
    severity=Severity.MEDIUM,
    confidence=Confidence.LIKELY,
    unit=PRIMARIES,
    needs=("info",),
    engines=REDIS,
)
_ADVICE = (
    "Give the server more memory, or the cache less to hold: shorter lives, smaller values, nothing read only once."
)


def judge(
    node: Node, facts: Facts, *, min_evicted: float = 10_000, of_misses: float = 0.5, miss_share: float = 0.1
) -> Iterator[Flaw]:
    """Compare what was evicted with what was asked for in vain."""
    evicted, misses, hits = number(node, "evicted_keys"), number(node, "keyspace_misses"), number(node, "keyspace_hits")
    if evicted < min_evicted or evicted < of_misses * misses or misses < miss_share * (hits + misses):
        return
    yield Flaw(
        title=f"{evicted:,.0f} keys were evicted, and {percent(misses / (hits + misses))} of the reads find nothing",
        evidence=(
            *counted_by(node, (("evicted_keys", "keys"), ("keyspace_misses", "reads"), ("keyspace_hits", "reads"),
                               ("expired_keys", "keys"), ("used_memory", "bytes"), ("maxmemory", "bytes"),
                               ("total_eviction_exceeded_time", "milliseconds"))),
            setting(node, facts, "maxmemory-policy"),
            Evidence(name="evicted for each read in vain", value=round(evicted / misses, 3), probe="info"),
        ),
        impact=Impact(risk="entries are computed again and again"),
        explanation=(
            f"{evicted:,.0f} keys had to go to make room, and {misses:,.0f} of {hits + misses:,.0f} reads found "
            "nothing: what is in use does not fit."
        ),
        recommendation=_ADVICE,
        operations=(ChangeApplication(topic="cache-size", subject="server", instruction=_ADVICE),),
    )  # fmt: skip
