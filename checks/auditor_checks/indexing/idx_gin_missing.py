"""Statements search inside values, and no index can help them.

## What
Columns of large tables that statements search by operators which only an inverted index serves: containment and
overlap of arrays, containment and keys of JSON documents, full-text matches, and patterns without regard to case.
Reported when the statement statistics show such statements and no fitting index exists.

## Why it matters
A B-tree cannot look inside a value. Each of these statements reads the whole table.

## When it is fine
The table is small, another condition of the statement narrows the rows first, or the statement is rare.

## How to fix it
Build an inverted index (GIN) on the column without blocking writes; for patterns with the operator class of the
trigram extension. Such an index makes writes dearer: weigh it on tables that are mostly written.

## Sources
PostgreSQL manual, "GIN Indexes", "jsonb Indexing" (8.14.4), "Preferred Index Types for Text Search" (12.9), module
pg_trgm.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from auditor.model.catalog import Column, Index, Table
from auditor.model.check import Check
from auditor.model.facts import Facts
from auditor.model.finding import Evidence, Flaw, Impact, Subject, Verdict
from auditor.model.operation import AddIndex, AnyOperation, CreateExtension
from auditor.model.units import TABLES
from auditor.model.vocabulary import Confidence, Pillar, Severity
from auditor.model.workload import Statement
from auditor_checks._hidden import unreadable
from auditor_checks._words import fitting

CHECK = Check(
    title="Statements search inside values that no index looks into",
    passed="Searches inside values have an index that looks into them",
    pillar=Pillar.INDEXING,
    severity=Severity.MEDIUM,
    confidence=Confidence.LIKELY,
    unit=TABLES,
    needs=("tables", "columns", "indexes", "statements"),
    engines=("postgresql",),
)

_OPERATORS = {
    "array": {"@>", "<@", "&&"},
    "jsonb": {"@>", "?", "?|", "?&", "@?"},
    "search": {"@@"},
    "text": {"ilike", "~*"},
}
_INVERTED = ("gin", "gist", "spgist", "rum")


def judge(
    table: Table, facts: Facts, *, min_rows: float = 10_000, min_calls: float = 20, medium_ms: float = 10.0
) -> Iterator[Verdict]:
    """Report each column that statements look into without an index."""
    if facts.rows(table) < min_rows:
        return
    if table.unreadable is not None:
        yield unreadable(table.key, table)
        return
    found: dict[tuple[str, str], dict[str, Statement]] = defaultdict(dict)
    for entry in facts.statement_uses.get(table.key, ()):
        narrowed = _leads(table, entry.use.equal, facts)
        for name, operator in entry.use.searched:
            column = table.column(name)
            if column is not None and operator in _OPERATORS.get(column.family, ()) and not narrowed:
                found[name, operator][entry.statement.id] = entry.statement
    seen: set[str] = set()
    for (name, operator), statements in sorted(found.items()):
        column = table.column(name)
        calls = sum(statement.calls for statement in statements.values())
        if column is None or name in seen or calls < min_calls or _served(table, name, facts):
            continue
        seen.add(name)
        total = sum(statement.total_ms for statement in statements.values())
        yield Flaw(
            title=fitting(f"{name} is searched with {operator.upper()} and has no index for that"),
            subject=Subject(kind="column", name=table.column_path(name)),
            related=(
                Subject(kind="table", name=table.path),
                *(Subject(kind="query", name=identity) for identity in sorted(statements)[:10]),
            ),
            severity=Severity.MEDIUM if total / calls >= medium_ms else Severity.LOW,
            evidence=(
                Evidence(name="operator", value=operator.upper(), probe="statements"),
                Evidence(name="calls", value=calls, unit="calls", probe="statements"),
                Evidence(name="mean time", value=round(total / calls, 2), unit="ms", probe="statements"),
                Evidence(name="rows", value=round(facts.rows(table)), unit="rows", probe="tables"),
            ),
            impact=Impact(milliseconds=total, rows=round(facts.rows(table)), risk="each search reads the whole table"),
            explanation=(
                f"{len(statements)} statements search {table.column_path(name)} ({column.type}) with "
                f"{operator.upper()}, {calls:,} times in all, {total / calls:,.1f} ms each. No index of "
                f"{table.path} looks into its values."
            ),
            recommendation=f"Build an inverted index on {name} without blocking writes, unless writes matter more.",
            operations=_operations(table, column, facts),
        )


def _leads(table: Table, columns: tuple[str, ...], facts: Facts) -> bool:
    """Whether an index leads with a column that the statement also compares with a value."""
    return any(index.usable and index.columns[:1] and index.columns[0] in columns for index in _indexes(table, facts))


def _served(table: Table, name: str, facts: Facts) -> bool:
    return any(
        index.usable
        and index.method in _INVERTED
        and any(part.column == name or name in (part.expression or "") for part in index.parts)
        for index in _indexes(table, facts)
    )


def _indexes(table: Table, facts: Facts) -> list[Index]:
    return list(facts.indexes_of(table.key))


def _operations(table: Table, column: Column, facts: Facts) -> tuple[AnyOperation, ...]:
    if column.family != "text":
        return (AddIndex(schema=table.schema, table=table.name, columns=(column.name,), method="gin"),)
    index = AddIndex(
        schema=table.schema, table=table.name, columns=(column.name,), method="gin",
        operator_classes={column.name: "gin_trgm_ops"},
    )  # fmt: skip
    return (index,) if "pg_trgm" in facts.extensions else (CreateExtension(name="pg_trgm"), index)
