"""A partitioned index lacks some of its parts.

## What
Indexes of partitioned tables that are not valid because one or more partitions have no index attached to them: the
state between ``CREATE INDEX … ON ONLY`` and the last ``ATTACH PARTITION``.

## Why it matters
Queries on the partitions without the part scan them. New partitions do get the index, so the gap stays unnoticed. A
primary key or unique constraint in this state keeps no rule across the table, and foreign keys cannot refer to it.

## When it is fine
While the parts are being built and attached one after the other.

## How to fix it
Build the missing parts without blocking writes and attach them; the index becomes valid with the last one. It is not
a leftover to drop, and it cannot be rebuilt as a whole.

## Sources
PostgreSQL manual, "Table Partitioning", 5.12.2.2 "Partition Maintenance", and "ALTER INDEX … ATTACH PARTITION".
"""

from __future__ import annotations

from collections.abc import Iterator

from auditor.model.catalog import Index, Table
from auditor.model.check import Check
from auditor.model.facts import Facts
from auditor.model.finding import Evidence, Flaw, Impact, Subject, Unknown, Verdict
from auditor.model.operation import CompletePartitionedIndex
from auditor.model.units import INDEXES
from auditor.model.vocabulary import Pillar, Severity
from auditor_checks._words import fitting

CHECK = Check(
    title="Partitioned index lacks some of its parts",
    passed="Every partitioned index has all of its parts",
    pillar=Pillar.INDEXING,
    severity=Severity.MEDIUM,
    unit=INDEXES,
    needs=("tables", "indexes", "partitions"),
    engines=("postgresql",),
)


def judge(index: Index, facts: Facts, *, large_rows: float = 100_000) -> Iterator[Verdict]:
    """Report a partitioned index that is not valid, with the partitions that have no part of it."""
    if not index.partitioned or index.valid:
        return
    table = facts.table(index.table_key)
    leaves = facts.leaves(table) if table is not None else []
    covered = {part.table_key for part in facts.index_parts(index) if not part.partitioned}
    missing = [leaf for leaf in leaves if leaf.key not in covered]
    building = {(work.schema, work.name) for work in facts.workload.progress if work.kind == "create-index"}
    if any(leaf.key in building for leaf in missing):
        yield Unknown(reason=f"an index is being built on a partition that {index.path} lacks")
        return
    rows = sum(facts.rows(leaf) for leaf in missing)
    yield Flaw(
        title=fitting(f"Index {index.name} lacks {len(missing)} of {len(leaves)} parts"),
        related=(
            *([Subject(kind="table", name=table.path)] if table is not None else []),
            *(Subject(kind="partition", name=leaf.path) for leaf in missing[:20]),
        ),
        severity=Severity.HIGH if index.unique or rows >= large_rows else Severity.MEDIUM,
        evidence=(
            Evidence(name="partitions without the index", value=len(missing), unit="partitions", probe="indexes"),
            Evidence(name="partitions", value=len(leaves), unit="partitions", probe="partitions"),
            Evidence(name="rows in the partitions without it", value=round(rows), unit="rows", probe="tables"),
        ),
        impact=Impact(rows=round(rows), risk="scans of the partitions that have no part of the index"),
        explanation=(
            f"{index.path} is not valid: {_names(missing)}. "
            + ("It keeps no rule across the table until it is. " if index.unique else "")
            + f"{rows:,.0f} rows are outside of it."
        ),
        recommendation=(
            "Build the missing parts without blocking writes and attach each to the index; do not drop it, and do not "
            "expect a rebuild to repair it."
        ),
        operations=(CompletePartitionedIndex(schema=index.schema, table=index.table, name=index.name),),
    )


def _names(missing: list[Table]) -> str:
    if not missing:
        return "every partition has a part, but at least one of the parts is not valid"
    named = ", ".join(leaf.path for leaf in missing[:3])
    return f"{named}{f' and {len(missing) - 3} more' if len(missing) > 3 else ''} have no part attached to it"
