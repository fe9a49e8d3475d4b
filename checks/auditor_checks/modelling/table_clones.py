"""One table is repeated under numbered names.

## What
Three or more tables or collections of one schema with the same columns, whose names differ only in a year, a month, a
date or another number: orders_2023, orders_2024, orders_2025.

## Why it matters
PostgreSQL, MySQL, MariaDB: A question over all of them needs a UNION that grows every year, keys hold only within each,
and whoever adds a column has to remember every copy. Partitions are the same tables under one name, with all that the
copies lack.

MongoDB: A question over all of them is one query for each, uniqueness holds only within each, whoever changes an index
has to remember every copy, and each copy has its own files.

## When it is fine
Copies kept for a while before a migration; archives that nobody asks any more.

## How to fix it
PostgreSQL: Make a partitioned table and attach the copies as its partitions, each with a validated check of its bounds,
so that attaching reads no rows. The operation `merge-clones`, which a team asks for with a name for the column that
tells them apart, writes these steps. A view over the copies can take their place meanwhile.

MySQL, MariaDB: Make a partitioned table and exchange each of its partitions with a copy (ALTER TABLE … EXCHANGE
PARTITION). A view over the copies can take their place meanwhile.

MongoDB: Keep them in one collection, with a field for what the names tell at the front of its indexes, or as a time
series with an expiry in place of dropping the oldest.

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
from auditor.model.finding import Evidence, Flaw
from auditor.model.operation import ChangeApplication
from auditor.model.units import SCHEMAS, table_subject
from auditor.model.vocabulary import Confidence, Pillar, Severity
from auditor_checks._documents import merged
from auditor_checks._words import fitting

CHECK = Check(
    title="Table is repeated under numbered names",
    passed="No table is repeated under numbered names",
    pillar=Pillar.MODELLING,
    severity=Severity.MEDIUM,
    confidence=Confidence.LIKELY,
    unit=SCHEMAS,
    needs=("schemas|database-sizes", "tables|collections", "columns|fields"),
)
_NUMBERED = re.compile(r"^(?P<stem>.*?[^0-9_])_?(?P<number>[0-9]+(?:_[0-9]+)*)$")
SHOWN = 5
MOSTLY = 0.5


def judge(schema: Schema, facts: Facts, *, copies: float = 3, columns: float = 2) -> Iterator[Flaw]:
    """Group the numbered tables of the schema by stem and columns."""
    families: dict[tuple[str, frozenset[tuple[str, str]]], list[Table]] = defaultdict(list)
    for table in facts.tables_in(schema.name):
        match = _NUMBERED.match(table.name)
        if match is None or table.kind not in ("table", "collection") or table.inherits:
            continue
        if table.key in facts.inheritors or len(table.columns) < columns:
            continue
        shape = _shape(table)
        families[match["stem"], shape].append(table)
    for (stem, _), family in sorted(families.items(), key=lambda found: found[1][0].key):
        if len(family) < copies:
            continue
        names, documents = [table.name for table in family], family[0].kind == "collection"
        shown = ", ".join(names[:SHOWN]) + (" …" if len(names) > SHOWN else "")
        yield Flaw(
            title=fitting(f"{schema.name}.{stem} is repeated in {len(family)} {facts.capabilities.terms.table}s"),
            related=tuple(table_subject(table) for table in family),
            evidence=(
                Evidence(
                    name="tables of the same columns", value=len(family), unit="tables", probe="tables|collections"
                ),
                Evidence(name="columns of each", value=len(family[0].columns), unit="columns", probe="columns|fields"),
                Evidence(
                    name="rows in all",
                    value=round(sum(map(facts.rows, family))),
                    unit="rows",
                    probe="tables|collection-sizes",
                ),
            ),
            explanation=f"{shown} have the same {len(family[0].columns)} {facts.capabilities.terms.column}s and differ "
            "in a number of the name.",
            recommendation="Keep them in one collection with a field for what the names tell, or as a time series."
            if documents
            else "Make them partitions of one table.",
            operations=(
                (merged(facts, family, stem, "period") if documents else None)
                or ChangeApplication(
                    topic="table-clones",
                    subject=f"{schema.name}.{stem}",
                    instruction=f"Write what comes to one collection, with a field for what the names of {shown} tell "
                    "at the front of its indexes; copy the others into it one by one, then drop them."
                    if documents
                    else f"Make one partitioned table of {shown}, and put each in as a partition.",
                ),
            ),
            discriminator=min(names),
        )


def _shape(table: Table) -> frozenset[tuple[str, str]]:
    """Columns with their types; of documents the fields that most of them have, whose types may differ."""
    if table.kind == "collection":
        common = [one for one in table.columns if one.shape is not None and one.shape.presence >= MOSTLY]
        return frozenset((column.name, "") for column in common if "." not in column.name)
    return frozenset((column.name, column.type) for column in table.columns)
