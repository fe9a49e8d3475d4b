"""An index has been under construction for hours.

## What
Index builds that have been under way for longer than the limit.

## Why it matters
A build reads the whole collection and keeps a place in the queue for its short lock at the end. On a replica set it
waits until enough members have built their copy: with a member that is down or behind it waits for ever, and each write
pays for it meanwhile.

## When it is fine
The collection is large and the build moves on: look again whether the number of documents done grows.

## How to fix it
Find the member that has not voted (its log tells), or end the build by dropping the index by its name and build it
again at a quiet time, or member by member.

## Sources
MongoDB manual, "Index Builds on Populated Collections"; "Rolling Index Builds on Replica Sets".
"""

from __future__ import annotations

from collections.abc import Iterator

from auditor.model.check import Check
from auditor.model.facts import Facts
from auditor.model.finding import Evidence, Flaw, Impact
from auditor.model.operation import ChangeApplication
from auditor.model.units import INDEX_BUILDS
from auditor.model.vocabulary import Confidence, Pillar, Severity
from auditor.model.workload import Progress
from auditor.text import duration
from auditor_checks._words import fitting

CHECK = Check(
    title="An index has been under construction for long",
    passed="No index build takes long",
    pillar=Pillar.INDEXING,
    severity=Severity.MEDIUM,
    confidence=Confidence.LIKELY,
    unit=INDEX_BUILDS,
    needs=("operations",),
    engines=("mongodb",),
)


def judge(
    build: Progress,
    facts: Facts,  # noqa: ARG001 -- every judge has it
    *,
    seconds: float = 4 * 3600,
    high_seconds: float = 24 * 3600,
) -> Iterator[Flaw]:
    """Compare the time that a build has taken with the limit."""
    spent = build.seconds or 0.0
    if spent < seconds:
        return
    complete = build.done is not None and build.total is not None and build.done >= build.total
    waits = " It has read the whole collection, and waits for something else." if complete else ""
    yield Flaw(
        title=fitting(f"{build.name} has been under construction for {duration(spent)}"),
        severity=Severity.HIGH if spent >= high_seconds else Severity.MEDIUM,
        evidence=(
            Evidence(name="under construction for", value=round(spent, 1), unit="seconds", probe="operations"),
            Evidence(name="stage", value=build.phase, probe="operations"),
            Evidence(name="documents done", value=build.done, unit="documents", probe="operations"),
            Evidence(name="documents in all", value=build.total, unit="documents", probe="operations"),
        ),
        impact=Impact(risk="each write pays for an index that no query can use"),
        explanation=f"{build.schema}.{build.name} has been built for {duration(spent)}.{waits}",
        recommendation="Look whether it moves on; if not, find the member that it waits for, or end it.",
        operations=(
            ChangeApplication(
                topic="index-build", subject=f"{build.schema}.{build.name}",
                instruction="Find the member that has not built its copy, or drop the index by name and build it anew.",
            ),
        ),
    )  # fmt: skip
