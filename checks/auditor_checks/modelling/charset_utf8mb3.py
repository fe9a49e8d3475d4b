"""Text is kept in a character set that lacks a part of Unicode.

## What
Text columns in utf8mb3 (once called utf8), which takes three bytes at most. One finding for each database.

## Why it matters
Emoji, many names in Chinese and Japanese, and mathematical letters need four bytes: in strict mode the insert fails,
else the text is cut off there without an error. The character set is deprecated, and the name utf8 will come to mean
utf8mb4. A join with a column in utf8mb4 converts this side, so that its index is not used.

## When it is fine
The column holds codes in ASCII; then nothing is lost, and the conversion costs as little.

## How to fix it
Convert table by table to utf8mb4, both sides of a join at the same time. Look for indexes that would grow beyond 3072
bytes, and for texts whose column is full. MySQL copies the table; MariaDB changes most columns in place.

## Sources
MySQL manual, "The utf8mb3 Character Set" and "Converting Between 3-Byte and 4-Byte Unicode Character Sets"; MariaDB
documentation, "Unicode".
"""

from __future__ import annotations

from collections.abc import Iterator

from auditor.model.catalog import Schema
from auditor.model.check import Check
from auditor.model.facts import Facts
from auditor.model.finding import Evidence, Flaw, Impact, Subject
from auditor.model.operation import ChangeApplication
from auditor.model.units import SCHEMAS
from auditor.model.vocabulary import Pillar, Severity
from auditor_checks._words import counted, fitting

CHECK = Check(
    title="Text is kept in a character set that lacks a part of Unicode",
    passed="No text is kept in utf8mb3",
    pillar=Pillar.MODELLING,
    severity=Severity.LOW,
    unit=SCHEMAS,
    needs=("schemas", "tables", "columns"),
    engines=("mysql", "mariadb"),
)
_NARROW = frozenset({"utf8", "utf8mb3"})
SHOWN = 6


def judge(schema: Schema, facts: Facts) -> Iterator[Flaw]:
    """Count the columns in the narrow character set, and the tables that have some."""
    tables = facts.tables_in(schema.name)
    found = [(table, c) for table in tables for c in table.columns if c.character_set in _NARROW]
    if not found:
        return
    touched = list(dict.fromkeys(table.path for table, _ in found))
    others = sum(1 for table in tables for c in table.columns if c.character_set == "utf8mb4")
    yield Flaw(
        title=fitting(f"{counted(len(found), 'column')} of {schema.name} cannot hold all of Unicode"),
        severity=Severity.MEDIUM if others else Severity.LOW,
        related=tuple(Subject(kind="table", name=path) for path in touched[:SHOWN]),
        evidence=(
            Evidence(name="columns in utf8mb3", value=len(found), unit="columns", probe="columns"),
            Evidence(name="tables with such columns", value=len(touched), unit="tables", probe="columns"),
            Evidence(name="columns in utf8mb4", value=others, unit="columns", probe="columns"),
        ),
        impact=Impact(risk="texts that are refused or cut off, and joins that convert"),
        explanation=f"{counted(len(found), 'column')} in {counted(len(touched), 'table')} of {schema.name} are in "
        "utf8mb3, which takes no character of four bytes"
        + (f", beside {counted(others, 'column')} in utf8mb4, with which a join has to convert." if others else "."),
        recommendation="Convert the tables to utf8mb4, those that are joined with each other at the same time.",
        operations=(
            ChangeApplication(
                topic="character-set", subject=schema.name,
                instruction=f"Convert the tables of {schema.name} from utf8mb3 to utf8mb4, and its default with them.",
            ),
        ),
    )  # fmt: skip
