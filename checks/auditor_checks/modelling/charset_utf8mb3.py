"""Text is stored in the character set that leaves most of Unicode out.

## What
Tables with columns in utf8mb3, which MySQL called utf8 for long. One finding for each table.

## Why it matters
A character of four bytes, such as an emoji or a rare Chinese character, is refused in a strict mode and cut off
otherwise, with all that follows it. The character set is deprecated and will be removed.

## When it is fine
Columns that hold codes and nothing else.

## How to fix it
Convert the columns to utf8mb4, those together that refer to each other, after the default of the database: on MariaDB
in an instant; on MySQL in an instant where no index holds them, else by a copy of the table, so that a large one is
changed by a tool for online changes. Then let the clients connect with utf8mb4.

## Sources
MySQL manual, "The utf8mb3 Character Set"; MariaDB documentation, "Unicode".
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from auditor.model.catalog import Table
from auditor.model.check import Check
from auditor.model.facts import Facts
from auditor.model.finding import Evidence, Flaw, Impact, Subject, Verdict
from auditor.model.operation import ChangeCharacterSet
from auditor.model.units import TABLES
from auditor.model.vocabulary import Pillar, Severity
from auditor_checks._settings import PRODUCTS
from auditor_checks._words import counted, fitting

CHECK = Check(
    title="Columns cannot hold all of Unicode",
    passed="Text columns hold all of Unicode",
    pillar=Pillar.MODELLING,
    severity=Severity.MEDIUM,
    unit=TABLES,
    needs=(
        "tables",
        "columns",
    ),
    engines=PRODUCTS,
)
SHOWN = 6
_SETS = ("utf8", "utf8mb3")
_PREFIXES = ("utf8_", "utf8mb3_")


def judge(table: Table, facts: Facts) -> Iterator[Verdict]:
    """Gather the columns of the table in that character set."""
    columns = [column.name for column in table.columns if column.character_set in _SETS]
    if not columns:
        return
    shown = ", ".join(columns[:SHOWN]) + (" …" if len(columns) > SHOWN else "")
    yield Flaw(
        title=fitting(f"{counted(len(columns), 'column')} of {table.name} in utf8mb3"),
        related=tuple(Subject(kind="column", name=table.column_path(name)) for name in columns[:SHOWN]),
        evidence=(
            Evidence(name="columns in utf8mb3", value=len(columns), unit="columns", probe="columns"),
            Evidence(name="rows", value=round(facts.rows(table)), unit="rows", probe="tables"),
        ),
        impact=Impact(rows=round(facts.rows(table)), risk="an emoji is refused, or cuts off what follows it"),
        explanation=f"{shown} of {table.path} hold characters of up to three bytes only.",
        recommendation="Convert them to utf8mb4, those that others are joined with at the same time.",
        operations=(*_default(facts, table.schema), _conversion(table, columns)),
    )


def _default(facts: Facts, name: str) -> Iterator[ChangeCharacterSet]:
    """The change of the database's default, where new tables would be the same."""
    for schema in facts.catalog.schemas:
        if schema.name == name and (schema.collation or "").startswith(_PREFIXES):
            yield ChangeCharacterSet(schema=name, character_set="utf8mb4")


def _conversion(table: Table, columns: Sequence[str]) -> ChangeCharacterSet:
    return ChangeCharacterSet(schema=table.schema, table=table.name, columns=tuple(columns), character_set="utf8mb4")
