"""A table is mostly empty space.

## What
Tables of which a large part of a considerable size holds no live data, measured where the server can measure it, else
estimated from the column statistics. Twenty to thirty per cent are normal and not reported. A partitioned table is
reported once, over all its partitions.

## Why it matters
Scans read the empty space, it fills memory, backups and replicas. It comes from updates and deletes; if their cause
goes on, so does the growth.

## When it is fine
The space will be filled again soon, as in a table that swells and shrinks. An estimate may be wrong where rows are
wide or values compress.

## How to fix it
First mend the cause: end what holds old snapshots, and deletes in one piece. Then give the space back online.

PostgreSQL: Let autovacuum come earlier, and repack the table; never by a full vacuum, which locks everybody out.

MySQL, MariaDB: Rebuild the table in place (ALTER TABLE … FORCE), which lets writes go on.

MongoDB: Compact the collection on one member after the other, secondaries first. What is free is used again by new
documents, so a collection that grows needs nothing.

## Sources
PostgreSQL manual, "Recovering Disk Space" (24.1.2) and the module pgstattuple. MongoDB manual,
collStats: freeStorageSize; compact.
"""

from __future__ import annotations

from collections.abc import Iterator

from auditor.model.catalog import Table
from auditor.model.check import Check
from auditor.model.facts import Facts
from auditor.model.finding import Evidence, Flaw, Impact, Subject, Unknown, Verdict
from auditor.model.operation import RepackTable
from auditor.model.units import TABLES
from auditor.model.vocabulary import Confidence, Pillar, Severity
from auditor.text import size
from auditor_checks._hidden import hidden_statistics, unreadable
from auditor_checks._words import fitting, percent

CHECK = Check(
    title="Table is mostly empty space",
    passed="Tables are not mostly empty space",
    pillar=Pillar.CAPACITY,
    severity=Severity.MEDIUM,
    unit=TABLES,
    needs=("tables|collections", "sizes|collection-sizes", "table-bloat|collection-sizes"),
    engines=("postgresql", "mysql", "mariadb", "mongodb"),
)


def judge(
    table: Table, facts: Facts, *,
    min_bytes: float = 10 * 2**20, min_ratio: float = 0.4, medium_bytes: float = 2**30, high_bytes: float = 50 * 2**30,
) -> Iterator[Verdict]:  # fmt: skip
    """Report the table if the empty space in its parts is large, in bytes and as a share."""
    locked = next((leaf for leaf in facts.leaves(table) if leaf.heap_bytes is None and leaf.unreadable), None)
    if locked is not None:
        yield unreadable(locked.key, locked)
    large = [leaf for leaf in facts.leaves(table) if (leaf.heap_bytes or 0) >= min_bytes]
    for leaf in large:
        if leaf.bloat is None:
            yield (
                Unknown(reason=f"there is nothing to estimate the empty space of {leaf.path} from: analyse it")
                if leaf.statistics_visible
                else hidden_statistics(leaf, facts)
            )
    known = [(leaf.bloat, leaf) for leaf in facts.leaves(table) if leaf.bloat is not None]
    wasted = sum(bloat.bytes for bloat, _ in known)
    vacuums = facts.target.engine == "postgresql"
    documents, probe = table.kind == "collection", "table-bloat"
    if documents:
        probe = "collection-sizes"
    # Where rows and indexes share a file with what is free, all of that is the table.
    heap = sum(
        leaf.heap_bytes or 0 if vacuums or documents else (leaf.bytes or 0) + bloat.bytes for bloat, leaf in known
    )
    if wasted < min_bytes or not heap or wasted < min_ratio * heap:
        return
    measured = all(bloat.method == "measured" for bloat, _ in known)
    worst = [leaf for bloat, leaf in known if bloat.ratio >= min_ratio and bloat.bytes >= min_bytes]
    dead = sum(leaf.usage.dead_rows for _, leaf in known if leaf.usage is not None) if vacuums else None
    yield Flaw(
        title=fitting(f"{percent(wasted / heap)} of {table.name} is empty space ({size(wasted)})"),
        related=tuple(Subject(kind="partition", name=leaf.path) for leaf in worst if leaf is not table)[:20],
        severity=(
            Severity.HIGH if wasted >= high_bytes else Severity.MEDIUM if wasted >= medium_bytes else Severity.LOW
        ),
        confidence=Confidence.CERTAIN if measured else Confidence.LIKELY,
        evidence=(
            Evidence(name="empty space", value=wasted, unit="bytes", probe=probe),
            Evidence(name="share of the table", value=round(wasted / heap, 3), unit="share", probe=probe),
            Evidence(name="how it is known", value="measured" if measured else "estimated", probe=probe),
            *([Evidence(name="dead rows", value=dead, unit="rows", probe="table-usage")] if vacuums else []),
        ),
        impact=Impact(bytes=wasted, risk="scans, memory, backups and replicas carry empty space"),
        explanation=(
            f"{size(wasted)} of the {size(heap)} of {table.path} hold no live {facts.capabilities.terms.row}"
            + (" (measured)." if measured else " (estimated from the column statistics).")
            + (f" {dead:,} dead rows are waiting for vacuum." if vacuums else "")
        ),
        recommendation=(
            "Mend the cause first: let autovacuum come earlier and end what holds old snapshots. Then repack the table "
            "online."
            if vacuums
            else "If what was deleted does not come back, compact it on one member after the other, secondaries first."
            if documents
            else "If what was deleted does not come back, rebuild the table: OPTIMIZE TABLE lets writes go on, and "
            "takes the disk for another copy."
        ),
        operations=tuple(RepackTable(schema=leaf.schema, table=leaf.name) for leaf in worst or large),
    )
