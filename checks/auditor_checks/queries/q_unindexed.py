"""A statement reads its tables without any index.

## What
Statements nearly all of whose calls used no index, that read many rows in each call and are called often. Left out are
those of which more is known: that nearly all of the reading was in vain, which q-rows-examined says, that a join reads
a whole table again and again, which q-full-join does, which index a large table lacks (idx-missing-workload), or that
the index is of the wrong kind (idx-cannot-serve).

## Why it matters
Each call reads the whole table, however few rows are wanted.

## When it is fine
Exports and reports that need all rows; they are called rarely.

## How to fix it
Index what it searches by, or page through the table by its key.

## Sources
MySQL manual, "Statement Summary Tables": SUM_NO_INDEX_USED.
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
from auditor_checks.indexing._searches import LARGE
from auditor_checks.indexing.idx_cannot_serve import judge as cannot_be_served
from auditor_checks.queries._statements import (
    PROBE,
    common_evidence,
    is_application,
    joins_whole,
    share,
    short,
    tables_of,
    tables_read,
)
from auditor_checks.queries.q_rows_examined import judge as examines_in_vain
from auditor_checks.queries.q_rows_examined import lacks_an_index

CHECK = Check(
    title="A statement never uses an index",
    passed="Statements use indexes",
    pillar=Pillar.QUERIES,
    severity=Severity.LOW,
    confidence=Confidence.LIKELY,
    unit=STATEMENTS,
    needs=("statements|profile",),
    engines=(*PRODUCTS, "mongodb"),
)


def judge(
    statement: Statement,
    facts: Facts,
    *,
    min_rows: float = 1_000,
    min_calls: float = 20,
    most: float = 0.9,
    medium_share: float = 0.1,
) -> Iterator[Verdict]:
    """Report a statement that reads much without an index, and often."""
    without = statement.unindexed
    if without is None or statement.calls < min_calls or without < most * statement.calls:
        return
    each = (statement.rows_examined or 0) / statement.calls
    if each < min_rows or not is_application(statement):
        return
    if joins_whole(statement) or any(examines_in_vain(statement, facts)) or any(cannot_be_served(statement, facts)):
        return
    large = any(facts.rows(table) >= LARGE for table in tables_read(statement, facts))
    if large and lacks_an_index(statement, facts):
        return
    yield Flaw(
        severity=Severity.MEDIUM if share(statement, facts) >= medium_share else Severity.LOW,
        related=tables_of(statement, facts),
        evidence=(
            *common_evidence(statement, facts),
            Evidence(name="calls without an index", value=without, unit="calls", probe=PROBE),
            Evidence(name="rows examined by a call", value=round(each), unit="rows", probe=PROBE),
        ),
        impact=Impact(milliseconds=round(statement.total_ms, 1)),
        explanation=f"{without:,} of {statement.calls:,} calls read {each:,.0f} rows each without an index.",
        recommendation="Index what it searches by, or page through the table by its key.",
        operations=(
            ChangeApplication(
                topic="find-full-scans",
                subject=statement.id,
                instruction=f"Index what this searches by, or page by key: {short(statement.text)}",
            ),
        ),
    )
