"""A yes or no is kept as a number or a letter.

## What
Columns with the name of a flag (is_…, has_…, …_flag) whose type is a number or a short text, and in which a large table
holds exactly two values (or one).

## Why it matters
Nothing keeps a third value out, or tells whether "N" or "n" or 0 means no; every reader writes the comparison anew, and
a partial index or a filter by another reader does not match it.

## When it is fine
A third state is planned; a foreign system reads the column and knows only 0 and 1.

## How to fix it
Give it the type boolean, by way of a second column on a large table. That is planned for integers, unless a view, a
check or a partial index compares them; the plan first looks whether all are 0 or 1, as no snapshot holds values. Of
letters only people know which means yes. Until then, let a check constraint list the values.

## Sources
PostgreSQL manual, "Boolean Type"; MongoDB manual, "BSON Types".
"""

from __future__ import annotations

from collections.abc import Iterator

from auditor.model.catalog import Column
from auditor.model.check import Check
from auditor.model.facts import Facts, TableColumn
from auditor.model.finding import Evidence, Flaw, Verdict
from auditor.model.operation import ChangeApplication, ChangeColumnType
from auditor.model.units import COLUMNS
from auditor.model.vocabulary import Confidence, Pillar, Severity
from auditor_checks._hidden import hidden_statistics
from auditor_checks._names import words
from auditor_checks._words import counted, fitting

CHECK = Check(
    title="Yes or no is kept as a number or a letter",
    passed="Flags are booleans",
    pillar=Pillar.MODELLING,
    severity=Severity.LOW,
    confidence=Confidence.LIKELY,
    unit=COLUMNS,
    needs=("tables|collections", "columns|fields", "column-statistics|fields", "constraints|collections"),
)
FIRST = ("is", "has", "can", "should", "was")
LAST = ("flag", "yn")
STATES = frozenset(
    "active inactive enabled disabled deleted archived published verified confirmed visible hidden locked".split()
)
"""Words that name a flag even where they stand alone."""
_INSTRUCTION = "Let {} be a boolean: find out which value means yes, then convert it."
LONGEST = 5
"""The longest text that a flag is spelled with: "false"."""


def judge(item: TableColumn, facts: Facts, *, rows: float = 1000) -> Iterator[Verdict]:
    """Look at the number of values behind the name of a flag."""
    column, statistics = item.column, item.column.statistics
    if not _like_a_flag(column) or _is_key(item, facts) or facts.rows(item.table) < rows:
        return
    if statistics is None:
        if not item.table.statistics_visible:
            yield hidden_statistics(item.table, facts)
        return
    if column.family in ("text", "char") and (statistics.average_width or 0) > _longest(column) + 1:
        return
    if statistics.distinct is None or not 1 <= statistics.distinct <= 2:
        return
    yield Flaw(
        title=fitting(f"{item.path} is {column.type} and holds {counted(round(statistics.distinct), 'value')}"),
        evidence=(
            Evidence(name="type", value=column.type, probe="columns|fields"),
            Evidence(
                name="distinct values", value=statistics.distinct, unit="values", probe="column-statistics|fields"
            ),
            Evidence(
                name="nulls", value=round(statistics.null_fraction, 4), unit="share", probe="column-statistics|fields"
            ),
            Evidence(name="rows", value=round(facts.rows(item.table)), unit="rows", probe="tables|collection-sizes"),
        ),
        explanation=f"{item.path} has the name of a flag and {statistics.distinct:.0f} distinct values.",
        recommendation="Give it the type boolean; until then let a check constraint list its values.",
        operations=(_remedy(item, facts),),
    )


def _remedy(item: TableColumn, facts: Facts) -> ChangeColumnType | ChangeApplication:
    """Convert an integer that nothing in the database compares; of letters only people know which means yes."""
    name = item.column.name
    compared = [
        *(view for view in facts.catalog.views if (*item.table.key, name) in view.columns_read),
        *(check for check in facts.constraints_of(item.table.key, "check") if name in (check.definition or "")),
        *(one for one in facts.indexes_of(item.table.key) if name in (one.definition or "").partition(" WHERE ")[2]),
    ]
    if item.table.kind == "collection":
        if not item.column.shape or item.column.shape.in_array or not _is_binary(item.column):
            return ChangeApplication(
                topic="boolean-column", subject=item.path, instruction=_INSTRUCTION.format(item.path)
            )
        return ChangeColumnType(
            schema=item.table.schema, table=item.table.name, column=name, from_type=item.column.type, to_type="bool"
        )
    if item.column.family == "integer" and not compared and item.table.parent is None:
        return ChangeColumnType(
            schema=item.table.schema, table=item.table.name, column=name, from_type=item.column.type,
            to_type="boolean", using="{column}::text::boolean",
        )  # fmt: skip
    return ChangeApplication(
        topic="boolean-column",
        subject=item.path,
        instruction=_INSTRUCTION.format(item.path),
    )


def _is_binary(column: Column) -> bool:
    """Whether every sampled number is 0 or 1."""
    return column.statistics is not None and column.statistics.shapes.get("zero-one") == 1.0


def _like_a_flag(column: Column) -> bool:
    """Whether name and type are those of a flag that is no boolean."""
    name = words(column.name)
    small = column.family == "integer" or (column.family == "decimal" and column.scale in (0, None))
    text = column.family in ("text", "char") and (column.length is None or column.length <= LONGEST)
    named = _says_flag(name) or not STATES.isdisjoint(name[-1:])
    return named and (small or text) and column.generated is None and name[-1] not in ("id", "count", "number", "at")


def _says_flag(name: tuple[str, ...]) -> bool:
    return len(name) > 1 and (name[0] in FIRST or name[-1] in LAST)


def _longest(column: Column) -> int:
    """The longest text that the flag is spelled with; where only a state is named, "draft" and "final" are no flag."""
    return LONGEST if _says_flag(words(column.name)) else len("yes")


def _is_key(item: TableColumn, facts: Facts) -> bool:
    return any(
        item.column.name in constraint.columns
        for constraint in facts.constraints_of(item.table.key)
        if constraint.kind in ("primary-key", "foreign-key")
    )
