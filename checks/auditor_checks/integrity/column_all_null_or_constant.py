"""A column holds nothing, or the same value in every row.

## What
Columns that are null in every sampled row, or that hold one value in all of them, in tables of ten thousand rows or
more with fresh statistics. Left out: flags, references, keys, the partition key, times (of something that has not
happened yet), marks of deletion, and columns that a view or a constraint uses.

## Why it matters
A dead column is read by people, copied by tools and guarded by code for nothing; often it shows a feature that was
never finished or a value that is no longer written.

## When it is fine
The column is new, or for a case that has not come up. One audit cannot tell; two that agree months apart can.

## How to fix it
Find out who writes and reads it. When nobody does, stop mapping it in the application, then drop it: that changes
only the catalog.

## Sources
PostgreSQL manual, ALTER TABLE, DROP COLUMN: the space is not given back at once; view pg_stats: null_frac,
n_distinct.
"""

from __future__ import annotations

from collections.abc import Iterator

from auditor.model.check import Check
from auditor.model.facts import Facts, TableColumn
from auditor.model.finding import Evidence, Flaw, Unknown
from auditor.model.operation import ChangeApplication
from auditor.model.units import Unit
from auditor.model.vocabulary import Confidence, Pillar, Severity
from auditor_checks._soft_delete import marks_deletion
from auditor_checks.integrity._keys import column_subject, table_subject
from auditor_checks.integrity._statistics import is_fresh, untold

_TIMES = ("date", "time", "time-tz", "timestamp", "timestamp-tz", "interval", "range")


def plain_columns(facts: Facts) -> list[TableColumn]:
    """The columns that nothing but their values gives a reason to be there."""
    viewed = {(schema, name, column) for view in facts.views for schema, name, column in view.columns_read}
    found: list[TableColumn] = []
    for table in facts.tables:
        used = {c for constraint in facts.constraints_of(table.key) for c in constraint.columns}
        used.update(table.partition_columns)
        found.extend(
            TableColumn(table, column)
            for column in table.columns
            if column.name not in used and (table.schema, table.name, column.name) not in viewed
            and column.family != "boolean" and column.family not in _TIMES
            and column.generated is None and not marks_deletion(column)
        )  # fmt: skip
    return found


CHECK = Check(
    title="Column is empty or constant",
    passed="Columns hold values that differ",
    pillar=Pillar.INTEGRITY,
    severity=Severity.LOW,
    confidence=Confidence.POSSIBLE,
    unit=Unit(
        plural="columns outside of keys, flags and times", items=plain_columns, subject=column_subject,
        weight=lambda facts, item: facts.exposure(item.table),
    ),
    needs=("tables", "columns", "constraints", "views"),
)  # fmt: skip


def judge(item: TableColumn, facts: Facts, *, least_rows: float = 10_000) -> Iterator[Flaw | Unknown]:
    """Report the column when fresh statistics of a large table know at most one value of it."""
    table, column = item
    rows = facts.rows(table)
    if rows < least_rows:
        return
    if column.statistics is None:
        if unknown := untold(table, facts):
            yield unknown
        return
    nulls, distinct = column.statistics.null_fraction, column.statistics.distinct
    empty = nulls == 1.0
    if not (empty or (distinct == 1.0 and nulls == 0.0)) or not is_fresh(table, facts):
        return
    yield Flaw(
        title="Column is empty" if empty else "Column holds the same value in every row",
        related=(table_subject(table),),
        evidence=(
            Evidence(name="share of nulls", value=nulls, probe="column-statistics"),
            Evidence(name="distinct values", value=0 if empty else 1, unit="values", probe="column-statistics"),
            Evidence(name="rows", value=round(rows), unit="rows", probe="tables"),
            Evidence(name="default", value=column.default, probe="columns"),
        ),
        explanation=f"{column.name} of {table.path} "
        + ("is null in every sampled row" if empty else "holds one value in every sampled row")
        + f" of {rows:,.0f}.",
        recommendation="Find out who writes and reads it; when nobody does, stop mapping it and drop it.",
        operations=(
            ChangeApplication(
                topic="dead-column", subject=item.path,
                instruction=f"Search the code for {item.path}. When nothing needs it, stop mapping it, then drop it.",
            ),
        ),
    )  # fmt: skip
