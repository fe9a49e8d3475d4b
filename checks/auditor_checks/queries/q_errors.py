"""A statement often ends in an error.

## What
Statements that failed in a noticeable part of their calls: duplicates, deadlocks, time limits, values that do not fit.

## Why it matters
Each error is work that was done for nothing, and often one that a user saw.

## When it is fine
A duplicate key is how the application finds out that a row is there. INSERT … ON DUPLICATE KEY UPDATE says so without
an error.

## How to fix it
Find the errors in the log of the application, and let it handle or avoid them.

## Sources
MySQL manual, "Statement Summary Tables": SUM_ERRORS.
"""

from __future__ import annotations

from collections.abc import Iterator

from auditor.model.check import Check
from auditor.model.facts import Facts
from auditor.model.finding import Evidence, Flaw, Impact, Verdict
from auditor.model.operation import ChangeApplication
from auditor.model.units import STATEMENTS
from auditor.model.vocabulary import Confidence, Pillar, Severity
from auditor.model.workload import Statement
from auditor_checks._settings import PRODUCTS
from auditor_checks._words import percent
from auditor_checks.queries._statements import common_evidence, is_application, short, tables_of

CHECK = Check(
    title="A statement fails in many of its calls",
    passed="Statements hardly fail",
    pillar=Pillar.QUERIES,
    severity=Severity.MEDIUM,
    confidence=Confidence.LIKELY,
    unit=STATEMENTS,
    needs=("statements",),
    engines=PRODUCTS,
)


def judge(
    statement: Statement, facts: Facts, *, min_errors: float = 20, often: float = 0.05, very_often: float = 0.5
) -> Iterator[Verdict]:
    """Compare the errors with the calls."""
    errors = statement.errors
    if errors is None or errors < min_errors or errors < often * statement.calls or not is_application(statement):
        return
    part = errors / max(1, statement.calls)
    yield Flaw(
        title=f"A statement fails in {percent(min(1.0, part))} of its calls",
        severity=Severity.MEDIUM if part >= very_often else Severity.LOW,
        related=tables_of(statement, facts),
        evidence=(
            *common_evidence(statement, facts),
            Evidence(name="errors", value=errors, unit="errors", probe="statements"),
        ),
        impact=Impact(risk="users see errors, and work is done for nothing"),
        explanation=f"{errors:,} of {statement.calls:,} calls ended in an error.",
        recommendation="Find the errors in the log of the application, and handle or avoid them.",
        operations=(
            ChangeApplication(
                topic="statement-errors",
                subject=statement.id,
                instruction=f"Find out which errors this ends in, and handle or avoid them: {short(statement.text)}",
            ),
        ),
    )
