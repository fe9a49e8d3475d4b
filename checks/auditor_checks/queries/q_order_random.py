"""Rows are drawn by sorting all of them at random.

## What
Counted statements that order by random(), with noticeable time.

## Why it matters
To return one row, every row is read, given a random number and sorted: the time grows with the table, and no index
helps.

## When it is fine
The rows that are left after the conditions are few: quick statements are not reported.

## How to fix it
Draw a random value of an indexed key and take the next row from there, or use TABLESAMPLE for a sample.

## Sources
PostgreSQL manual, "SELECT": TABLESAMPLE; "tsm_system_rows".
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from auditor.model.check import Check
from auditor.model.facts import Facts
from auditor.model.finding import Flaw, Impact
from auditor.model.operation import ChangeApplication
from auditor.model.units import STATEMENTS
from auditor.model.vocabulary import Confidence, Pillar, Severity
from auditor.model.workload import Statement
from auditor_checks.queries._statements import common_evidence, is_application, tables_of

CHECK = Check(
    title="Rows are drawn by sorting all of them at random",
    passed="No statement sorts at random",
    pillar=Pillar.QUERIES,
    severity=Severity.LOW,
    confidence=Confidence.LIKELY,
    unit=STATEMENTS,
    needs=("statements",),
)
_RANDOM = re.compile(r"\border\s+by\s+(pg_catalog\.)?`?(random|rand)`?\s*\(\s*\)", re.IGNORECASE)


def judge(statement: Statement, facts: Facts, *, mean_ms: float = 20, total_ms: float = 10_000) -> Iterator[Flaw]:
    """Match the text, and weigh its time."""
    if not is_application(statement) or _RANDOM.search(statement.text) is None:
        return
    if statement.mean_ms < mean_ms or statement.total_ms < total_ms:
        return
    yield Flaw(
        title=f"Rows are drawn by a random sort that takes {statement.mean_ms:,.0f} ms",
        related=tables_of(statement, facts),
        evidence=common_evidence(statement, facts),
        impact=Impact(milliseconds=statement.total_ms),
        explanation=f"{statement.calls:,} times all rows were sorted at random, for {statement.rows:,} rows in all.",
        recommendation="Draw a random value of an indexed key, or sample the table where the engine can.",
        operations=(
            ChangeApplication(
                topic="random-order",
                subject=statement.id,
                instruction="Draw a random value of an indexed key and take the next row, or sample the table where "
                "the engine can.",
            ),
        ),
    )
