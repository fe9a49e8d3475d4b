"""Much of what is asked for has to be sorted.

## What
How many queries of the server sorted what no index gave in order, against all its queries, since it started. Both are
counted always, whether or not a profiler is on.

## Why it matters
A sort has to read everything before it gives the first document, and holds it in memory, up to 100 MB for each.

## When it is fine
What is sorted is small: then the queries are quick, and nobody waits.

## How to fix it
Find the operations behind it by the log of slow ones; give them indexes that end with the fields of the order.

## Sources
MongoDB manual, serverStatus: metrics.operation.scanAndOrder, opcounters.query, metrics.query.sort.
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
    title="Much of what is asked for has to be sorted",
    passed="Most queries find what they want in order",
    pillar=Pillar.QUERIES,
    severity=Severity.MEDIUM,
    confidence=Confidence.LIKELY,
    unit=SERVER,
    needs=("server-status",),
    engines=("mongodb",),
)

_SORTED, _QUERIES = "metrics.operation.scanAndOrder", "opcounters.query"
_SPILLED = "metrics.query.sort.spillToDisk"


def judge(
    _server: Facts, facts: Facts, *, min_days: float = 1, min_queries: float = 100_000, share: float = 0.3
) -> Iterator[Verdict]:
    """Compare the queries that sorted with all."""
    days = facts.counted_days((_SORTED, _QUERIES), min_days)
    if isinstance(days, Unknown):
        yield days
        return
    sorts, queries = facts.counter(_SORTED) or 0.0, facts.counter(_QUERIES) or 0.0
    if queries < min_queries or sorts < share * queries:
        return
    spilled = facts.counter(_SPILLED)
    yield Flaw(
        title=f"{sorts:,.0f} sorts for {queries:,.0f} queries",
        severity=Severity.MEDIUM if spilled else Severity.LOW,
        evidence=(
            Evidence(name="operations that sorted", value=int(sorts), unit="operations", probe="server-status"),
            Evidence(name="queries", value=int(queries), unit="operations", probe="server-status"),
            Evidence(name="sorts that went to disk", value=None if spilled is None else int(spilled), unit="sorts",
                     probe="server-status"),
            Evidence(name="days counted", value=round(days, 1), unit="days", probe="server-status"),
        ),
        impact=Impact(risk="the first page costs as much as all pages"),
        explanation=(
            f"In {days:.1f} days {sorts:,.0f} operations sorted what no index gave in order; there "
            f"were {queries:,.0f} queries."
        ),
        recommendation="Find them by the log of slow operations, and give them indexes in their order.",
        operations=(
            ChangeApplication(
                topic="sorts", subject=facts.target.name,
                instruction="Find the operations that sort (hasSortStage in the log), and index their order.",
            ),
        ),
    )  # fmt: skip
