"""A statement reads a whole table beside an index of the wrong kind.

## What
Frequent statements on one large table that use no index in nearly all of their calls, although there is one on the
column: a full-text index where the condition is LIKE, or an index of the first characters only (a prefix) where the
rows are wanted in the column's order.

## Why it matters
Somebody made the index for this search and believes that it serves. It is written with every row, and each call reads
the whole table all the same.

## When it is fine
The statement is rare, or nobody waits for it. The index serves another statement.

## How to fix it
Full text: write MATCH (column) AGAINST (…) instead of LIKE; it finds words, not any part of a text. Order: index the
whole column, or order by one that is indexed whole.

## Sources
MySQL manual, "Full-Text Search Functions", "Column Indexes" (index prefixes), "ORDER BY Optimization": no index is used
where only a prefix of the column is indexed. MariaDB documentation, "Full-Text Index Overview".
"""

from __future__ import annotations

from collections.abc import Iterator

from auditor.model.catalog import Index
from auditor.model.check import Check
from auditor.model.facts import Facts
from auditor.model.finding import Evidence, Flaw, Impact, Subject
from auditor.model.operation import ChangeApplication
from auditor.model.statement_uses import StatementUse
from auditor.model.units import STATEMENTS
from auditor.model.vocabulary import Confidence, Pillar, Severity
from auditor.model.workload import Statement
from auditor_checks._settings import PRODUCTS
from auditor_checks.queries._statements import common_evidence, is_application, share, short, tables_read

CHECK = Check(
    title="Index is of a kind that its statement cannot use",
    passed="Statements find indexes of the kind that they need",
    pillar=Pillar.INDEXING,
    severity=Severity.LOW,
    confidence=Confidence.LIKELY,
    unit=STATEMENTS,
    needs=("statements", "tables", "columns", "indexes"),
    engines=PRODUCTS,
)


def judge(
    statement: Statement,
    facts: Facts,
    *,
    min_calls: float = 20,
    min_rows: float = 1_000,
    most: float = 0.9,
    medium_share: float = 0.1,
) -> Iterator[Flaw]:
    """Look for an index on what a statement that uses none searches or orders by."""
    if statement.calls < min_calls or (statement.unindexed or 0) < most * statement.calls:
        return
    each = (statement.rows_examined or 0) / statement.calls
    if each < min_rows or not is_application(statement):
        return
    for table in tables_read(statement, facts):
        uses = [entry for entry in facts.statement_uses[table.key] if entry.statement is statement]
        if len(uses) != 1 or len(uses[0].parsed.uses) != 1:
            continue
        indexes = [index for index in facts.indexes_of(table.key) if index.usable]
        found = _for_words(uses[0], indexes) or _for_order(uses[0], indexes)
        if found is not None:
            medium = share(statement, facts) >= medium_share
            yield _flaw(statement, found, each, facts, Severity.MEDIUM if medium else Severity.LOW)


def _for_words(entry: StatementUse, indexes: list[Index]) -> tuple[Index, str] | None:
    """A full-text index on a column that is searched by LIKE, where no other index leads with it."""
    for name, operator in entry.use.searched:
        if "like" not in operator.lower() or any(i.method != "fulltext" and i.columns[:1] == (name,) for i in indexes):
            continue
        for index in indexes:
            if index.method == "fulltext" and name in index.columns:
                return index, "LIKE never uses a full-text index: only MATCH … AGAINST does."
    return None


def _for_order(entry: StatementUse, indexes: list[Index]) -> tuple[Index, str] | None:
    """An index that leads with the first characters of the column by which the first rows are wanted."""
    if not entry.use.order or not entry.use.limited or entry.use.equal:
        return None
    leading = [index for index in indexes if index.method == "btree" and index.parts[0].column == entry.use.order[0]]
    if not leading or any(index.parts[0].length is None for index in leading):
        return None
    length = leading[0].parts[0].length
    return leading[0], f"It holds the first {length} characters only, which do not tell the order of the rows."


def _flaw(statement: Statement, found: tuple[Index, str], each: float, facts: Facts, severity: Severity) -> Flaw:
    index, why = found
    return Flaw(
        severity=severity,
        related=(Subject(kind="index", name=index.path),),
        evidence=(
            *common_evidence(statement, facts),
            Evidence(name="calls without an index", value=statement.unindexed, unit="calls", probe="statements"),
            Evidence(name="rows examined by a call", value=round(each), unit="rows", probe="statements"),
            Evidence(name="kind of the index", value=index.method, probe="indexes"),
        ),
        impact=Impact(milliseconds=round(statement.total_ms, 1)),
        explanation=f"{statement.calls:,} calls read {each:,.0f} rows each beside {index.path}. {why}",
        recommendation="Write the statement so that it can use the index, or make an index that it can use.",
        operations=(
            ChangeApplication(
                topic="index-of-wrong-kind",
                subject=statement.id,
                instruction=f"{why} Let this use {index.path}, or index what it needs: {short(statement.text)}",
            ),
        ),
    )
