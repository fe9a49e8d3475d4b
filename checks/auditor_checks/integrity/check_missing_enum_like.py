"""A text column holds a handful of values, and nothing says which.

## What
Text columns named like a state or kind ("status", "order_type", "priority") with 2 to 20 distinct values in a
thousand rows or more, without a check constraint, a foreign key, a domain or an enumerated type. The type part of a
reference to several tables and media types are left out.

## Why it matters
A misspelt value is stored as readily as a right one, and every query that counts by the column quietly misses it.
Readers have to guess the list from the data.

## When it is fine
The list is open, and users extend it. A note, not a fault.

## How to fix it
List the allowed values in a check constraint; or in a table of their own that the column refers to, where the list
changes without a change of the schema.

PostgreSQL: Add the constraint unvalidated, then validate it.

## Sources
PostgreSQL manual, "Check Constraints" (5.5.1); ALTER TABLE, NOT VALID; view pg_stats: n_distinct.
"""

from __future__ import annotations

from collections.abc import Iterator

from auditor.model.check import Check
from auditor.model.facts import Facts, TableColumn
from auditor.model.finding import Evidence, Flaw, Unknown
from auditor.model.operation import ChangeApplication
from auditor.model.units import Unit
from auditor.model.vocabulary import Confidence, Pillar, Severity
from auditor_checks._hidden import values_probe
from auditor_checks._names import words
from auditor_checks.integrity._implied import names_a_table, records_what_is_gone
from auditor_checks.integrity._keys import column_subject, key_columns, table_subject
from auditor_checks.integrity._statistics import untold

_KINDS = {
    "status", "state", "type", "kind", "role", "level", "priority", "category", "mode", "stage", "phase", "severity",
    "gender", "sex", "plan", "tier", "channel", "method", "result", "outcome", "direction", "visibility", "frequency",
}  # fmt: skip
_OPEN = {"content", "mime", "media", "event", "file", "content_type"}


def kinds(facts: Facts) -> list[TableColumn]:
    """The text columns whose name says that they hold one of a list of values."""
    return [
        item
        for item in facts.columns
        if item.column.family in ("text", "char")
        and (name := words(item.column.name))
        and name[-1] in _KINDS
        and not _OPEN & set(name)
        and not names_a_table(item.table, item.column.name)
        and not records_what_is_gone(item.table)
    ]


CHECK = Check(
    title="Column with few values has no list of them",
    passed="Columns with few values say which",
    pillar=Pillar.INTEGRITY,
    severity=Severity.INFO,
    confidence=Confidence.LIKELY,
    unit=Unit(
        plural="text columns named like a state or kind", items=kinds, subject=column_subject,
        weight=lambda facts, item: facts.exposure(item.table),
    ),
    needs=("tables", "columns", "column-statistics|value-statistics", "constraints"),
)  # fmt: skip


def judge(
    item: TableColumn, facts: Facts, *, least_rows: float = 1_000, most_values: float = 20
) -> Iterator[Flaw | Unknown]:
    """Report the column when its values are few and nothing lists them."""
    table, column = item
    if column.base_type is not None or column.name in key_columns(table, facts):
        return
    if any(column.name in c.columns for c in facts.constraints_of(table.key) if c.kind in ("check", "foreign-key")):
        return
    rows = facts.rows(table)
    if column.statistics is None or (column.statistics.distinct is None and column.statistics.distinct_ratio is None):
        if rows >= least_rows and (unknown := untold(table, facts)):
            yield unknown
        return
    distinct = column.statistics.distinct
    if rows < least_rows or distinct is None or not 2 <= distinct <= most_values:
        return
    yield Flaw(
        related=(table_subject(table),),
        evidence=(
            Evidence(name="distinct values", value=round(distinct), unit="values", probe=values_probe(facts)),
            Evidence(name="rows", value=round(rows), unit="rows", probe="tables"),
        ),
        explanation=f"{column.name} of {table.path} holds {distinct:.0f} different values in {rows:,.0f} rows, and any "
        "other text would be stored as well.",
        recommendation="If the list is closed, keep it by a check constraint or by a reference to a table of values.",
        operations=(
            ChangeApplication(
                topic="list-allowed-values", subject=item.path,
                instruction=f"Write down the values that {item.path} may hold, mend the rows that break the list, then "
                "add a check constraint (unvalidated, then validated) or a reference to a table of the values.",
            ),
        ),
    )  # fmt: skip
