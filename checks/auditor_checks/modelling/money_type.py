"""A column has the type money.

## What
Columns of type money.

## Why it matters
The currency and the number of decimals are not stored with the value: they come from the server's lc_monetary
setting. A dump restored under another locale shows other amounts, and division rounds at once.

## When it is fine
Never in a new design.

## How to fix it
Use numeric with the scale that the currency needs, and a column for the currency.

## Sources
PostgreSQL manual, "Monetary Types"; wiki, "Don't Do This": don't use money.
"""

from __future__ import annotations

from collections.abc import Iterator

from auditor.model.check import Check
from auditor.model.facts import Facts, TableColumn
from auditor.model.finding import Evidence, Flaw, Impact
from auditor.model.operation import ChangeColumnType
from auditor.model.units import COLUMNS
from auditor.model.vocabulary import Pillar, Severity
from auditor_checks._words import fitting

CHECK = Check(
    title="Amounts depend on the server's locale",
    passed="No amount depends on the server's locale",
    pillar=Pillar.MODELLING,
    severity=Severity.MEDIUM,
    unit=COLUMNS,
    needs=("tables", "columns"),
    engines=("postgresql",),
)


def judge(item: TableColumn, facts: Facts) -> Iterator[Flaw]:
    """Report a column of the money type, or of a domain over it."""
    column = item.column
    if column.family != "money" and column.base_type != "money":
        return
    yield Flaw(
        title=fitting(f"{column.name} has the type money"),
        evidence=(
            Evidence(name="type", value=column.type, probe="columns"),
            Evidence(name="lc_monetary", value=facts.setting("lc_monetary"), probe="settings"),
            Evidence(name="rows", value=round(facts.rows(item.table)), unit="rows", probe="tables"),
        ),
        impact=Impact(risk="amounts change their meaning with the server's locale"),
        explanation=f"What {item.path} means depends on lc_monetary, and its currency is stored nowhere.",
        recommendation="Use numeric with the scale of the currency, and a column for the currency.",
        operations=(
            ChangeColumnType(
                schema=item.table.schema,
                table=item.table.name,
                column=column.name,
                from_type=column.type,
                to_type="numeric(19,4)",
                using="{column}::numeric",
            ),
        ),
    )
