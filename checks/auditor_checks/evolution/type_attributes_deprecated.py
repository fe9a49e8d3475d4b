"""A column's type has an attribute that is deprecated.

## What
Columns with ZEROFILL, and floating-point columns with digits such as FLOAT(7,2). One finding for each table.

## Why it matters
Digits of a floating-point type round values when they are stored, and suggest an exactness that is not there. ZEROFILL
makes a column unsigned without saying so. Both are deprecated in MySQL and will be removed.

## When it is fine
MariaDB, where nothing is deprecated: only noted there.

## How to fix it
Use DECIMAL for what has to be exact, and let the application fill with zeros.

## Sources
MySQL manual, "Numeric Type Syntax".
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from auditor.model.catalog import Table
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
DIGITS = re.compile(r"(?:float|double)\(\d+,\s*\d+\)")


def judge(table: Table, facts: Facts) -> Iterator[Verdict]:
    """Gather the columns of the table with such attributes."""
    found = [c for c in table.columns if "zerofill" in c.type or DIGITS.match(c.type)]
    if not found:
        return
    shown = ", ".join(f"{column.name} {column.type}" for column in found[:SHOWN])
    yield Flaw(
        severity=Severity.INFO if facts.target.engine == "mariadb" else Severity.LOW,
        related=tuple(Subject(kind="column", name=table.column_path(column.name)) for column in found[:SHOWN]),
        evidence=(Evidence(name="columns", value=shown, probe="columns"),),
        impact=Impact(risk="values are rounded when stored, and an upgrade will change the type"),
        explanation=f"{table.path} has {shown}.",
        recommendation="Use DECIMAL for what has to be exact, and plain types for all else.",
        operations=(
            ChangeApplication(
                topic="deprecated-types",
                subject=table.path,
                instruction=f"Take ZEROFILL and the digits of floating-point types out of {table.path}.",
            ),
        ),
    )
