"""The server reads hundreds of documents for each one that it returns.

## What
The documents that all queries of the server examined against those that they returned, since it started. Both are
counted always, whether or not a profiler is on.

## Why it matters
Everything above a handful is work in vain: time of the processor, and documents that push useful ones out of the cache.
It is the first sign that an index is missing, and the only one where nothing records the operations.

## When it is fine
Aggregations that make one number of many documents, and a server that does little else.

## How to fix it
Find the operations behind it: let the log keep what takes more than 100 ms, or the profiler a sample, and give those
that scan an index.

## Sources
MongoDB manual, serverStatus: metrics.queryExecutor.scannedObjects, metrics.document.returned; "Query Targeting", whose
alert of the vendor's own service begins at 1,000.
"""

from __future__ import annotations

from collections.abc import Iterator

from auditor.model.check import Check
from auditor.model.facts import Facts
from auditor.model.finding import Evidence, Flaw, Impact, Unknown, Verdict
from auditor.model.operation import ChangeApplication
from auditor.model.units import SERVER
from auditor.model.vocabulary import Confidence, Pillar, Severity

CHECK = Check(
    title="The server reads hundreds of documents for each one that it returns",
    passed="The server reads about as many documents as it returns",
    pillar=Pillar.QUERIES,
    severity=Severity.MEDIUM,
    confidence=Confidence.LIKELY,
    unit=SERVER,
    needs=("server-status",),
    engines=("mongodb",),
)

_READ, _RETURNED = "metrics.queryExecutor.scannedObjects", "metrics.document.returned"
_SCANS = "metrics.queryExecutor.collectionScans.nonTailable"


def judge(
    _server: Facts, facts: Facts, *,
    min_days: float = 1, min_read: float = 10_000_000, ratio: float = 100, medium_ratio: float = 1_000,
) -> Iterator[Verdict]:  # fmt: skip
    """Compare what was examined with what was returned."""
    days = facts.counted_days((_READ, _RETURNED), min_days)
    if isinstance(days, Unknown):
        yield days
        return
    read, returned = facts.counter(_READ) or 0.0, facts.counter(_RETURNED) or 0.0
    each = read / max(returned, 1.0)
    if read < min_read or each < ratio:
        return
    scans = facts.counter(_SCANS)
    yield Flaw(
        title=f"{each:,.0f} documents are read for each one that is returned",
        severity=Severity.MEDIUM if each >= medium_ratio else Severity.LOW,
        evidence=(
            Evidence(name="documents examined", value=int(read), unit="documents", probe="server-status"),
            Evidence(name="documents returned", value=int(returned), unit="documents", probe="server-status"),
            Evidence(name="scans of whole collections", value=None if scans is None else int(scans), unit="scans",
                     probe="server-status"),
            Evidence(name="days counted", value=round(days, 1), unit="days", probe="server-status"),
        ),
        impact=Impact(risk="what is read in vain pushes what is needed out of the cache"),
        explanation=f"In {days:.1f} days {read:,.0f} documents were examined and {returned:,.0f} returned.",
        recommendation="Find the operations that scan, by the log of slow ones, and give them indexes.",
        operations=(
            ChangeApplication(
                topic="find-full-scans", subject=facts.target.name,
                instruction="Let the log keep what takes 100 ms and more, and index what its operations search by.",
            ),
        ),
    )  # fmt: skip
