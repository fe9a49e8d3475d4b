"""A field has values of different types.

## What
Fields of which one value in two hundred or more has another type than the others. The types of numbers are one kind
here, and null is none. A kind is named only when the sample holds three values of it.

## Why it matters
Values of different types are never equal and are sorted apart: a search for 5 does not find "5", a range of dates
misses texts, and a join or an expiry passes them over in silence.

## When it is fine
The field is a choice between two types by design, and every reader knows it. The values of named attributes (an array
of ``{k: …, v: …}``) are left out.

## How to fix it
Let readers accept both, mend the writer, convert the old documents in batches, then demand the type by a validator.

## Sources
MongoDB manual, "Comparison/Sort Order" of BSON types, "Specify JSON Schema Validation".
"""

from __future__ import annotations

from collections.abc import Iterator

from auditor.model.catalog import Column, Table
from auditor.model.check import Check
from auditor.model.facts import Facts
from auditor.model.finding import Evidence, Flaw, Impact, Subject, Verdict
from auditor.model.operation import AnyOperation, ChangeApplication, ChangeColumnType
from auditor.model.units import COLLECTIONS
from auditor.model.vocabulary import Confidence, Pillar, Severity
from auditor_checks._documents import EMPTY, field_subject, is_data_name, rows, sampled, shape_of, unsampled
from auditor_checks._words import fitting, percent

CHECK = Check(
    title="A field has values of different types",
    passed="Fields have values of one type",
    pillar=Pillar.INTEGRITY,
    severity=Severity.MEDIUM,
    confidence=Confidence.LIKELY,
    unit=COLLECTIONS,
    needs=("collections", "fields", "indexes"),
)
NUMBERS = frozenset({"int", "long", "double", "decimal"})
_VALUES, _KEYS = ("v", "value", "val"), ("k", "key", "name", "attribute")
_CONVERTED = {"int", "long", "double", "decimal", "string", "date", "bool", "objectId"}
"""Types that ``$convert`` makes of others."""


def judge(table: Table, facts: Facts, *, share: float = 0.005, values: float = 3) -> Iterator[Verdict]:
    """Compare the shares of the kinds of types."""
    if unknown := unsampled(table):
        yield unknown
    indexed = {part.column for index in facts.indexes_of(table.key) for part in index.parts}
    for column in table.columns:
        kinds = _kinds(column)
        rest = {name: part for name, part in kinds.items() if part >= share and part * _count(column) >= values - 0.5}
        if len(rest) < 2 or is_data_name(column.name) or _is_attribute(table, column):
            continue
        main = max(rest, key=lambda name: (rest[name], name))
        others = {name: part for name, part in sorted(rest.items()) if name != main}
        path = table.column_path(column.name)
        told = ", ".join(f"{percent(part)} {name}" for name, part in others.items())
        yield Flaw(
            subject=field_subject(table, column),
            title=fitting(f"{path} is {main}, and {told}"),
            severity=Severity.MEDIUM if column.name in indexed or sum(others.values()) <= 0.2 else Severity.LOW,
            related=tuple(
                Subject(kind="index", name=index.path)
                for index in facts.indexes_of(table.key) if any(part.column == column.name for part in index.parts)
            ),
            evidence=(
                Evidence(name=f"share of {main}", value=round(rest[main], 4), unit="share", probe="fields"),
                *(
                    Evidence(name=f"share of {name}", value=round(part, 4), unit="share", probe="fields")
                    for name, part in others.items()
                ),
                Evidence(name="values seen", value=_count(column), unit="values", probe="fields"),
                sampled(table),
                rows(table),
            ),
            impact=Impact(risk="searches, ranges and joins that pass over values of another type"),
            explanation=f"Of the values of {path} {percent(rest[main])} are {main}, {told}.",
            recommendation=f"Find the writer of the others, convert them to {main} in batches, and demand the type.",
            operations=(_operation(table, column, min(others, key=lambda name: (-others[name], name)), main),),
        )  # fmt: skip


def _kinds(column: Column) -> dict[str, float]:
    """The shares of the values by kind: all numbers are one, and its name is the most frequent type of them."""
    types = {name: part for name, part in shape_of(column).types.items() if name not in EMPTY}
    numbers = {name: part for name, part in types.items() if name in NUMBERS}
    if numbers:
        types = {name: part for name, part in types.items() if name not in NUMBERS}
        types[max(numbers, key=lambda name: (numbers[name], name))] = sum(numbers.values())
    whole = sum(types.values())
    return {name: part / whole for name, part in types.items()} if whole else {}


def _is_attribute(table: Table, column: Column) -> bool:
    """Whether it is the value of a named attribute, which may be of any type."""
    around, _, name = column.name.rpartition(".")
    return name in _VALUES and any(table.column(f"{around}.{key}" if around else key) for key in _KEYS)


def _count(column: Column) -> int:
    return column.statistics.sampled_values if column.statistics is not None else 0


def _operation(table: Table, column: Column, other: str, main: str) -> AnyOperation:
    if {other, main} <= _CONVERTED and not shape_of(column).in_array:
        return ChangeColumnType(
            schema=table.schema, table=table.name, column=column.name, from_type=other, to_type=main
        )
    path = table.column_path(column.name)
    return ChangeApplication(
        topic="one-type", subject=path,
        instruction=f"Let every writer of {path} write {main}, rewrite the documents that hold {other} in batches, "
        "then demand the type by a validator.",
    )  # fmt: skip
