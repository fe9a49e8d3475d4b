"""A column's type has an attribute that is deprecated.

## What
Columns with ZEROFILL, and floating-point columns with digits such as FLOAT(7,2). On MySQL also DECIMAL, FLOAT and
DOUBLE that are UNSIGNED, and FLOAT and DOUBLE that count by AUTO_INCREMENT. One finding for each table.

## Why it matters
Digits of a floating-point type round values when they are stored, and suggest an exactness that is not there. ZEROFILL
makes a column unsigned without saying so; UNSIGNED of a type that is no integer is no more than a check that nobody
named. All of them are deprecated in MySQL since 8.0.17 and will be removed.

## When it is fine
MariaDB, where nothing of it is deprecated: ZEROFILL and digits are only noted there.

## How to fix it
Use DECIMAL for what has to be exact, let the application fill with zeros, and say "not negative" by a CHECK constraint.

## Sources
MySQL manual, "Numeric Data Type Syntax" and "Numeric Type Attributes": what is deprecated as of 8.0.17.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from auditor.model.catalog import Column, Table
from auditor.model.check import Check
from auditor.model.facts import Facts
from auditor.model.finding import Evidence, Flaw, Impact, Subject, Verdict
from auditor.model.operation import ChangeApplication
from auditor.model.units import TABLES
from auditor.model.vocabulary import Pillar, Severity
from auditor_checks._settings import PRODUCTS

CHECK = Check(
    title="Types have attributes that are about to go",
    passed="Types have no attributes that are about to go",
    pillar=Pillar.EVOLUTION,
    severity=Severity.LOW,
    unit=TABLES,
    needs=(
        "tables",
        "columns",
    ),
    engines=PRODUCTS,
)
SHOWN = 6
DIGITS = re.compile(r"(?:float|double)\s*\(\d+,\s*\d+\)", re.IGNORECASE)
UNSIGNED = re.compile(r"(?:float|double|decimal)\b.*\bunsigned\b", re.IGNORECASE)


def judge(table: Table, facts: Facts) -> Iterator[Verdict]:
    """Gather the columns of the table with such attributes."""
    only_noted = facts.target.engine == "mariadb"
    found = [c for c in table.columns if _has_digits_or_zeros(c) or (_goes_on_mysql(c) and not only_noted)]
    if not found:
        return
    shown = ", ".join(f"{column.name} {column.type}" for column in found[:SHOWN])
    yield Flaw(
        severity=Severity.INFO if only_noted else Severity.LOW,
        related=tuple(Subject(kind="column", name=table.column_path(column.name)) for column in found[:SHOWN]),
        evidence=(Evidence(name="columns", value=shown, probe="columns"),),
        impact=Impact(risk="values are rounded when stored, and an upgrade will change the type"),
        explanation=f"{table.path} has {shown}.",
        recommendation="Use DECIMAL for what has to be exact, and plain types for all else.",
        operations=(
            ChangeApplication(
                topic="deprecated-types",
                subject=table.path,
                instruction=f"Declare without such attributes in {table.path}: {shown}.",
            ),
        ),
    )


def _has_digits_or_zeros(column: Column) -> bool:
    return "zerofill" in column.type.lower() or DIGITS.match(column.type) is not None


def _goes_on_mysql(column: Column) -> bool:
    """Whether a type that is no integer is unsigned, or a floating-point one counts."""
    counts = column.family == "float" and column.identity is not None
    return counts or UNSIGNED.match(column.type) is not None
