"""Some partitions lack an index that their siblings have.

## What
Indexes that were built on most partitions of a table one by one, not on the table itself, and that some partitions
lack. Indexes of the partitioned table are complete by nature and not meant.

## Why it matters
New partitions get what the table has, not what its partitions have: the index is missing exactly where the newest
rows are. The same query is fast on old periods and scans the new ones.

## When it is fine
Only a minority of partitions has the index: the newest ones, which are searched more, or the old ones, which are kept
for reports.

## How to fix it
Build the index on the partitioned table, part by part without blocking writes; existing parts are attached, and new
partitions get it by themselves.

## Sources
PostgreSQL manual, "Table Partitioning", 5.12.2.2 "Partition Maintenance"; "CREATE INDEX … ON ONLY".
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from typing import Any

from auditor.model.catalog import Index, Table
from auditor.model.check import Check
from auditor.model.facts import Facts
from auditor.model.finding import Evidence, Flaw, Impact, Subject
from auditor.model.operation import AddIndex
from auditor.model.units import PARTITIONED_TABLES
from auditor.model.vocabulary import Confidence, Pillar, Severity
from auditor_checks._words import fitting

CHECK = Check(
    title="Some partitions lack an index that their siblings have",
    passed="Partitions have the same indexes",
    pillar=Pillar.CAPACITY,
    severity=Severity.LOW,
    confidence=Confidence.LIKELY,
    unit=PARTITIONED_TABLES,
    needs=("tables", "partitions", "indexes"),
    engines=("postgresql",),
)


def judge(
    root: Table, facts: Facts, *, min_leaves: float = 3, share: float = 0.5, medium_rows: float = 100_000
) -> Iterator[Flaw]:
    """Report each index that most leaf partitions have on their own and some lack."""
    leaves = facts.leaves(root)
    if len(leaves) < min_leaves:
        return
    for indexes in _shapes(leaves, facts).values():
        having = {index.table_key for index in indexes}
        missing = [leaf for leaf in leaves if leaf.key not in having]
        if len(having) <= share * len(leaves) or not missing:
            continue
        example = min(indexes, key=lambda index: index.key)
        key = ", ".join(part.column or part.expression or "" for part in example.parts)
        rows = sum(facts.rows(leaf) for leaf in missing)
        plain = not example.is_expression and all(part.default_operator_class for part in example.parts)
        yield Flaw(
            title=fitting(f"{len(missing)} of {len(leaves)} partitions lack an index on {key}"),
            related=tuple(Subject(kind="partition", name=leaf.path) for leaf in missing[:20]),
            severity=Severity.MEDIUM if rows >= medium_rows else Severity.LOW,
            evidence=(
                Evidence(name="partitions with the index", value=len(having), unit="partitions", probe="indexes"),
                Evidence(name="partitions without it", value=len(missing), unit="partitions", probe="indexes"),
                Evidence(name="rows in those", value=round(rows), unit="rows", probe="tables"),
                Evidence(name="example", value=example.path, probe="indexes"),
            ),
            impact=Impact(rows=round(rows), risk="the same search scans some partitions and not others"),
            explanation=(
                f"{len(having)} partitions of {root.path} have an index on {key} of their own (for example "
                f"{example.path}), {len(missing)} do not, and new partitions will not get it."
            ),
            recommendation=f"Build the index on {root.path} itself, part by part, so that every partition has it.",
            operations=(
                (
                    AddIndex(
                        schema=root.schema, table=root.name, columns=example.columns, include=example.include,
                        predicate=example.predicate, method=None if example.method == "btree" else example.method,
                    ),
                )
                if plain
                else ()
            ),
            discriminator=key,
        )  # fmt: skip


def _shapes(leaves: list[Table] | Any, facts: Facts) -> dict[Any, list[Index]]:
    """The valid indexes that partitions have on their own, by everything that makes two of them the same."""
    found: dict[Any, list[Index]] = defaultdict(list)
    for leaf in leaves:
        for index in facts.indexes_of(leaf.key):
            if index.parent_name is None and index.usable and not index.unique:
                parts = tuple((p.column, p.expression, p.descending, p.operator_class) for p in index.parts)
                found[index.method, parts, index.include, index.predicate].append(index)
    return found
