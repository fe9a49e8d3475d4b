"""There is one collection for each tenant, user or device.

## What
Twenty collections and more of one database whose documents have the same fields, and whose names begin or end alike and
differ in the rest: orders_acme, orders_globex, … Names that differ in a number alone at their end are the matter of
table-clones.

## Why it matters
Each collection has its own files and indexes, all of which are opened and checked; a question over all tenants is one
query for each; and every change of an index is made as often as there are tenants.

## When it is fine
A contract demands that tenants are apart, or tenants are moved and dropped by themselves, and they are few.

## How to fix it
Keep them in one collection, with the key as the first field of each index (and of the shard key, with zones where
tenants must lie apart). Write both for a while, copy one collection after the other, then drop it.

## Sources
MongoDB manual, "Reduce the Number of Collections"; "Build a Multi-Tenant Architecture".
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence

from auditor.model.catalog import Schema, Table
from auditor.model.check import Check
from auditor.model.facts import Facts
from auditor.model.finding import Evidence, Flaw
from auditor.model.operation import ChangeApplication
from auditor.model.units import SCHEMAS, table_subject
from auditor.model.vocabulary import Confidence, Pillar, Severity
from auditor_checks._documents import merged, sample_of, shape_of
from auditor_checks._words import fitting

CHECK = Check(
    title="There is one collection for each key",
    passed="No collections differ in a key alone",
    pillar=Pillar.MODELLING,
    severity=Severity.MEDIUM,
    confidence=Confidence.LIKELY,
    unit=SCHEMAS,
    needs=("database-sizes", "collections", "fields"),
)
SHOWN = 5
SHORTEST = 3
"""Characters that the names of a family must have in common."""


def judge(schema: Schema, facts: Facts, *, collections: float = 20, fields: float = 3) -> Iterator[Flaw]:
    """Group the collections by their fields, and look at their names."""
    alike: dict[frozenset[str], list[Table]] = defaultdict(list)
    for table in facts.tables_in(schema.name):
        common = frozenset(one.name for one in table.columns if "." not in one.name and shape_of(one).presence >= 0.9)
        if sample_of(table).documents and len(common) >= fields:
            alike[common].append(table)
    for common, family in sorted(alike.items(), key=lambda item: item[1][0].key):
        stem = _stem([table.name for table in family])
        if len(family) < collections or stem is None or all(_is_number(table.name, stem) for table in family):
            continue
        names = [table.name for table in family]
        shown = ", ".join(names[:SHOWN]) + " …"
        total = round(sum(map(facts.rows, family)))
        yield Flaw(
            title=fitting(f"{len(family)} collections of {schema.name} differ in a key alone ({stem}…)"),
            related=tuple(table_subject(table) for table in family),
            evidence=(
                Evidence(name="collections of the same fields", value=len(family), unit="collections",
                         probe="collections"),
                Evidence(name="fields of each", value=len(common), unit="fields", probe="fields"),
                Evidence(name="indexes of all", value=sum(len(facts.indexes_of(table.key)) for table in family),
                         unit="indexes", probe="indexes"),
                Evidence(name="documents in all", value=total, unit="documents", probe="collection-sizes"),
            ),
            explanation=f"{shown} have the same {len(common)} fields and names that share {stem!r}.",
            recommendation="Keep them in one collection with the key as the first field of each index.",
            operations=(
                merged(facts, family, stem, "key")
                or ChangeApplication(
                    topic="collection-per-key", subject=f"{schema.name}.{stem}",
                    instruction="Write what comes to one collection with a field for the key that the names of "
                    f"{shown} tell, at the front of its indexes; copy the others into it one by one, then drop them.",
                ),
            ),
            discriminator=stem,
        )  # fmt: skip


def _stem(names: Sequence[str]) -> str | None:
    """What all names begin with, or end with; None where that is too short to be meant."""
    longer = max(_shared(names), _shared([name[::-1] for name in names])[::-1], key=len)
    return longer if len(longer) >= SHORTEST else None


def _shared(names: Sequence[str]) -> str:
    """What all names begin with."""
    first, last = min(names), max(names)
    return first[: next((at for at, letter in enumerate(first) if last[at : at + 1] != letter), len(first))]


def _is_number(name: str, stem: str) -> bool:
    """Whether the name is the stem and a number."""
    return name.removeprefix(stem).replace("_", "").isdigit()
