"""The same values are read over the network again and again.

## What
Nearly all commands on data are reads that find their key, at a thousand a second or more on average, and no client lets
the server tell it what changed.

## Why it matters
A value that hardly changes can stay in the memory of the program: a read is a hundred nanoseconds there, and a journey
through the network otherwise. With tracking the server tells each client which of its keys have changed.

## When it is fine
Programs that live for one request have no memory to keep values in; values that must be of this very moment have to be
asked for; and a library may keep a cache of its own by times.

## How to fix it
Switch client-side caching on where the library has it (CLIENT TRACKING, from version 6.0 on), for the patterns that
hardly change.

## Sources
Redis documentation, "Client-side caching reference"; INFO: tracking_clients, keyspace_hits.
"""

from __future__ import annotations

from collections.abc import Iterator

from auditor.model.check import Check
from auditor.model.facts import Facts
from auditor.model.finding import Evidence, Flaw, Unknown, Verdict
from auditor.model.operation import ChangeApplication
from auditor.model.units import SERVER
from auditor.model.vocabulary import Confidence, Pillar, Severity
from auditor_checks._commands import called, is_data
from auditor_checks._nodes import REDIS
from auditor_checks._words import percent

CHECK = Check(
    title="The same values are read over the network again and again",
    passed="Clients keep what they read, or reads are few",
    pillar=Pillar.CACHING,
    severity=Severity.INFO,
    confidence=Confidence.POSSIBLE,
    unit=SERVER,
    needs=("info",),
    engines=REDIS,
)
_READS = ("get", "mget", "hget", "hmget", "hgetall", "getrange", "smembers", "sismember", "zscore", "lrange", "zrange")
_TRACKING, _HITS, _MISSES = "tracking_clients", "keyspace_hits", "keyspace_misses"
_ADVICE = "Switch client-side caching on in the library for patterns that hardly change (CLIENT TRACKING)."


def judge(
    _server: Facts, facts: Facts, *, share: float = 0.98, hit_share: float = 0.95, per_second: float = 1_000,
    min_days: float = 1,
) -> Iterator[Verdict]:  # fmt: skip
    """Compare the reads with all commands on data."""
    days = facts.counted_days((_TRACKING, _HITS, _MISSES), min_days)
    if isinstance(days, Unknown):
        yield days
        return
    reads = called(facts, *_READS)
    data = sum(command.calls for command in facts.workload.commands if is_data(command))
    hits, misses = facts.server.counters[_HITS], facts.server.counters[_MISSES]
    rate = reads / max(1.0, days * 86400)
    if facts.server.counters[_TRACKING] or not reads or rate < per_second or reads < share * data:
        return
    if hits < hit_share * (hits + misses):
        return
    yield Flaw(
        title=f"{percent(reads / data)} of the commands read, {rate:,.0f} a second, and no client keeps a value",
        evidence=(
            Evidence(name="reads", value=reads, unit="calls", probe="info"),
            Evidence(name="commands on data", value=data, unit="calls", probe="info"),
            Evidence(name="rate of reads", value=round(rate, 1), unit="per second", probe="info"),
            Evidence(name="share that found a key", value=round(hits / (hits + misses), 4), unit="share", probe="info"),
            Evidence(name=_TRACKING, value=0, unit="clients", probe="info"),
        ),
        explanation=f"{reads:,} of {data:,} commands on data were reads, and no client has the server track its keys.",
        recommendation=_ADVICE,
        operations=(ChangeApplication(topic="client-side-cache", subject="server", instruction=_ADVICE),),
    )
