"""Text is stored in the character set that leaves most of Unicode out.

## What
Tables with columns in utf8mb3, which MySQL called utf8 for long. One finding for each table.

## Why it matters
A character of four bytes, such as an emoji or a rare Chinese character, is refused in a strict mode and cut off
otherwise, with all that follows it. The character set is deprecated and will be removed.

## When it is fine
Columns that hold codes and nothing else.

## How to fix it
Convert the columns to utf8mb4: on MariaDB in an instant, on MySQL by a copy of the table, so that a large one is
changed by a tool for online changes. Look at the lengths of indexes first.

## Sources
MySQL manual, "The utf8mb3 Character Set"; MariaDB documentation, "Unicode".
"""

from __future__ import annotations

from collections.abc import Iterator

from auditor.model.catalog import Table
from auditor.model.check import Check
from auditor.model.facts import Facts
from auditor.model.finding import Evidence, Flaw, Impact, Subject, Verdict
from auditor.model.operation import ChangeApplication
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


def judge(table: Table, facts: Facts) -> Iterator[Verdict]:
    """Gather the columns of the table in that character set."""
    columns = [column.name for column in table.columns if column.character_set in ("utf8", "utf8mb3")]
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
        operations=(
            ChangeApplication(
                topic="character-set",
                subject=table.path,
                instruction=f"Convert {table.path} to utf8mb4, with a tool for online changes if it is large.",
            ),
        ),
    )
