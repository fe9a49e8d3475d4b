"""A repeated group is spread over numbered columns.

## What
Three or more columns of one table with the same name and type and a running number: phone1, phone2, phone3.

## Why it matters
There is a limit that the business will reach, every search has to ask all of them, no constraint can keep them
distinct, and no single index serves them.

## When it is fine
The number is part of the meaning: address lines, quarters of a year, hash and algorithm names, axes, versions; these
are left out.

## How to fix it
Move the group into a child table with one row for each value.

## Sources
E. F. Codd, "A Relational Model of Data for Large Shared Data Banks" (1970), repeating groups; B. Karwin, "SQL
Antipatterns", Multicolumn Attributes.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator

from auditor.model.catalog import Column, Table
from auditor.model.check import Check
from auditor.model.facts import Facts
from auditor.model.finding import Evidence, Flaw, Subject
from auditor.model.operation import SplitTable
from auditor.model.units import TABLES
from auditor.model.vocabulary import Confidence, Pillar, Severity
from auditor_checks._names import words
from auditor_checks._words import fitting

CHECK = Check(
    title="Repeated group is spread over numbered columns",
    passed="No repeated group is spread over numbered columns",
    pillar=Pillar.MODELLING,
    severity=Severity.MEDIUM,
    confidence=Confidence.LIKELY,
    unit=TABLES,
    needs=("tables", "columns"),
)
NUMBERED = re.compile(r"^(.*?[A-Za-z])_?(\d{1,2})(_[A-Za-z_]+)?$")
MEANT = frozenset(
    (
        "line addr address street sha md q quarter h half week month year day hour level lvl tier dim axis x y z v "
        "version utf iso p pct percentile percent decile bucket bin layer lag step stage feature var param byte word "
        "bit ipv ip vitamin omega co pm"
    ).split()
)


def judge(table: Table, facts: Facts, *, least: float = 3) -> Iterator[Flaw]:
    """Group the columns by stem and type, and report runs that begin at 0 or 1."""
    groups: dict[tuple[str, str], list[tuple[int, Column]]] = defaultdict(list)
    for column in table.columns:
        found = NUMBERED.match(column.name)
        if found is None or words(found[1])[-1:] == () or words(found[1])[-1] in MEANT:
            continue
        groups[found[1].lower() + (found[3] or "").lower(), column.type].append((int(found[2]), column))
    for (stem, kind), members in sorted(groups.items()):
        numbers = sorted(number for number, _ in members)
        if len(numbers) < least or numbers[0] > 1 or numbers != list(range(numbers[0], numbers[0] + len(numbers))):
            continue
        columns = tuple(column.name for _, column in sorted(members, key=lambda member: member[0]))
        yield Flaw(
            title=fitting(f"{len(columns)} numbered columns hold one group: {columns[0]} to {columns[-1]}"),
            related=tuple(Subject(kind="column", name=table.column_path(name)) for name in columns),
            evidence=(
                Evidence(name="columns of the group", value=len(columns), unit="columns", probe="columns"),
                Evidence(name="their type", value=kind, probe="columns"),
                Evidence(name="rows", value=round(facts.rows(table)), unit="rows", probe="tables"),
            ),
            explanation=f"{', '.join(columns)} of {table.path} hold values of one kind, limited to {len(columns)}.",
            recommendation="Move the group into a child table with one row for each value.",
            operations=(
                SplitTable(schema=table.schema, table=table.name, columns=columns, into=f"{table.name}_{stem}"),
            ),
            discriminator=stem,
        )
