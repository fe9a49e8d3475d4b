"""Data that may be lost and data that must not share one server.

## What
Key patterns that are used as a cache hold a part of the memory, and patterns that are used as a queue or a primary
store hold another; or hold little of it, where keys of both are being evicted. Roles are inferred: see keyspace-role.

## Why it matters
Memory limit, eviction policy and persistence are settings of the whole server. With an allkeys policy the cache pushes
out data that exists nowhere else; with noeviction a full cache makes the server refuse the writes of the others; and
with persistence every forgettable entry is written to disk.

## When it is fine
The cache is small and bounded by times to live, or the policy is volatile and only the cache's keys expire: then only
these are evicted.

## How to fix it
Give the cache a server of its own: point its client elsewhere, which needs no migration, because a cache fills itself.

## Sources
Redis documentation, "Key eviction": use separate instances for a cache and for persistent keys.
"""

from __future__ import annotations

from collections.abc import Iterator

from auditor.model.check import Check
from auditor.model.facts import Facts
from auditor.model.finding import Evidence, Flaw, Impact, Subject, Unknown, Verdict
from auditor.model.operation import MoveKeys
from auditor.model.units import SERVER
from auditor.model.vocabulary import Confidence, Pillar, Severity
from auditor.text import share
from auditor_checks._keys import keys_of
from auditor_checks._roles import DURABLE, roles

CHECK = Check(
    title="A cache and data that must not be lost share one server",
    passed="No cache shares the server with data that must not be lost",
    pillar=Pillar.CACHING,
    severity=Severity.MEDIUM,
    confidence=Confidence.LIKELY,
    unit=SERVER,
    needs=("info", "keyspace"),
)

_NAMED = 10
"""Patterns of each side that a finding names."""


def judge(
    _server: Facts, facts: Facts, *, least: float = 0.15, bytes_least: float = 10e6, few_keys: float = 100
) -> Iterator[Verdict]:
    """Compare what the roles take; where keys are evicted, ``few_keys`` that exist nowhere else are enough."""
    if not facts.keyspace.patterns:
        if facts.keyspace.sample is None or facts.keyspace.sample.of:
            yield Unknown(reason="no key was looked at")
        return
    found = roles(facts)
    cache = found.shares.get("cache")
    durable = [pattern for role in sorted(DURABLE) if role in found.shares for pattern in found.shares[role].patterns]
    kept = sum(found.shares[role].bytes for role in DURABLE if role in found.shares)
    policy = facts.server.states.get("maxmemory_policy") or facts.setting("maxmemory-policy") or ""
    limit = facts.counter("maxmemory") or 0.0
    used = sum(pattern.bytes.value for pattern in facts.keyspace.patterns if pattern.bytes is not None)
    evicts = limit > 0 and policy.startswith("allkeys")
    if cache is None or cache.bytes < least or used < bytes_least:
        return
    evicted = facts.counter("evicted_keys") or 0.0
    losing = evicts and evicted > 0 and sum(map(keys_of, durable)) >= few_keys
    if kept < least and not losing:
        return
    if policy.startswith("volatile") and limit > 0 and not any(_expires(pattern) for pattern in durable):
        return
    yield Flaw(
        severity=Severity.MEDIUM if not evicts else Severity.HIGH if kept >= least else Severity.LOW,
        confidence=None if kept >= least else Confidence.POSSIBLE,
        related=tuple(
            Subject(kind="key-pattern", name=one.path) for one in (*cache.patterns[:_NAMED], *durable[:_NAMED])
        ),
        evidence=(
            Evidence(name="cache's part of the memory", value=round(cache.bytes, 3), unit="share", probe="keyspace"),
            Evidence(name="lasting data's part", value=round(kept, 3), unit="share", probe="keyspace"),
            Evidence(
                name="keys of lasting data", value=round(sum(map(keys_of, durable))), unit="keys", probe="keyspace"
            ),
            Evidence(name="eviction policy", value=policy or None, probe="info"),
            Evidence(name="maxmemory", value=int(limit), unit="bytes", probe="info"),
            Evidence(name="evicted keys", value=evicted, unit="keys", probe="info"),
        ),
        impact=Impact(
            bytes=round(sum(one.bytes.value for one in cache.patterns if one.bytes is not None)),
            risk="data that exists nowhere else is evicted" if evicts else "one role's memory stops the other",
        ),
        explanation=f"{share(cache.bytes)} of the memory is a cache, {share(kept)} is data that exists nowhere else"
        + (f", and {policy} evicts both." if evicts else ": no limit and no policy is right for both."),
        recommendation="Give the cache a server of its own, with maxmemory and allkeys-lru and without persistence; "
        "keep the rest here with noeviction.",
        operations=(MoveKeys(patterns=tuple(one.name for one in cache.patterns), database=0, purpose="cache"),),
    )


def _expires(pattern: object) -> bool:
    times = getattr(pattern, "lifetimes", None)
    return times is not None and times.expiring > 0.0
