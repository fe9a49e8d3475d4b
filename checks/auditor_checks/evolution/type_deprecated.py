"""Columns are declared in a way that the next versions drop.

## What
Columns with ZEROFILL, FLOAT and DOUBLE with a number of digits or as AUTO_INCREMENT, and DECIMAL, FLOAT or DOUBLE that
are UNSIGNED: MySQL has deprecated them since 8.0.17. One finding for each database.

## Why it matters
They still work, and will be refused one day. FLOAT(7,4) rounds what is stored without saying so; ZEROFILL changes only
how a number is shown, and makes the column unsigned; UNSIGNED there is no more than a check that nobody named.

## When it is fine
Until the upgrade that drops them; but each new table made so adds to the work.

## How to fix it
Declare FLOAT and DOUBLE without digits, or DECIMAL where the digits count; pad with LPAD() where numbers are shown; say
"not negative" by a CHECK constraint.

## Sources
MySQL manual, "Numeric Data Type Syntax" and "Numeric Type Attributes": what is deprecated as of 8.0.17.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from auditor.model.catalog import Column, Schema
from auditor.model.check import Check
from auditor.model.facts import Facts
from auditor.model.finding import Evidence, Flaw, Subject
from auditor.model.operation import ChangeApplication
from auditor.model.units import SCHEMAS
from auditor.model.vocabulary import Pillar, Severity
from auditor_checks._words import counted, fitting

CHECK = Check(
    title="Columns are declared in a way that later versions drop",
    passed="No column is declared in a deprecated way",
    pillar=Pillar.EVOLUTION,
    severity=Severity.INFO,
    unit=SCHEMAS,
    needs=("schemas", "tables", "columns"),
    engines=("mysql",),
)
_DIGITS = re.compile(r"(?:float|double)\s*\(\d+,\s*\d+\)", re.IGNORECASE)
_UNSIGNED = re.compile(r"(?:float|double|decimal)\b.*\bunsigned\b", re.IGNORECASE)
SHOWN = 6


def judge(schema: Schema, facts: Facts) -> Iterator[Flaw]:
    """Gather the columns of the database, with what is deprecated of each."""
    found = [
        (table.column_path(column.name), what)
        for table in facts.tables_in(schema.name)
        for column in table.columns
        if (what := _deprecated(column)) is not None
    ]
    if not found:
        return
    kinds = ", ".join(sorted({what for _, what in found}))
    shown = ", ".join(path for path, _ in found[:SHOWN]) + (" …" if len(found) > SHOWN else "")
    yield Flaw(
        title=fitting(f"{counted(len(found), 'column')} of {schema.name} are declared in a deprecated way"),
        related=tuple(Subject(kind="column", name=path) for path, _ in found[:SHOWN]),
        evidence=(
            Evidence(name="columns", value=len(found), unit="columns", probe="columns"),
            Evidence(name="what is deprecated", value=kinds, probe="columns"),
            Evidence(name="such columns", value=shown, probe="columns"),
        ),
        explanation=f"{shown}: {kinds}.",
        recommendation="Declare new columns otherwise, and change these when their tables are changed.",
        operations=(
            ChangeApplication(
                topic="deprecated-types", subject=schema.name,
                instruction=f"Declare columns of {schema.name} without {kinds}.",
            ),
        ),
    )  # fmt: skip


def _deprecated(column: Column) -> str | None:
    declared = column.type.lower()
    if "zerofill" in declared:
        return "ZEROFILL"
    if _DIGITS.match(declared):
        return "FLOAT or DOUBLE with digits"
    if column.family == "float" and column.identity is not None:
        return "AUTO_INCREMENT of FLOAT or DOUBLE"
    return "UNSIGNED of a type that is no integer" if _UNSIGNED.match(declared) else None
