"""A text column holds values of one other type.

## What
Text columns and fields, other than keys, whose sampled values all read as uuid, date, timestamp, network address or
JSON document, or as whole numbers where the name says that something is counted or measured ("view_count", "age"):
other texts of digits are codes. The shares are computed by the server; no value leaves it.

## Why it matters
The text takes two to three times the space, in the table and in each index, compares and sorts as text, and lets in
whatever somebody types.

## When it is fine
The column takes other values by design and has not met one yet. A day of birth in a document is no moment, and is left
out.

## How to fix it
Give the column the type that it holds, by way of a second column on a large table.

## Sources
PostgreSQL manual, "Data Types": uuid takes 16 bytes, date 4, timestamp 8. MongoDB manual, "BSON Types".
"""

from __future__ import annotations

from collections.abc import Iterator

from auditor.model.check import Check
from auditor.model.facts import Facts, TableColumn
from auditor.model.finding import Evidence, Flaw, Verdict
from auditor.model.operation import ChangeColumnType
from auditor.model.units import COLUMNS
from auditor.model.vocabulary import Confidence, Pillar, Severity
from auditor_checks._documents import documents_of
from auditor_checks._hidden import hidden_statistics
from auditor_checks._names import words
from auditor_checks._words import fitting

CHECK = Check(
    title="Text holds values of one other type",
    passed="No text holds values of one other type",
    pillar=Pillar.MODELLING,
    severity=Severity.LOW,
    confidence=Confidence.LIKELY,
    unit=COLUMNS,
    needs=("tables|collections", "columns|fields", "column-statistics|fields", "constraints|collections"),
)
TYPES = {  # shape: (type, how it is read)
    "uuid": ("uuid", "{column}::uuid"),
    "timestamp": ("timestamp with time zone", "{column}::timestamptz"),
    "date": ("date", "{column}::date"),
    "inet": ("inet", "{column}::inet"),
    "json": ("jsonb", "{column}::jsonb"),
    "integer": ("bigint", "{column}::bigint"),
    "decimal": ("numeric", "{column}::numeric"),
}
DOCUMENT_TYPES = {  # of engines whose fields have types, each value by itself
    "object-id": ("objectId", None),
    "timestamp": ("date", None),
    "date": ("date", None),
    "integer": ("long", None),
    "decimal": ("decimal", None),
}
BIRTHS = frozenset({"birth", "birthday", "birthdate", "dob", "day"})
"""A day without a time of day and a zone is no moment: documents have no type for it."""
NUMBERS = frozenset({"integer", "decimal"})
COUNTED = frozenset(
    (
        "count counter counts quantity qty total amount price cost age size length width height weight duration "
        "seconds minutes hours days points score rank rating position percentage percent temperature balance stock"
    ).split()
)


def judge(item: TableColumn, facts: Facts, *, share: float = 1.0, values: float = 20) -> Iterator[Verdict]:
    """Compare the shares of shapes among the sampled values with the limit."""
    column, statistics = item.column, item.column.statistics
    if column.family not in ("text", "char") or _is_key(item, facts):
        return
    if statistics is None:
        if not item.table.statistics_visible:
            yield hidden_statistics(item.table, facts)
        return
    types = TYPES if item.table.kind != "collection" else DOCUMENT_TYPES
    shape = next((name for name in types if statistics.shapes.get(name, 0.0) >= share), None)
    if shape is None or statistics.sampled_values < values:
        return
    if shape in NUMBERS and COUNTED.isdisjoint(words(column.name)):
        return
    if shape == "date" and types is DOCUMENT_TYPES and BIRTHS & set(words(column.name)):
        return
    to_type, using = types[shape]
    yield Flaw(
        title=fitting(f"{column.name} is {column.type} and holds only {to_type}"),
        evidence=(
            Evidence(name="type", value=column.type, probe="columns|fields"),
            Evidence(
                name=f"sampled values that read as {to_type}",
                value=statistics.shapes[shape],
                unit="share",
                probe="column-statistics|fields",
            ),
            Evidence(
                name="values sampled", value=statistics.sampled_values, unit="values", probe="column-statistics|fields"
            ),
            Evidence(
                name="average width", value=statistics.average_width, unit="bytes", probe="column-statistics|fields"
            ),
            Evidence(name="rows", value=round(facts.rows(item.table)), unit="rows", probe="tables|collection-sizes"),
        ),
        explanation=f"All {statistics.sampled_values} sampled values of {item.path} read as {to_type}.",
        recommendation=f"Give it the type {to_type}.",
        operations=()
        if column.shape is not None and column.shape.in_array
        else (
            ChangeColumnType(
                schema=item.table.schema,
                table=item.table.name,
                column=column.name,
                from_type=column.type,
                to_type=to_type,
                using=using,
            ),
        ),
    )


def _is_key(item: TableColumn, facts: Facts) -> bool:
    """Whether the column belongs to a key or holds one of another table: those are other checks' matters."""
    if item.column.name in {"_id", *(link.field for link in documents_of(item.table).links)}:
        return True
    return any(
        item.column.name in constraint.columns
        for constraint in facts.constraints_of(item.table.key)
        if constraint.kind in ("primary-key", "foreign-key")
    )
