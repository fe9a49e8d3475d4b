"""The cache misses often.

## What
Reads that found their key as a share of all reads of keys, on a server that is used as a cache, since the counters
were reset. A cache that may still be filling is not judged: it has evicted nothing, and has as many keys as it missed.

## Why it matters
A miss costs the question to the cache, the work that it should have saved, and the writing of the entry. Below a half,
more work is done than saved in many programs.

## When it is fine
Programs that ask whether a key exists and expect that it does not (locks, limits, deduplication) miss by design. On
servers that are used for something else nothing is judged.

## How to fix it
Look which patterns miss: times to live that are too short, keys with parts that never come again (a time, a session),
or memory that is too small, which evictions show.

## Sources
INFO: keyspace_hits, keyspace_misses; Redis documentation, "Key eviction" (how to choose a policy: watch hits and
misses).
"""

from __future__ import annotations

from collections.abc import Iterator

from auditor.model.check import Check
from auditor.model.facts import Facts
from auditor.model.finding import Evidence, Flaw, Unknown, Verdict
from auditor.model.operation import ChangeApplication
from auditor.model.units import SERVER
from auditor.model.vocabulary import Confidence, Pillar, Severity
from auditor_checks._nodes import REDIS, keys_of
from auditor_checks._roles import roles
from auditor_checks._words import percent

CHECK = Check(
    title="The cache misses often",
    passed="The cache answers most reads",
    pillar=Pillar.CACHING,
    severity=Severity.MEDIUM,
    confidence=Confidence.LIKELY,
    unit=SERVER,
    needs=("info",),
    engines=REDIS,
)
_ADVICE = (
    "Find the patterns that miss: give them longer lives or more memory, or leave what never comes again uncached."
)


def judge(
    _server: Facts, facts: Facts, *, share: float = 0.8, high_share: float = 0.5, min_reads: float = 2_000
) -> Iterator[Verdict]:
    """Compare the hits of all primaries with their reads."""
    if keys_of(facts) and not facts.keyspace.patterns:
        yield Unknown(reason="no key was looked at: whether the server is a cache is not known")
        return
    used = roles(facts).server
    if used is None or used.role != "cache":
        return
    nodes = [node for node in facts.server.nodes if node.role == "primary"] or list(facts.server.nodes)
    hits = sum(node.counters.get("keyspace_hits", 0.0) for node in nodes)
    misses = sum(node.counters.get("keyspace_misses", 0.0) for node in nodes)
    if hits + misses < min_reads:
        yield Unknown(reason=f"only {hits + misses:,.0f} reads were counted; {min_reads:,.0f} are needed")
        return
    ratio = hits / (hits + misses)
    if ratio >= share:
        return
    evicted = sum(node.counters.get("evicted_keys", 0.0) for node in nodes)
    if not evicted and misses <= keys_of(facts):
        yield Unknown(reason="the cache may still be filling: it has evicted nothing and has as many keys as it missed")
        return
    expired = sum(node.counters.get("expired_keys", 0.0) for node in nodes)
    yield Flaw(
        title=f"The cache answers only {percent(ratio)} of the reads",
        severity=Severity.HIGH if ratio < high_share else Severity.MEDIUM,
        evidence=(
            Evidence(name="reads that found their key", value=int(hits), unit="reads", probe="info"),
            Evidence(name="reads that did not", value=int(misses), unit="reads", probe="info"),
            Evidence(name="share that found it", value=round(ratio, 4), unit="share", probe="info"),
            Evidence(name="keys evicted", value=int(evicted), unit="keys", probe="info"),
            Evidence(name="keys expired", value=int(expired), unit="keys", probe="info"),
        ),
        explanation=(
            f"{misses:,.0f} of {hits + misses:,.0f} reads found nothing. It is used as a cache, because "
            f"{'; '.join(used.reasons)}. {evicted:,.0f} keys were evicted and {expired:,.0f} expired meanwhile."
        ),
        recommendation=_ADVICE,
        operations=(ChangeApplication(topic="cache", subject="server", instruction=_ADVICE),),
    )
