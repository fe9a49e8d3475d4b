"""A condition computes on a column, so that its index is of no use.

## What
Frequent statements on one large table that compare an expression of a column with a value, as in DATE(placed) = …,
lower(email) = … or price * 2 > …, and read the whole table for a few rows, though an index leads with that column. For
a column of JSON documents, of which a plain index cannot help, it is enough that none holds the expression.

## Why it matters
An index is sorted by the column, not by what is computed from it: the server computes it for every row of the table.

## When it is fine
The statement is rare, or nobody waits for it.

## How to fix it
Leave the column alone and compute on the value: placed >= … AND placed < …. Where that cannot be said, index the
expression itself, or a generated column that holds it; both are built while writes go on.

## Sources
M. Winand, "SQL Performance Explained", Functions; PostgreSQL manual, "Indexes on Expressions"; MySQL manual, "CREATE
INDEX Statement" (functional key parts) and "Secondary Indexes and Generated Columns"; MariaDB documentation, "Generated
(Virtual and Persistent/Stored) Columns".
"""

from __future__ import annotations

from collections.abc import Iterator

from auditor.model.catalog import Table
from auditor.model.check import Check
from auditor.model.facts import Facts
from auditor.model.finding import Evidence, Flaw, Impact, Subject
from auditor.model.operation import ChangeApplication
from auditor.model.statement_uses import StatementUse
from auditor.model.units import STATEMENTS
from auditor.model.vocabulary import Confidence, Pillar, Severity
from auditor.model.workload import Statement
from auditor_checks._words import fitting
from auditor_checks.indexing._searches import reads_whole
from auditor_checks.queries._statements import common_evidence, is_application, share, short, summarizes, tables_read

CHECK = Check(
    title="Condition computes on a column, so that its index is of no use",
    passed="Conditions leave indexed columns as they are",
    pillar=Pillar.QUERIES,
    severity=Severity.LOW,
    confidence=Confidence.LIKELY,
    unit=STATEMENTS,
    needs=("statements", "tables", "columns", "indexes", "sizes"),
)
_DOCUMENTS = frozenset({"json", "jsonb"})


def judge(
    statement: Statement, facts: Facts, *,
    min_calls: float = 20, min_rows: float = 10_000, max_share: float = 0.05, whole: float = 0.5,
    min_share: float = 0.01, medium_share: float = 0.1,
) -> Iterator[Flaw]:  # fmt: skip
    """Look for a computed condition on a column that an index leads with, in a statement that reads its whole table."""
    if statement.calls < min_calls or not is_application(statement) or summarizes(statement):
        return
    if (part := share(statement, facts)) < min_share:
        return
    for table in tables_read(statement, facts):
        uses = [entry for entry in facts.statement_uses[table.key] if entry.statement is statement]
        rows = facts.rows(table)
        if rows < min_rows or len(uses) != 1 or len(uses[0].parsed.uses) != 1 or uses[0].use.limited:
            continue
        columns = _computed(uses[0], table, facts)
        if not columns or not reads_whole(uses[0], table, whole, facts):
            continue
        if statement.rows <= max_share * rows * statement.calls:
            yield _flaw(statement, table, columns, facts, Severity.MEDIUM if part >= medium_share else Severity.LOW)


def _computed(entry: StatementUse, table: Table, facts: Facts) -> list[str]:
    """The columns of which an expression is compared, and which an index leads with; documents without that."""
    indexes = [index for index in facts.indexes_of(table.key) if index.usable]
    leading = {index.parts[0].column for index in indexes if index.parts}
    expressions = any(index.is_expression for index in indexes)
    found = []
    for name in entry.use.computed:
        column = table.column(name)
        if column is None:
            continue
        if name in leading or (column.family in _DOCUMENTS and not expressions):
            found.append(name)
    return found


def _flaw(statement: Statement, table: Table, columns: list[str], facts: Facts, severity: Severity) -> Flaw:
    named = ", ".join(columns)
    documents = [c.name for c in table.columns if c.name in columns and c.family in _DOCUMENTS]
    return Flaw(
        title=fitting(f"A condition computes on {table.name}.{named}, and the whole table is read"),
        severity=severity,
        related=(
            Subject(kind="table", name=table.path),
            *(Subject(kind="column", name=table.column_path(name)) for name in columns),
        ),
        evidence=(
            *common_evidence(statement, facts),
            Evidence(name="columns inside an expression", value=named, probe="statements"),
            Evidence(name="rows of the table", value=round(facts.rows(table)), unit="rows", probe="tables"),
            Evidence(name="rows returned or changed by a call", value=round(statement.rows / statement.calls, 1),
                     unit="rows", probe="statements"),
        ),
        impact=Impact(milliseconds=round(statement.total_ms, 1), risk="each call reads the whole table"),
        explanation=f"{statement.calls:,} calls compared an expression of {named} of {table.path}, and each read about "
        "the whole table for a few rows, because "
        + ("no index holds what documents are searched by." if documents else "no index is sorted by the expression."),
        recommendation="Index the expression, or a generated column that holds it."
        if documents
        else "Compute on the value and leave the column alone; else index the expression.",
        operations=(
            ChangeApplication(
                topic="computed-condition", subject=statement.id,
                instruction=f"Compare {named} itself with a range of values, or index the expression: "
                f"{short(statement.text)}",
            ),
        ),
    )  # fmt: skip
