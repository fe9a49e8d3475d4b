"""A statement examines far more rows than it returns or changes.

## What
Frequent statements that examine at least a thousand rows for each one that they return or change, with a noticeable
share of the time. Left out are statements that make one row of many (count, sum, GROUP BY, DISTINCT and the like), skip
rows by OFFSET or skip, order them at random, or join or search without an index or beside one of the wrong kind, which
is other checks' business.

## Why it matters
The server reads, and keeps in its cache, what the statement throws away. An UPDATE or DELETE under REPEATABLE READ also
locks every row that it examines, so that others wait for rows that nobody changes.

## When it is fine
A full-text or geometric search that has to look at many candidates; an anti-join that finds nothing as a rule.

## How to fix it
An index on the columns of the condition, with those of the order after them, lets it read what it returns.

## Sources
MySQL manual, "Statement Summary Tables" (SUM_ROWS_EXAMINED, SUM_ROWS_SENT, SUM_ROWS_AFFECTED), "Locks Set by Different
SQL Statements in InnoDB". MongoDB manual, "Database Profiler Output" (docsExamined, nreturned, nModified).
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from auditor.model.check import Check
from auditor.model.facts import Facts
from auditor.model.finding import Evidence, Flaw, Impact
from auditor.model.operation import ChangeApplication
from auditor.model.units import STATEMENTS
from auditor.model.vocabulary import Confidence, Pillar, Severity
from auditor.model.workload import Statement
from auditor_checks._settings import PRODUCTS
from auditor_checks.indexing._searches import reads_whole, wanted_columns
from auditor_checks.indexing.idx_cannot_serve import judge as cannot_be_served
from auditor_checks.queries._statements import (
    PROBE,
    common_evidence,
    is_application,
    joins_whole,
    share,
    short,
    summarizes,
    tables_of,
    tables_read,
)

CHECK = Check(
    title="Statement examines far more rows than it returns",
    passed="Statements examine about as many rows as they return",
    pillar=Pillar.QUERIES,
    severity=Severity.MEDIUM,
    confidence=Confidence.LIKELY,
    unit=STATEMENTS,
    needs=("statements|profile",),
    engines=(*PRODUCTS, "mongodb"),
)
_SKIPS = re.compile(
    r"(?i)\blimit\s+\?\s*,|\boffset\b|\blimit\s+\?\s*offset|\bmatch\s*\(|\bst_\w+\s*\(|\border\s+by\s+`?rand`?\s*\("
)


def judge(
    statement: Statement, facts: Facts, *,
    min_calls: float = 20, min_examined: float = 10_000, ratio: float = 1_000, min_share: float = 0.01,
    medium_share: float = 0.05,
) -> Iterator[Flaw]:  # fmt: skip
    """Compare what a call examines with what it returns or changes."""
    if statement.rows_examined is None or statement.calls < min_calls or not is_application(statement):
        return
    if statement.kind == "insert" or summarizes(statement) or _passes_over(statement) or joins_whole(statement):
        return
    each, rows = statement.rows_examined / statement.calls, statement.rows / statement.calls
    part = share(statement, facts)
    if each < min_examined or statement.rows_examined < ratio * max(statement.rows, 1) or part < min_share:
        return
    if lacks_an_index(statement, facts) or any(cannot_be_served(statement, facts)):
        return
    what = "returns" if statement.kind == "select" else "changes"
    yield Flaw(
        title=f"A statement examines {each:,.0f} rows and {what} {rows:,.1f} on each call",
        severity=Severity.MEDIUM if part >= medium_share else Severity.LOW,
        related=tables_of(statement, facts),
        evidence=(
            *common_evidence(statement, facts),
            Evidence(name="rows examined by a call", value=round(each), unit="rows", probe=PROBE),
            Evidence(name="rows returned or changed by a call", value=round(rows, 1), unit="rows", probe=PROBE),
            Evidence(name="calls without an index", value=statement.unindexed, unit="calls", probe=PROBE),
        ),
        impact=Impact(milliseconds=round(statement.total_ms, 1), risk="it grows with the table"),
        explanation=f"{statement.calls:,} calls examined {each:,.0f} rows each and {what.removesuffix('s')}ed "
        f"{rows:,.1f}."
        if what == "returns"
        else f"{statement.calls:,} calls examined {each:,.0f} rows each and changed {rows:,.1f}.",
        recommendation="Give it an index on the columns of its condition, then on those of its order.",
        operations=(
            ChangeApplication(
                topic="rows-examined", subject=statement.id,
                instruction=f"Find an index by which it reads only what it {what}: {short(statement.text)}",
            ),
        ),
    )  # fmt: skip


def _passes_over(statement: Statement) -> bool:
    """Whether it skips rows, or searches by likeness or place: then it has to look at what it does not return."""
    if statement.parsed is None:
        return _SKIPS.search(statement.text) is not None
    kinds = {operator for use in statement.parsed.uses for _, operator in use.searched}
    return statement.parsed.skips or statement.parsed.scripts or bool(kinds & {"text", "geo"})


def lacks_an_index(statement: Statement, facts: Facts, *, whole: float = 0.5, max_share: float = 0.05) -> bool:
    """Whether the statement searches a table by columns without an index: then it is that index that is missing."""
    return any(
        reads_whole(entry, table, whole, facts) and wanted_columns(table, entry, facts, max_share)
        for table in tables_read(statement, facts)
        for entry in facts.statement_uses[table.key]
        if entry.statement is statement
    )
