"""Clients have to empty the cache themselves.

## What
The storage engine's cache is nearly full or holds many changed pages that are not written yet, and threads that serve
clients have evicted pages, at more than the limit a second on average.

## Why it matters
Background threads keep a fifth of the cache free. Where they do not keep up, each operation has to write out pages of
others before it may go on: latency rises by an order of magnitude, and reads suffer from writes.

## When it is fine
While a load is written in bulk, or after a restart.

## How to fix it
Reduce what is read and written first: missing indexes, unused indexes, long transactions that pin old versions. Then
give it a faster disk, more memory, or shards.

## Sources
WiredTiger documentation, "Cache and Eviction Tuning": eviction_trigger 95 %, eviction_dirty_trigger 20 %, at which
application threads take part; MongoDB manual, serverStatus: wiredTiger.cache.
"""

from __future__ import annotations

from collections.abc import Iterator

from auditor.model.check import Check
from auditor.model.facts import Facts
from auditor.model.finding import Evidence, Flaw, Impact, Unknown, Verdict
from auditor.model.operation import ChangeApplication
from auditor.model.units import SERVER
from auditor.model.vocabulary import Confidence, Pillar, Severity
from auditor_checks._words import percent

CHECK = Check(
    title="Clients have to empty the cache themselves",
    passed="The cache is kept free in the background",
    pillar=Pillar.CACHING,
    severity=Severity.HIGH,
    confidence=Confidence.LIKELY,
    unit=SERVER,
    needs=("server-status",),
    engines=("mongodb",),
)
CACHE = "wiredTiger.cache."
LIMIT, USED = CACHE + "maximum bytes configured", CACHE + "bytes currently in the cache"
DIRTY, EVICTED = CACHE + "tracked dirty bytes in the cache", CACHE + "pages evicted by application threads"
HOUR = 1 / 24


def judge(
    _server: Facts, facts: Facts, *,
    fill: float = 0.95, dirty: float = 0.2, per_second: float = 1, min_days: float = HOUR,
) -> Iterator[Verdict]:  # fmt: skip
    """Ask for both: a cache beyond its triggers now, and evictions by clients since the start."""
    days = facts.counted_days((LIMIT, USED, DIRTY, EVICTED), min_days)
    if isinstance(days, Unknown):
        yield days
        return
    limit, evicted = facts.counter(LIMIT) or 0, facts.counter(EVICTED) or 0
    used, changed = facts.counter(USED) or 0, facts.counter(DIRTY) or 0
    rate = evicted / (days * 86400)
    full, soiled = limit > 0 and used >= fill * limit, limit > 0 and changed >= dirty * limit
    if not (full or soiled) or rate < per_second:
        return
    yield Flaw(
        title=f"Clients evicted {evicted:,.0f} pages from a cache that is {percent(used / limit)} full",
        severity=Severity.HIGH if soiled else Severity.MEDIUM,
        evidence=(
            Evidence(name="size of the cache", value=limit, unit="bytes", probe="server-status"),
            Evidence(name="in the cache", value=used, unit="bytes", probe="server-status"),
            Evidence(name="of this changed and not written", value=changed, unit="bytes", probe="server-status"),
            Evidence(name="pages evicted by clients", value=evicted, unit="pages", probe="server-status"),
            Evidence(name="per second", value=round(rate, 2), unit="pages per second", probe="server-status"),
        ),
        impact=Impact(risk="every operation waits for the writing of other ones' pages"),
        explanation=(
            f"{percent(used / limit)} of the cache is in use, {percent(changed / limit)} is changed and not written. "
            f"In {days:.1f} days clients had to evict {evicted:,.0f} pages, {rate:,.1f} a second."
        ),
        recommendation="Reduce what is read and written by indexes first; then give it a faster disk or more memory.",
        operations=(
            ChangeApplication(
                topic="cache", subject="server",
                instruction="Reduce what the costly statements read and write; then size disk, memory or shards anew.",
            ),
        ),
    )  # fmt: skip
