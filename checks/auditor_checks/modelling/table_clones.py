"""One table is repeated under numbered names.

## What
Three or more tables of one schema with the same columns, whose names differ only in a year, a month, a date or another
number: orders_2023, orders_2024, orders_2025.

## Why it matters
A question over all of them needs a UNION that grows every year, keys hold only within each, and whoever adds a column
has to remember every copy. Partitions are the same tables under one name, with all that the copies lack.

## When it is fine
Copies kept for a while before a migration; archives that nobody asks any more.

## How to fix it
PostgreSQL: Make a partitioned table and attach the copies as its partitions, each with a validated check of its bounds,
so that attaching reads no rows. The operation `merge-clones`, which a team asks for with a name for the column that
tells them apart, writes these steps. A view over the copies can take their place meanwhile.

MySQL, MariaDB: Make a partitioned table and exchange each of its partitions with a copy (ALTER TABLE … EXCHANGE
PARTITION). A view over the copies can take their place meanwhile.

## Sources
PostgreSQL manual, "Table Partitioning": ATTACH PARTITION and its use of existing check constraints.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator

from auditor.model.catalog import Schema, Table
from auditor.model.check import Check
from auditor.model.facts import Facts
from auditor.model.finding import Evidence, Flaw, Subject
from auditor.model.operation import ChangeApplication
from auditor.model.units import SCHEMAS
from auditor.model.vocabulary import Confidence, Pillar, Severity
from auditor_checks._words import fitting

CHECK = Check(
    title="Table is repeated under numbered names",
    passed="No table is repeated under numbered names",
    pillar=Pillar.MODELLING,
    severity=Severity.MEDIUM,
    confidence=Confidence.LIKELY,
    unit=SCHEMAS,
    needs=("schemas", "tables", "columns"),
)
_NUMBERED = re.compile(r"^(?P<stem>.*?[^0-9_])_?(?P<number>[0-9]+(?:_[0-9]+)*)$")
SHOWN = 5


def judge(schema: Schema, facts: Facts, *, copies: float = 3, columns: float = 2) -> Iterator[Flaw]:
    """Group the numbered tables of the schema by stem and columns."""
    families: dict[tuple[str, frozenset[tuple[str, str]]], list[Table]] = defaultdict(list)
    for table in facts.tables_in(schema.name):
        match = _NUMBERED.match(table.name)
        if match is None or table.kind != "table" or table.inherits:
            continue
        if table.key in facts.inheritors or len(table.columns) < columns:
            continue
        shape = frozenset((column.name, column.type) for column in table.columns)
        families[match["stem"], shape].append(table)
    for (stem, _), family in sorted(families.items(), key=lambda found: found[1][0].key):
        if len(family) < copies:
            continue
        names = [table.name for table in family]
        shown = ", ".join(names[:SHOWN]) + (" …" if len(names) > SHOWN else "")
        yield Flaw(
            title=fitting(f"{schema.name}.{stem} is repeated in {len(family)} tables"),
            related=tuple(Subject(kind="table", name=table.path) for table in family),
            evidence=(
                Evidence(name="tables of the same columns", value=len(family), unit="tables", probe="tables"),
                Evidence(name="columns of each", value=len(family[0].columns), unit="columns", probe="columns"),
                Evidence(name="rows in all", value=round(sum(map(facts.rows, family))), unit="rows", probe="tables"),
            ),
            explanation=f"{shown} have the same {len(family[0].columns)} columns and differ in a number of the name.",
            recommendation="Make them partitions of one table.",
            operations=(
                ChangeApplication(
                    topic="table-clones",
                    subject=f"{schema.name}.{stem}",
                    instruction=f"Make one partitioned table of {shown}, and attach each as a partition.",
                ),
            ),
            discriminator=min(names),
        )
