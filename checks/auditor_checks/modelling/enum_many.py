"""The values of a column are part of its type, and they are many.

## What
ENUM columns with many members, and SET columns with fewer already: a SET packs several facts into one column, which no
index finds by a single member.

## Why it matters
A value that is added anywhere but at the end, or taken away, copies the table; sorting goes by the position instead of
the text; and the list stands nowhere else.

## When it is fine
A small list that is fixed: fewer members than the limit are not reported.

## How to fix it
Keep the values in a table of their own and refer to it, those of a SET through a table of pairs.
Until then append new values at the end only, which is instant.

## Sources
MySQL manual, "The ENUM Type": it is best for a list that does not change; "The SET Type".
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from auditor.model.check import Check
from auditor.model.facts import Facts, TableColumn
from auditor.model.finding import Evidence, Flaw, Impact, Verdict
from auditor.model.operation import ChangeApplication
from auditor.model.units import COLUMNS
from auditor.model.vocabulary import Pillar, Severity
from auditor_checks._settings import PRODUCTS
from auditor_checks._words import fitting

CHECK = Check(
    title="A column lists many values in its type",
    passed="Types list few values",
    pillar=Pillar.MODELLING,
    severity=Severity.LOW,
    unit=COLUMNS,
    needs=(
        "tables",
        "columns",
    ),
    engines=PRODUCTS,
)
MEMBER = re.compile(r"'(?:[^']|'')*'")


def judge(column: TableColumn, facts: Facts, *, members: float = 20, of_set: float = 12) -> Iterator[Verdict]:
    """Count the members in the type, of an ENUM against ``members``, of a SET against ``of_set``."""
    own = column.column
    if own.family != "enum":
        return
    number = len(MEMBER.findall(own.type))
    if number < (of_set if own.type.lower().startswith("set") else members):
        return
    yield Flaw(
        title=fitting(f"{column.path} lists {number} values in its type"),
        evidence=(
            Evidence(name="values in the type", value=number, unit="values", probe="columns"),
            Evidence(name="rows", value=round(facts.rows(column.table)), unit="rows", probe="tables"),
        ),
        impact=Impact(rows=round(facts.rows(column.table)), risk="a change of the list copies the table"),
        explanation=f"Any change of the list but at its end copies the {facts.rows(column.table):,.0f} rows.",
        recommendation="Keep the values in a table of their own; until then append only.",
        operations=(
            ChangeApplication(
                topic="lookup-table",
                subject=column.path,
                instruction=f"Keep the values of {column.path} in a table, and refer to it by a foreign key.",
            ),
        ),
    )
