"""A statement is tied to an index that does not serve it.

## What
Frequent statements that name the index to use (hint) and read many times what they return.

## Why it matters
A hint was right for the data and the indexes of its day. It keeps the optimizer from a better index that was built
since, and the statement fails on the day when its index is dropped.

## When it is fine
The hint is measured to be better than the optimizer's choice: then it reads about what it returns.

## How to fix it
Compare the plans with and without the hint; take it out of the code before its index is changed.

## Sources
MongoDB manual, "cursor.hint()"; "Database Profiler Output" (keysExamined, docsExamined, nreturned).
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
from auditor_checks.queries._plans import read, returned
from auditor_checks.queries._statements import PROBE, common_evidence, is_application, short, summarizes, tables_of

CHECK = Check(
    title="A statement is tied to an index that does not serve it",
    passed="No statement is tied to an index that does not serve it",
    pillar=Pillar.QUERIES,
    severity=Severity.LOW,
    confidence=Confidence.LIKELY,
    unit=STATEMENTS,
    needs=("profile",),
    engines=("mongodb",),
)


def judge(
    statement: Statement, facts: Facts, *,
    min_calls: float = 20, ratio: float = 100, min_read: float = 1_000, medium_read: float = 100_000,
) -> Iterator[Flaw]:  # fmt: skip
    """Compare what a statement with a hint reads with what it returns."""
    hint = statement.parsed.hint if statement.parsed is not None else None
    if hint is None or statement.calls < min_calls or summarizes(statement) or not is_application(statement):
        return
    each, rows = read(statement), returned(statement)
    if each < min_read or each < ratio * max(rows, 1):
        return
    yield Flaw(
        title=f"A statement is tied to an index and reads {each:,.0f} documents for {rows:,.0f}",
        severity=Severity.MEDIUM if each >= medium_read else Severity.LOW,
        related=tables_of(statement, facts),
        evidence=(
            *common_evidence(statement, facts),
            Evidence(name="index that it names", value=hint, probe=PROBE),
            Evidence(name="documents or index entries read by a call", value=round(each), unit="documents",
                     probe=PROBE),
            Evidence(name="documents returned or changed by a call", value=round(rows, 1), unit="documents",
                     probe=PROBE),
        ),
        impact=Impact(milliseconds=round(statement.total_ms, 1), risk="it fails when that index is dropped"),
        explanation=f"{statement.calls:,} calls name {hint} and read {each:,.0f} documents for {rows:,.1f} each.",
        recommendation="Compare its plans with and without the hint, and take the hint out.",
        operations=(
            ChangeApplication(
                topic="hint",
                subject=statement.id,
                instruction=f"Compare the plans with and without the hint, and take it out: {short(statement.text)}",
            ),
        ),
    )  # fmt: skip
