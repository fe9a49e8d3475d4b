"""Much of the time goes into joins of collections.

## What
The share that pipelines with $lookup, $graphLookup or $unionWith have in the time of all counted statements, where they
are called often.

## Why it matters
A document database reads together what lies in one document. Data that is joined again and again on its way to the user
lies in the wrong place: each join is a search of its own for each document.

## When it is fine
Reports and exports. Data that changes often and is shared by many documents is better kept once and joined.

## How to fix it
Keep the fields that are always shown beside the reference in the document that refers (extended reference), and refresh
them by a change stream; or embed what has no life of its own.

## Sources
MongoDB manual, "Reduce $lookup Operations" among the schema design anti-patterns.
"""

from __future__ import annotations

from collections.abc import Iterator

from auditor.model.check import Check
from auditor.model.facts import Facts
from auditor.model.finding import Evidence, Flaw, Impact, Subject, Unknown, Verdict
from auditor.model.operation import ChangeApplication
from auditor.model.units import DATABASE
from auditor.model.vocabulary import Confidence, Pillar, Severity
from auditor.model.workload import Statement
from auditor_checks._words import percent
from auditor_checks.queries._statements import PROBE, short

CHECK = Check(
    title="Much of the time goes into joins of collections",
    passed="Documents hold what is read together",
    pillar=Pillar.QUERIES,
    severity=Severity.LOW,
    confidence=Confidence.POSSIBLE,
    unit=DATABASE,
    needs=("profile",),
    engines=("mongodb",),
)


def judge(
    _database: Facts, facts: Facts, *, min_share: float = 0.3, min_calls: float = 100, medium_share: float = 0.6
) -> Iterator[Verdict]:
    """Compare the time of statements that join with that of all."""
    total = facts.workload.statements_total_ms or 0.0
    if not facts.statements:
        yield Unknown(reason="no operation of an application was kept")
        return
    joining = [statement for statement in facts.statements if _joins(statement)]
    calls, spent = sum(one.calls for one in joining), sum(one.total_ms for one in joining)
    if not total or calls < min_calls or spent < min_share * total:
        return
    dearest = max(joining, key=lambda one: (one.total_ms, one.id))
    yield Flaw(
        title=f"Joins take {percent(spent / total)} of the time of all statements",
        severity=Severity.MEDIUM if spent >= medium_share * total else Severity.LOW,
        related=tuple(Subject(kind="query", name=one.id) for one in sorted(joining, key=lambda o: -o.total_ms)[:10]),
        evidence=(
            Evidence(name="statements that join", value=len(joining), unit="statements", probe=PROBE),
            Evidence(name="calls of them", value=calls, unit="calls", probe=PROBE),
            Evidence(name="time of them", value=round(spent, 1), unit="milliseconds", probe=PROBE),
            Evidence(name="time of all statements", value=round(total, 1), unit="milliseconds", probe=PROBE),
            Evidence(name="the dearest", value=short(dearest.text), probe=PROBE),
        ),
        impact=Impact(milliseconds=round(spent, 1)),
        explanation=(
            f"{calls:,} calls of {len(joining)} statements that join collections took {percent(spent / total)} of the "
            "time of all that were counted."
        ),
        recommendation="Keep what is always read together in one document, first for the dearest of them.",
        operations=(
            ChangeApplication(
                topic="joins", subject=facts.target.name,
                instruction=f"Keep in one document what is read together by: {short(dearest.text)}",
            ),
        ),
    )  # fmt: skip


def _joins(statement: Statement) -> bool:
    return statement.parsed is not None and any(use.joined for use in statement.parsed.uses)
