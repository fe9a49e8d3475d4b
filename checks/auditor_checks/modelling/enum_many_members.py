"""A column's type lists very many values.

## What
ENUM columns with more members than somebody keeps in mind, and SET columns with many.

## Why it matters
Such a list is data that lives in the schema: each new value is a change of the table. Only members at the end are added
without a copy; to sort one in, to rename or to drop one rewrites the table while writes wait. Rows are sorted by the
position in the list, and other tables repeat the list instead of referring to it. A SET packs several facts into one
column, which no index finds by a single member.

## When it is fine
A closed standard list that does not change: the states of a protocol, the months.

## How to fix it
Make a table of the values and refer to it; of a SET a table of pairs. New column beside the old one, write both, fill,
switch.

## Sources
MySQL manual, "The ENUM Type", "The SET Type", "Online DDL Operations" (modifying the definition of an ENUM or SET).
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from auditor.model.check import Check
from auditor.model.facts import Facts, TableColumn
from auditor.model.finding import Evidence, Flaw
from auditor.model.operation import ChangeApplication
from auditor.model.units import COLUMNS
from auditor.model.vocabulary import Pillar, Severity
from auditor_checks._words import fitting

CHECK = Check(
    title="Column's type lists very many values",
    passed="No column's type lists very many values",
    pillar=Pillar.MODELLING,
    severity=Severity.LOW,
    unit=COLUMNS,
    needs=("tables", "columns"),
    engines=("mysql", "mariadb"),
)
_MEMBER = re.compile(r"'(?:[^']|'')*'")


def judge(item: TableColumn, facts: Facts, *, members: float = 30, of_set: float = 12) -> Iterator[Flaw]:
    """Count the members of the list."""
    kind = item.column.type.partition("(")[0].lower()
    if item.column.family != "enum" or kind not in ("enum", "set"):
        return
    number = len(_MEMBER.findall(item.column.type))
    if number < (of_set if kind == "set" else members):
        return
    yield Flaw(
        title=fitting(f"{item.table.name}.{item.column.name} lists {number} values in its type"),
        evidence=(
            Evidence(name="members", value=number, unit="values", probe="columns"),
            Evidence(name="rows", value=round(facts.rows(item.table)), unit="rows", probe="tables"),
        ),
        explanation=f"{item.path} is {'an ENUM' if kind == 'enum' else 'a SET'} of {number} members.",
        recommendation="Keep the values in a table of their own and refer to it.",
        operations=(
            ChangeApplication(
                topic="lookup-table", subject=item.path,
                instruction=f"Make a table of the {number} values of {item.path} and refer to it.",
            ),
        ),
    )  # fmt: skip
