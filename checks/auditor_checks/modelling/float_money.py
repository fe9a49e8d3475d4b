"""Amounts of money are stored as floating-point numbers.

## What
Columns of type real or double precision whose name says that they hold money. Words that may mean something else as
well (amount, balance, total) are sure where the column names a currency, or its table is about money.

## Why it matters
Floating point cannot represent most decimal fractions: sums drift by cents, equality fails, and rounding depends on
the order of rows.

## When it is fine
In documents, doubles that are all whole numbers are left out: integer cents look so. Measurements and ratios that only
sound like money: exchange rates, discount factors, scores; rates and ratios are left out.

## How to fix it
Use an exact decimal type (in MongoDB decimal, elsewhere numeric) with the scale of the currency, or integer cents.

## Sources
PostgreSQL manual, "Numeric Types": for exact storage such as monetary amounts use numeric. MongoDB manual, "Model
Monetary Data".
"""

from __future__ import annotations

from collections.abc import Iterator

from auditor.model.catalog import Column
from auditor.model.check import Check
from auditor.model.facts import Facts, TableColumn
from auditor.model.finding import Evidence, Flaw, Impact
from auditor.model.operation import ChangeColumnType
from auditor.model.units import COLUMNS
from auditor.model.vocabulary import Confidence, Pillar, Severity
from auditor_checks._names import singulars, words
from auditor_checks._words import fitting

CHECK = Check(
    title="Amounts of money are floating-point numbers",
    passed="No amount of money is a floating-point number",
    pillar=Pillar.MODELLING,
    severity=Severity.HIGH,
    confidence=Confidence.LIKELY,
    unit=COLUMNS,
    needs=("tables|collections", "columns|fields"),
)
MONEY = frozenset(
    (
        "price cost amount total subtotal balance salary wage fee payment paid revenue turnover tax vat refund deposit "
        "credit debit budget charge surcharge invoice msrp net gross cash income expense commission payout"
    ).split()
)
UNCERTAIN = frozenset(("amount total balance net gross charge credit debit budget paid payment deposit").split())
CURRENCIES = frozenset("eur euro usd dollar gbp chf jpy yen cny inr sek nok dkk pln czk cad aud brl".split())
ABOUT_MONEY = frozenset(
    "account ledger wallet payment invoice order fee loan billing payroll salary expense purchase sale".split()
)
OTHER = frozenset(
    (
        "rate ratio factor percent percentage pct share score weight index avg average mean median stddev variance "
        "probability margin elasticity coefficient latitude longitude duration seconds minutes hours ms kg km meters "
        "volume temperature energy kwh power voltage battery water load distance area calories quantity count"
    ).split()
)


_FLOATS = ("double", "float")
"""What engines whose fields may have several types call a floating-point number."""


def judge(item: TableColumn, facts: Facts) -> Iterator[Flaw]:
    """Report a floating-point column whose name is about money and about nothing else."""
    column, said = item.column, _words(item.column.name)
    if column.family != "float" or not MONEY & said or OTHER & said or _holds_whole_numbers(column):
        return
    sure = (
        not said.isdisjoint((MONEY - UNCERTAIN) | CURRENCIES)
        or not ABOUT_MONEY.isdisjoint(_words(item.table.name))
        or any(not {"currency", "price", "invoice"}.isdisjoint(words(other.name)) for other in item.table.columns)
    )
    kinds = [name for name in column.shape.types if name in _FLOATS] if column.shape is not None else []
    kind = kinds[0] if kinds else column.type
    yield Flaw(
        title=fitting(f"{column.name} is a floating-point number"),
        confidence=Confidence.LIKELY if sure else Confidence.POSSIBLE,
        severity=Severity.HIGH if sure else Severity.MEDIUM,
        evidence=(
            Evidence(name="type", value=kind, probe="columns|fields"),
            Evidence(name="rows", value=round(facts.rows(item.table)), unit="rows", probe="tables|collection-sizes"),
        ),
        impact=Impact(risk="sums that drift by cents"),
        explanation=f"{item.path} holds amounts in {kind}, which cannot represent most decimal fractions.",
        recommendation="Use an exact decimal type with the scale of the currency, or integer cents.",
        operations=()
        if column.shape is not None and column.shape.in_array
        else (
            ChangeColumnType(
                schema=item.table.schema,
                table=item.table.name,
                column=column.name,
                from_type=kind,
                to_type=facts.capabilities.decimal_type,
                using="round({column}::numeric, 4)" if facts.capabilities.casts else None,
            ),
        ),
    )


def _holds_whole_numbers(column: Column) -> bool:
    """Whether every sampled value is whole, where the forms of numbers are known."""
    shapes = column.statistics.shapes if column.statistics is not None else {}
    return bool(shapes) and "other" not in shapes and sum(shapes.values()) > 0.999


def _words(name: str) -> frozenset[str]:
    """The words of a name, in the plural and in the singular."""
    return frozenset().union(*(singulars(word) for word in words(name)))
