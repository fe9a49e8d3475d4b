"""A table that is written more than it is read carries many indexes.

## What
Tables with many indexes (or with several whose bytes outweigh the rows by far) whose indexed writes are many and
outnumber their scans since the usage counters began. Updates that stay on their page write no index and do not count.

MongoDB: Collections with 20 indexes or more as well, however they are used: 64 are possible.

## Why it matters
Each such write makes an entry in every index of the table, and logs it. The more indexes, the slower the writes and the
larger the log.

PostgreSQL: The longer each vacuum, too, which cleans all of them.

## When it is fine
The table is read as often as it is written, or the writes were a load that is over.

## How to fix it
Start with the indexes that others make superfluous and with those that are hardly scanned; merge the rest so that
fewer indexes serve the same queries.

## Sources
PostgreSQL manual, "Indexes", introduction (chapter 11): indexes add overhead to the database system as a whole. MongoDB
manual, "Remove Unnecessary Indexes" among the schema design anti-patterns.
"""

from __future__ import annotations

from collections.abc import Iterator

from auditor.model.catalog import Index, Table
from auditor.model.check import Check
from auditor.model.facts import Facts
from auditor.model.finding import Evidence, Flaw, Impact, Subject
from auditor.model.operation import AnyOperation, ChangeApplication
from auditor.model.units import TABLES
from auditor.model.vocabulary import Confidence, Pillar, Severity
from auditor.text import size
from auditor_checks._words import SIZES, USAGE, fitting
from auditor_checks.indexing._redundancy import drop, redundancy
from auditor_checks.indexing._usage import enforces, entries_written, scans_of, told_writes

CHECK = Check(
    title="Write-hot table carries many indexes",
    passed="No write-hot table carries many indexes",
    pillar=Pillar.INDEXING,
    severity=Severity.LOW,
    confidence=Confidence.LIKELY,
    unit=TABLES,
    needs=(
        "tables|collections",
        "indexes",
        "constraints|indexes",
        "table-usage|collection-usage",
        "index-usage",
        "sizes|collection-sizes",
    ),
    engines=("postgresql", "mongodb"),
)


def judge(
    table: Table, facts: Facts, *,
    many: float = 10, several: float = 6, heavy_ratio: float = 2.0, min_writes: float = 100_000,
    very_hot: float = 10_000_000, of_collection: float = 20,
) -> Iterator[Flaw]:  # fmt: skip
    """Report the table if its indexes are many or heavy and its writes outnumber its scans."""
    indexes = [index for index in facts.indexes_of(table.key) if index.ready]
    written, scans = entries_written(table, facts), scans_of(table, facts)
    crowded = table.kind == "collection" and len(indexes) >= of_collection
    if not crowded and (len(indexes) < several or written < min_writes or written <= scans):
        return
    leaves = facts.leaves(table)
    heap = sum(leaf.heap_bytes or 0 for leaf in leaves)
    own = sum(leaf.index_bytes or 0 for leaf in leaves)
    heavy = heap > 0 and own >= heavy_ratio * heap
    if len(indexes) < many and not heavy:
        return
    hot = "" if crowded and written <= scans else " that is written more than it is read"
    yield Flaw(
        title=fitting(f"{len(indexes)} indexes on a {facts.capabilities.terms.table}{hot}"),
        related=tuple(Subject(kind="index", name=index.path) for index in _weakest(indexes, facts)),
        severity=Severity.MEDIUM if written >= very_hot else Severity.LOW,
        evidence=(
            Evidence(name="indexes", value=len(indexes), unit="indexes", probe="indexes"),
            Evidence(name="writes that each was part of", value=written, unit="writes", probe=USAGE),
            Evidence(name="scans of the table", value=scans, unit="scans", probe=USAGE),
            Evidence(name="bytes of indexes", value=own, unit="bytes", probe=SIZES),
            Evidence(name="bytes of rows", value=heap, unit="bytes", probe=SIZES),
        ),
        impact=Impact(risk="slow writes, and much log"),
        explanation=(
            f"{len(indexes)} indexes of {table.path}: {told_writes(written, facts)}, against {scans:,} reads. The "
            f"indexes take {size(own)}, the {facts.capabilities.terms.row}s {size(heap)}."
        ),
        recommendation=(
            "Drop what other indexes make superfluous, question the indexes with the fewest scans (they are listed), "
            "and merge the rest."
        ),
        operations=_operations(table, indexes, facts),
    )


def _weakest(indexes: list[Index], facts: Facts) -> list[Index]:
    """The five least scanned indexes that keep no rule."""
    optional = [index for index in indexes if not enforces(index)]
    return sorted(optional, key=lambda index: (facts.index_scans(index) or 0, index.name))[:5]


def _operations(table: Table, indexes: list[Index], facts: Facts) -> tuple[AnyOperation, ...]:
    drops = [
        operation
        for index in indexes
        if (found := redundancy(index, facts)) is not None
        for operation in drop(index, found, observe_days=7)
    ]
    if drops:
        return tuple(drops)
    return (
        ChangeApplication(
            topic="index-consolidation", subject=table.path,
            instruction="Review which queries each index of the table serves, and merge or drop indexes accordingly.",
        ),
    )  # fmt: skip
