"""A row-level security policy compares a column that no index leads with.

## What
Policies in force on large tables whose condition is that a column equals something of the session (a setting, the
current user, a function's result), where no usable index begins with such a column; also those that cast the column, so
that an index on it cannot serve. Conditions with OR are not judged.

## Why it matters
The condition of a policy is added to every query of the table. Without an index each of them filters the whole table,
whatever else it asks for.

## When it is fine
Every query also names something more selective that is indexed, or the column has so few values that an index would
not help; columns with fewer than ten values are left out.

## How to fix it
Build an index that begins with the column; where the column is cast, cast the other side instead.

## Sources
PostgreSQL manual, "Row Security Policies"; "Indexes on Expressions".
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from auditor.model.catalog import Column, Policy, Table
from auditor.model.check import Check
from auditor.model.facts import Facts
from auditor.model.finding import Evidence, Flaw, Impact, Subject
from auditor.model.operation import AddIndex, ChangeApplication
from auditor.model.units import Unit
from auditor.model.vocabulary import Confidence, Pillar, Severity
from auditor_checks._words import fitting

CONDITIONS = Unit(
    plural="policies in force",
    items=lambda f: [policy for table in f.tables if table.row_security for policy in f.policies_of(table.key)],
    subject=lambda policy: Subject(kind="policy", name=policy.path),
    weight=lambda f, policy: f.exposure(f.table(policy.table_key)),
)
CHECK = Check(
    title="Row-level security filters by a column without an index",
    passed="Row-level security filters by indexed columns",
    pillar=Pillar.INDEXING,
    severity=Severity.MEDIUM,
    confidence=Confidence.LIKELY,
    unit=CONDITIONS,
    needs=("tables", "policies", "indexes"),
    engines=("postgresql",),
)
# As the server writes conditions: (column)::type = what does not change within a query.
_EQUALITY = re.compile(
    r"""(?P<open>\(*)(?P<name>"(?:[^"]|"")+"|[a-z_]\w*)\)*(?P<cast>::[a-z ]+)?\)*\ =\ \(*(?:\ SELECT\ \(*)?
        (?:current_setting\(|CURRENT_USER|SESSION_USER|CURRENT_ROLE|(?:[a-z_]\w*\.)?[a-z_]\w*\(\))""",
    re.VERBOSE,
)
_TEXTS = frozenset({"text", "char", "domain"})


def judge(policy: Policy, facts: Facts, *, rows: float = 10_000, large_rows: float = 1_000_000) -> Iterator[Flaw]:
    """Find the columns that the condition fixes, and an index that begins with one of them."""
    table, condition = facts.table(policy.table_key), policy.using or ""
    count = facts.rows(table)
    if table is None or count < rows or re.search(r"\bOR\b", condition):
        return
    fixed = list(_fixed(condition, table))
    if not fixed or any(not cast and _served(table, column, facts) for column, cast in fixed):
        return
    column, cast = fixed[0]
    known = column.statistics.distinct if column.statistics is not None else None
    if (known is not None and known < 10) or any(index.is_expression for index in facts.indexes_of(table.key) if cast):
        return
    path = table.column_path(column.name)
    operation: AddIndex | ChangeApplication = AddIndex(schema=table.schema, table=table.name, columns=(column.name,))
    if cast and _served(table, column, facts):
        operation = ChangeApplication(
            topic="row-security-policies",
            subject=policy.path,
            instruction=f"In the policy {policy.name}, cast the other side to {column.type} instead of {path}.",
        )
    yield Flaw(
        title=fitting(f"Row-level security filters {table.path} by {column.name} without an index"),
        severity=Severity.HIGH if count >= large_rows else Severity.MEDIUM,
        subject=Subject(kind="column", name=path),
        related=(Subject(kind="policy", name=policy.path), Subject(kind="table", name=table.path)),
        evidence=(
            Evidence(name="rows", value=round(count), unit="rows", probe="tables"),
            Evidence(name="the policy casts the column", value=cast, probe="policies"),
            Evidence(name="indexes that begin with the column", value=0, unit="indexes", probe="indexes"),
        ),
        impact=Impact(rows=round(count), risk="every query of the table filters all its rows"),
        explanation=(
            f"Each query of {table.path} is narrowed to one value of {column.name} by the policy {policy.name}, but "
            + (
                "the policy casts the column, so that no index on it serves."
                if cast
                else f"no index begins with it: {count:,.0f} rows are looked at."
            )
        ),
        recommendation=(
            "Let the policy compare the column as it is, and index it." if cast else f"Index {column.name} first."
        ),
        operations=(operation,),
        discriminator=policy.name,
    )


def _fixed(condition: str, table: Table) -> Iterator[tuple[Column, bool]]:
    """The columns that the condition sets equal to something of the session, and whether each is cast."""
    for match in _EQUALITY.finditer(condition):
        name = match["name"]
        column = table.column(name[1:-1].replace('""', '"') if name.startswith('"') else name)
        if column is not None:
            yield column, match["cast"] is not None and column.family not in _TEXTS


def _served(table: Table, column: Column, facts: Facts) -> bool:
    """Whether an index of the table, or one of each partition, begins with the column, or partitions are cut by it."""
    leaves = facts.leaves(table)
    return (
        column.name in table.partition_columns
        or _leads(table, column, facts)
        or (bool(leaves) and all(_leads(leaf, column, facts) for leaf in leaves))
    )


def _leads(table: Table, column: Column, facts: Facts) -> bool:
    indexes = [index for index in facts.indexes_of(table.key) if index.usable and index.predicate is None]
    return any(index.parts and index.parts[0].column == column.name for index in indexes)
