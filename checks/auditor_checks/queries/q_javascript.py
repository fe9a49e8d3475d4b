"""The server runs code of the application for each document.

## What
Statements with $where, $function, $accumulator or mapReduce. Each has the server start JavaScript and call it for every
document that it looks at.

## Why it matters
No index serves such a condition, each call is many times slower than an operator, and who can write a condition can
have the server run code: an injection through it is worse than one into a filter. MongoDB 8.0 declares it deprecated.

## When it is fine
Work of an administrator by hand, on few documents.

## How to fix it
Say it with $expr and the operators of aggregation, which compare fields and calculate; then switch JavaScript off on
the server (security.javascriptEnabled).

## Sources
MongoDB manual, "$where", "$function", "Map-Reduce" (deprecated since 5.0), and the release notes of 8.0.
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
from auditor_checks.queries._plans import read
from auditor_checks.queries._statements import PROBE, common_evidence, is_application, share, short, tables_of

CHECK = Check(
    title="The server runs JavaScript for each document",
    passed="No statement has the server run JavaScript",
    pillar=Pillar.QUERIES,
    severity=Severity.MEDIUM,
    unit=STATEMENTS,
    needs=("profile",),
    engines=("mongodb",),
)


def judge(statement: Statement, facts: Facts, *, min_calls: float = 2, medium_share: float = 0.02) -> Iterator[Flaw]:
    """Report a statement with code, graded by its part of the time."""
    if statement.parsed is None or not statement.parsed.scripts or statement.calls < min_calls:
        return
    if not is_application(statement):
        return
    each = read(statement)
    yield Flaw(
        title=f"A statement runs JavaScript over {each:,.0f} documents on each call",
        severity=Severity.MEDIUM if share(statement, facts) >= medium_share else Severity.LOW,
        confidence=Confidence.CERTAIN,
        related=tables_of(statement, facts),
        evidence=(
            *common_evidence(statement, facts),
            Evidence(name="documents read by a call", value=round(each), unit="documents", probe=PROBE),
        ),
        impact=Impact(milliseconds=round(statement.total_ms, 1), risk="slow, and a way in for code"),
        explanation=f"{statement.calls:,} calls had the server run code for each of {each:,.0f} documents.",
        recommendation="Say it with $expr and operators; then switch JavaScript off on the server.",
        operations=(
            ChangeApplication(
                topic="server-side-javascript",
                subject=statement.id,
                instruction=f"Say it with $expr and the operators of aggregation: {short(statement.text)}",
            ),
        ),
    )
