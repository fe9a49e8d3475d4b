"""A statement's time varies widely from call to call.

## What
Statements whose standard deviation is several times their mean, that take a noticeable share of the time.

## Why it matters
Users see the slow calls, averages hide them. The usual causes are plans that fit some parameters and not others, lock
waits, and cold caches.

## When it is fine
The statement is used for small and large work alike, and nobody waits for the large one.

## How to fix it
Log the slow calls' plans with their parameters (auto_explain), and compare them with the quick ones'.

## Sources
PostgreSQL manual, "pg_stat_statements": stddev_exec_time; "PREPARE", on generic and custom plans.
"""

from __future__ import annotations

from collections.abc import Iterator

from auditor.model.check import Check
from auditor.model.facts import Facts
from auditor.model.finding import Evidence, Flaw, Impact
from auditor.model.operation import ChangeApplication
from auditor.model.units import STATEMENTS
from auditor.model.vocabulary import Confidence, Pillar, Severity
from auditor.model.workload import Statement
from auditor_checks.queries._statements import common_evidence, is_application, share, short, tables_of

CHECK = Check(
    title="Statement's time varies widely",
    passed="Statements take about the same time each call",
    pillar=Pillar.QUERIES,
    severity=Severity.LOW,
    confidence=Confidence.LIKELY,
    unit=STATEMENTS,
    needs=("statements",),
    engines=("postgresql",),
)


def judge(
    statement: Statement,
    facts: Facts,
    *,
    times: float = 5,
    min_calls: float = 100,
    slow_ms: float = 250,
    min_share: float = 0.01,
) -> Iterator[Flaw]:
    """Compare the deviation with the mean, where slow calls are slow enough to be felt."""
    deviation, slowest = statement.deviation_ms, statement.maximum_ms
    if deviation is None or slowest is None or statement.calls < min_calls or not is_application(statement):
        return
    if slowest < slow_ms or deviation < times * statement.mean_ms or share(statement, facts) < min_share:
        return
    yield Flaw(
        title=f"A statement takes {statement.mean_ms:,.1f} ms as a rule and up to {slowest:,.0f} ms",
        related=tables_of(statement, facts),
        evidence=(
            *common_evidence(statement, facts),
            Evidence(name="standard deviation", value=round(deviation, 3), unit="milliseconds", probe="statements"),
            Evidence(name="slowest call", value=round(slowest, 1), unit="milliseconds", probe="statements"),
        ),
        impact=Impact(milliseconds=round(statement.total_ms, 1)),
        explanation=f"{statement.calls:,} calls deviate by {deviation / statement.mean_ms:,.1f} times their mean.",
        recommendation="Log the plans of slow calls with their parameters, and compare them with those of quick ones.",
        operations=(
            ChangeApplication(
                topic="unsteady-statement",
                subject=statement.id,
                instruction=f"Log the slow calls' plans of: {short(statement.text)}",
            ),
        ),
    )
