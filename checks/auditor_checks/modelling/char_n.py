"""A column has the blank-padded type char(n) for text whose length varies.

## What
Columns of type character(n) with n above 3 whose name is not that of a code.

## Why it matters
Values are padded with blanks on disk and in transit, trailing blanks are dropped in comparisons with surprising
results, and there is no gain in speed.

## When it is fine
Codes of a fixed length: countries, currencies, languages, checksums. These are left out.

## How to fix it
Use text with a check on the length.

## Sources
PostgreSQL manual, "Character Types": there is no performance difference; wiki, "Don't Do This": don't use char(n).
"""

from __future__ import annotations

from collections.abc import Iterator

from auditor.model.check import Check
from auditor.model.facts import Facts, TableColumn
from auditor.model.finding import Evidence, Flaw
from auditor.model.operation import ChangeColumnType
from auditor.model.units import COLUMNS
from auditor.model.vocabulary import Confidence, Pillar, Severity
from auditor_checks._names import words
from auditor_checks._words import fitting

CHECK = Check(
    title="Text of varying length is padded with blanks",
    passed="No text of varying length is padded with blanks",
    pillar=Pillar.MODELLING,
    severity=Severity.LOW,
    confidence=Confidence.LIKELY,
    unit=COLUMNS,
    needs=("tables", "columns"),
    engines=("postgresql",),
)
CODES = frozenset(
    (
        "code iso country currency language lang locale state province region flag gender sex type kind status class "
        "grade hash md5 sha sha1 sha256 digest checksum etag uuid guid ean isbn issn upc iban bic swift zip postcode "
        "postal year month hex color colour symbol ticker vin token"
    ).split()
)


def judge(item: TableColumn, facts: Facts) -> Iterator[Flaw]:
    """Report a padded column, unless its name or length speaks for a code of fixed length."""
    column = item.column
    length = column.length or 1
    if column.family != "char" or length < 2:
        return
    width = column.statistics.average_width if column.statistics else None
    # The stored width includes the blanks, so statistics cannot tell how much of it is padding.
    if CODES & set(words(column.name)) or length <= 3:
        return
    yield Flaw(
        title=fitting(f"{column.name} is padded to {length} characters"),
        evidence=(
            Evidence(name="type", value=column.type, probe="columns"),
            Evidence(name="average width stored", value=width, unit="bytes", probe="column-statistics"),
            Evidence(name="rows", value=round(facts.rows(item.table)), unit="rows", probe="tables"),
        ),
        explanation=f"Every value of {item.path} is stored with blanks up to {length} characters.",
        recommendation="Use text, with a check on the length where it matters.",
        operations=(
            ChangeColumnType(
                schema=item.table.schema,
                table=item.table.name,
                column=column.name,
                from_type=column.type,
                to_type="text",
                using="rtrim({column})::text",
            ),
        ),
    )
