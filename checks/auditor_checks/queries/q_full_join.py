"""A statement joins a table without an index.

## What
Statements of which most calls join some table by reading all of it, and that examine many rows on each call with a
noticeable share of the time.

## Why it matters
The joined table is read whole for every row before it, or once into a hash table: the work grows with the product, or
at best the sum, of both tables, however few rows come out.

## When it is fine
The joined table is small: such statements examine few rows and are not reported. A report over all rows of both tables,
which MySQL answers with a hash join.

## How to fix it
Index the column that the table is joined by, and see that both sides have one type and one collation, without which the
index is of no use.

## Sources
MySQL manual, "Statement Summary Tables" (SUM_SELECT_FULL_JOIN), "Server Status Variables" (Select_full_join: "check
the indexes of your tables"), "Hash Join Optimization".
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
from auditor_checks.queries._statements import common_evidence, is_application, joins_whole, share, short, tables_of

CHECK = Check(
    title="Statement joins a table without an index",
    passed="Statements find an index for what they join by",
    pillar=Pillar.QUERIES,
    severity=Severity.MEDIUM,
    confidence=Confidence.LIKELY,
    unit=STATEMENTS,
    needs=("statements",),
    engines=("mysql", "mariadb"),
)


def judge(
    statement: Statement, facts: Facts, *,
    min_calls: float = 20, min_examined: float = 10_000, min_share: float = 0.01, medium_share: float = 0.05,
) -> Iterator[Flaw]:  # fmt: skip
    """Report a statement whose joins without an index read much on each call."""
    if statement.calls < min_calls or not joins_whole(statement) or not is_application(statement):
        return
    each, part = (statement.rows_examined or 0) / statement.calls, share(statement, facts)
    if each < min_examined or part < min_share:
        return
    yield Flaw(
        title=f"A statement joins without an index and examines {each:,.0f} rows on each call",
        severity=Severity.MEDIUM if part >= medium_share else Severity.LOW,
        related=tables_of(statement, facts),
        evidence=(
            *common_evidence(statement, facts),
            Evidence(name="joins without an index", value=statement.full_joins, unit="joins", probe="statements"),
            Evidence(name="rows examined by a call", value=round(each), unit="rows", probe="statements"),
            Evidence(name="rows returned or changed by a call", value=round(statement.rows / statement.calls, 1),
                     unit="rows", probe="statements"),
        ),
        impact=Impact(milliseconds=round(statement.total_ms, 1), risk="it grows with both tables"),
        explanation=f"In {statement.calls:,} calls {statement.full_joins or 0:,} joins read a whole table; each call "
        f"examined {each:,.0f} rows.",
        recommendation="Index the column that the table is joined by, of one type and collation on both sides.",
        operations=(
            ChangeApplication(
                topic="full-join", subject=statement.id,
                instruction=f"Let EXPLAIN show which table is joined without a key, and index it: "
                f"{short(statement.text)}",
            ),
        ),
    )  # fmt: skip
