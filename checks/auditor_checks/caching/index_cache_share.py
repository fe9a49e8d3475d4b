"""The indexes do not fit into the cache.

## What
The bytes of all indexes of the audited databases against the cache of the storage engine.

## Why it matters
An index is quick because it is in memory. When the indexes alone fill the cache, entries and documents push each other
out, and a search reads from disk several times.

## When it is fine
Only the end of each index is ever used (newest first): then what is used is small. The share of reads that the cache
answers tells; it is given here.

## How to fix it
Drop what is unused or superfluous first, then make indexes smaller (partial, fewer fields), then give the server more
memory or spread the data.

## Sources
MongoDB manual, "Ensure Indexes Fit in RAM"; "WiredTiger Storage Engine", Memory Use.
"""

from __future__ import annotations

from collections.abc import Iterator

from auditor.model.check import Check
from auditor.model.facts import Facts
from auditor.model.finding import Evidence, Flaw, Impact, Subject, Unknown, Verdict
from auditor.model.operation import ChangeApplication
from auditor.model.units import SERVER
from auditor.model.vocabulary import Confidence, Pillar, Severity
from auditor.text import size

CHECK = Check(
    title="The indexes do not fit into the cache",
    passed="The indexes fit into the cache",
    pillar=Pillar.CACHING,
    severity=Severity.MEDIUM,
    confidence=Confidence.LIKELY,
    unit=SERVER,
    needs=("collection-sizes", "server-status", "indexes"),
    engines=("mongodb",),
)
_CACHE = "wiredTiger.cache."


def judge(_server: Facts, facts: Facts, *, share: float = 0.6, most: float = 1.0) -> Iterator[Verdict]:
    """Compare the bytes of the indexes with the cache, unless nearly nothing is read past it."""
    cache = facts.counter(f"{_CACHE}maximum bytes configured")
    sizes = [index.bytes for index in facts.indexes if index.bytes is not None]
    if not cache or not sizes:
        yield Unknown(reason="the size of the cache or of the indexes is not known")
        return
    total = sum(sizes)
    if total < share * cache:
        return
    asked = facts.counter(f"{_CACHE}pages requested from the cache")
    missed = facts.counter(f"{_CACHE}pages read into cache")
    largest = sorted(facts.indexes, key=lambda index: (-(index.bytes or 0), index.path))[:5]
    yield Flaw(
        title=f"The indexes take {size(total)}, the cache has {size(cache)}",
        severity=Severity.MEDIUM if total >= most * cache else Severity.LOW,
        related=tuple(Subject(kind="index", name=index.path) for index in largest),
        evidence=(
            Evidence(name="bytes of the indexes", value=total, unit="bytes", probe="collection-sizes"),
            Evidence(name="bytes of the cache", value=round(cache), unit="bytes", probe="server-status"),
            Evidence(name="pages asked of the cache", value=asked, unit="pages", probe="server-status"),
            Evidence(name="pages read into it", value=missed, unit="pages", probe="server-status"),
        ),
        impact=Impact(risk="searches read from disk"),
        explanation=(
            f"The indexes of the audited databases take {size(total)}, {total / cache:.0%} of the cache of "
            f"{size(cache)}, in which documents need a place as well."
        ),
        recommendation="Drop what is unused or superfluous among the largest before adding memory.",
        operations=(
            ChangeApplication(
                topic="index-memory", subject=facts.target.name,
                instruction="Question the largest indexes (they are listed); then size the cache anew.",
            ),
        ),
    )  # fmt: skip
