"""A column's default is the text 'NULL'.

## What
Text columns whose default is the word NULL in quotes.

## Why it matters
Rows without a value get a four-letter word instead of NULL: IS NULL does not find them, and the word reaches users.

## When it is fine
Never.

## How to fix it
Drop the default, then turn the stored words into NULL in batches.

## Sources
PostgreSQL manual, "Default Values".
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from auditor.model.check import Check
from auditor.model.facts import Facts, TableColumn
from auditor.model.finding import Evidence, Flaw
from auditor.model.operation import SetDefault
from auditor.model.units import COLUMNS
from auditor.model.vocabulary import Pillar, Severity
from auditor_checks._words import fitting

CHECK = Check(
    title="Default is the text 'NULL'",
    passed="No default is the text 'NULL'",
    pillar=Pillar.MODELLING,
    severity=Severity.LOW,
    unit=COLUMNS,
    needs=("tables", "columns"),
)
WORD = re.compile(r"^'\s*null\s*'(::.*)?$", re.IGNORECASE)


def judge(item: TableColumn, _facts: Facts) -> Iterator[Flaw]:
    """Read the default."""
    default = item.column.default
    if default is None or not WORD.match(default.strip()):
        return
    yield Flaw(
        title=fitting(f"Default of {item.column.name} is the text 'NULL'"),
        evidence=(Evidence(name="default", value=default, probe="columns"),),
        explanation=f"Rows without a value get the word in {item.path} instead of NULL.",
        recommendation="Drop the default, then turn the stored words into NULL in batches.",
        operations=(
            SetDefault(schema=item.table.schema, table=item.table.name, column=item.column.name, previous=default),
        ),
    )
