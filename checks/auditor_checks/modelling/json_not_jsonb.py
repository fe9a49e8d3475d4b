"""A column has the type json where jsonb would serve.

## What
Columns of type json.

## Why it matters
json keeps the text as it came and parses it anew for each access; it has no equality, cannot be indexed, and cannot
be used with DISTINCT or GROUP BY.

## When it is fine
The exact text matters (signed payloads, audit copies): names and comments that say so are left out.

## How to fix it
Use jsonb. The change rewrites the table, so it goes by way of a second column.

## Sources
PostgreSQL manual, "JSON Types": most applications should prefer to store JSON data as jsonb.
"""

from __future__ import annotations

from collections.abc import Iterator

from auditor.model.check import Check
from auditor.model.facts import Facts, TableColumn
from auditor.model.finding import Evidence, Flaw
from auditor.model.operation import ChangeColumnType
from auditor.model.units import COLUMNS
from auditor.model.vocabulary import Pillar, Severity
from auditor_checks._names import words
from auditor_checks._words import fitting

CHECK = Check(
    title="Documents are stored as plain json text",
    passed="Documents are stored in the binary form",
    pillar=Pillar.MODELLING,
    severity=Severity.LOW,
    unit=COLUMNS,
    needs=("tables", "columns"),
    engines=("postgresql",),
)
EXACT = frozenset("raw original signed signature verbatim exact".split())


def judge(item: TableColumn, facts: Facts) -> Iterator[Flaw]:
    """Report a json column, unless its name or comment says that the exact text matters."""
    column = item.column
    if column.family != "json" or EXACT & {*words(column.name), *words(column.comment or "")}:
        return
    rows = facts.rows(item.table)
    yield Flaw(
        title=fitting(f"{column.name} is json, not jsonb"),
        evidence=(
            Evidence(name="type", value=column.type, probe="columns"),
            Evidence(name="rows", value=round(rows), unit="rows", probe="tables"),
            Evidence(
                name="average width",
                value=column.statistics.average_width if column.statistics else None,
                unit="bytes",
                probe="column-statistics",
            ),
        ),
        explanation=f"Each access to {item.path} parses the text anew, and it cannot be indexed or compared.",
        recommendation="Use jsonb, by way of a second column on a large table.",
        operations=(
            ChangeColumnType(
                schema=item.table.schema,
                table=item.table.name,
                column=column.name,
                from_type=column.type,
                to_type="jsonb",
                using="{column}::jsonb",
            ),
        ),
    )
