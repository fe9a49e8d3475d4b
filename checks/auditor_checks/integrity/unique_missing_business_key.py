"""A column that names things outside the database holds no value twice, and nothing keeps it so.

## What
Columns named like a key of the business ("email", "sku", "order_number" of orders, "code") whose sampled values are
all different and rarely null, in tables of a thousand rows or more, and that are in no unique index, not even
together with other columns. Tables that record events or what is gone are left out, for there uniqueness is an
accident.

## Why it matters
The application believes that an e-mail address names one customer. Two requests at the same moment, an import or a
second service will store it twice, and from then on every lookup picks one of the two.

## When it is fine
Repetition is allowed and has not happened yet.

## How to fix it
Remove the duplicates that the sample may have missed, then build the unique index beside the running application.
Where rows are only marked as deleted, limit it to the live ones.

## Sources
PostgreSQL manual, "Unique Constraints" (5.5.3); view pg_stats: n_distinct of -1 stands for a unique column. MongoDB
manual, "Convert an Existing Index to a Unique Index" (prepareUnique).
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from auditor.model.check import Check
from auditor.model.facts import Facts, TableColumn
from auditor.model.finding import Evidence, Flaw, Impact, Unknown
from auditor.model.operation import AddUnique
from auditor.model.units import Unit, column_subject, table_subject
from auditor.model.vocabulary import Confidence, Pillar, Severity
from auditor_checks._hidden import values_probe
from auditor_checks._names import singulars, words
from auditor_checks._soft_delete import deletion_mark, live_condition
from auditor_checks.integrity._implied import records_what_is_gone
from auditor_checks.integrity._statistics import untold

_KEYS = {
    ("email",), ("e", "mail"), ("mail",), ("email", "address"), ("mail", "address"), ("username",), ("user", "name"),
    ("login",), ("login", "name"), ("handle",), ("slug",), ("sku",), ("isbn",), ("isbn10",), ("isbn13",), ("issn",),
    ("ean",), ("upc",), ("gtin",), ("barcode",), ("iban",), ("vin",), ("imei",), ("ssn",), ("subdomain",), ("code",),
    ("number",), ("no",), ("nr",), ("uuid",), ("guid",), ("external", "id"), ("ext", "id"), ("public", "id"),
    ("serial", "number"), ("serial", "no"), ("account", "number"), ("vat", "number"), ("vat", "id"), ("tax", "id"),
    ("passport", "number"), ("license", "plate"), ("api", "key"),
}  # fmt: skip
_LAST_WORDS = {key[-1:] for key in _KEYS}
_FAMILIES = ("text", "char", "uuid", "integer", "decimal")


def business_keys(facts: Facts) -> list[TableColumn]:
    """The columns whose name says that they name one thing each, in tables that hold things."""
    found = []
    for table in facts.tables:
        name = words(table.name)
        if not name or records_what_is_gone(table) or "event" in singulars(name[-1]):
            continue
        own = {(*name[:-1], last) for last in singulars(name[-1])} | {(last,) for last in singulars(name[-1])}
        referring = {c for key in facts.constraints_of(table.key, "foreign-key") for c in key.columns}
        for column in table.columns:
            rest = words(column.name)
            inside = column.shape is not None and (column.shape.in_array or "." in column.name)
            if inside or column.family not in _FAMILIES or rest[-1:] not in _LAST_WORDS:
                continue
            rest = next((rest[len(stem) :] for stem in own if rest[: len(stem)] == stem and rest != stem), rest)
            if rest in _KEYS and column.name not in referring:
                found.append(TableColumn(table, column))
    return found


CHECK = Check(
    title="Business key is unique by habit only",
    passed="Business keys are kept unique",
    pillar=Pillar.INTEGRITY,
    severity=Severity.MEDIUM,
    confidence=Confidence.LIKELY,
    unit=Unit(
        plural="columns named like business keys", items=business_keys, subject=column_subject,
        weight=lambda facts, key: facts.exposure(key.table),
    ),
    needs=(
        "tables|collections",
        "columns|fields",
        "column-statistics|value-statistics|fields",
        "indexes",
        "constraints|indexes",
    ),
)  # fmt: skip


def judge(
    key: TableColumn, facts: Facts, *, least_rows: float = 1_000, nearly: float = 0.99, most_nulls: float = 0.5
) -> Iterator[Flaw | Unknown]:
    """Report the column when its sample holds no value twice and no unique index knows it."""
    table, column = key
    rows = facts.rows(table)
    mentions = re.compile(rf'(?<![\w"]){re.escape(column.name)}(?!\w)|"{re.escape(column.name)}"')
    if any(
        column.name in index.columns or any(mentions.search(part.expression or "") for part in index.parts)
        for index in facts.indexes_of(table.key) if index.unique and index.valid
    ):  # fmt: skip
        return
    if table.kind == "partitioned" and set(table.partition_columns) != {column.name}:
        return  # a unique index would have to hold the partition key, and say something else
    statistics = column.statistics
    if statistics is None or (statistics.distinct is None and statistics.distinct_ratio is None):
        if rows >= least_rows and (unknown := untold(table, facts)):
            yield unknown
        return
    filled = 1.0 - statistics.null_fraction
    ratio = (
        statistics.distinct_ratio
        if statistics.distinct_ratio is not None
        else (statistics.distinct or 0.0) / (rows or 1)
    )
    if rows < least_rows or filled <= 1.0 - most_nulls or ratio < nearly * filled:
        return
    mark = deletion_mark(table)
    limited = facts.capabilities.partial_indexes and table.kind != "collection"  # the condition is written in SQL
    yield Flaw(
        related=(table_subject(table),),
        evidence=(
            Evidence(name="distinct values per row", value=round(ratio, 4), probe=values_probe(facts)),
            Evidence(name="share of nulls", value=round(statistics.null_fraction, 4), probe=values_probe(facts)),
            Evidence(name="rows", value=round(rows), unit="rows", probe="tables|collection-sizes"),
        ),
        impact=Impact(rows=round(rows), risk="two rows for one thing"),
        explanation=f"{column.name} of {table.path} is named like a key, and no value was found twice among "
        f"{rows:,.0f} rows as far as the statistics tell, but nothing keeps the next insert from repeating one.",
        recommendation=f"If {column.name} names one row, remove duplicates and make it unique"
        + (f" among the rows that are not deleted ({mark.name})." if mark is not None else "."),
        operations=(
            AddUnique(
                schema=table.schema, table=table.name, columns=(column.name,),
                predicate=live_condition(mark) if mark is not None else None,
            ),
        )
        if mark is None or limited
        else (),
    )  # fmt: skip
