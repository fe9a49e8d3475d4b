"""A statement fails in a noticeable part of its calls.

## What
Statements of the application that end in an error in at least every hundredth call.

## Why it matters
An error is work that was done for nothing, a transaction that may have been half undone, and often a user who was told
so. A rate that stays for weeks is a fault that nobody looks at: keys that exist already, lock waits that time out,
deadlocks, values that do not fit.

## When it is fine
The error is part of the design: insert and see whether the key is there. INSERT … ON DUPLICATE KEY UPDATE says the same
without one.

## How to fix it
Find out which error it is: the server counts them by number, and the application's log has the text.

## Sources
MySQL manual, "Statement Summary Tables" (SUM_ERRORS), "Error Summary Tables"; MariaDB documentation,
"events_statements_summary_by_digest Table".
"""

from __future__ import annotations

from collections.abc import Iterator

from auditor.model.check import Check
from auditor.model.facts import Facts
from auditor.model.finding import Evidence, Flaw
from auditor.model.operation import ChangeApplication
from auditor.model.units import STATEMENTS
from auditor.model.vocabulary import Pillar, Severity
from auditor.model.workload import Statement
from auditor_checks._settings import PRODUCTS
from auditor_checks._words import percent
from auditor_checks.queries._statements import common_evidence, is_application, short, tables_of

CHECK = Check(
    title="Statement fails again and again",
    passed="Statements hardly ever fail",
    pillar=Pillar.QUERIES,
    severity=Severity.LOW,
    unit=STATEMENTS,
    needs=("statements",),
    engines=PRODUCTS,
)


def judge(
    statement: Statement, facts: Facts, *, min_errors: float = 50, part: float = 0.01, medium_part: float = 0.1
) -> Iterator[Flaw]:
    """Compare the failed calls with all calls."""
    errors = statement.errors or 0
    if errors < min_errors or errors < part * statement.calls or not is_application(statement):
        return
    ratio = min(1.0, errors / max(1, statement.calls))
    yield Flaw(
        title=f"A statement failed {errors:,} times, in {percent(ratio)} of its calls",
        severity=Severity.MEDIUM if ratio >= medium_part else Severity.LOW,
        related=tables_of(statement, facts),
        evidence=(
            *common_evidence(statement, facts),
            Evidence(name="calls that failed", value=errors, unit="calls", probe="statements"),
            Evidence(name="share of calls that failed", value=round(ratio, 4), unit="share", probe="statements"),
        ),
        explanation=f"{errors:,} of {statement.calls:,} calls ended in an error.",
        recommendation="Find out which error it is, and let the application avoid it.",
        operations=(
            ChangeApplication(
                topic="failing-statement", subject=statement.id,
                instruction=f"Find the error in the application's log, and avoid it: {short(statement.text)}",
            ),
        ),
    )  # fmt: skip
