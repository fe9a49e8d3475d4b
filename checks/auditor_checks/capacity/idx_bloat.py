"""An index is mostly empty space.

## What
B-tree indexes of which a large part of a considerable size holds no entries, measured where the server can measure
it, else estimated from the column statistics. Up to forty per cent are what an index has that is filled in random
order, and are not reported. A partitioned index is reported once.

## Why it matters
Each search reads more pages, the index displaces other data from memory, and writes, backups and replicas carry it.

## When it is fine
The index is rebuilt by a job, or its values are about to be filled again. An estimate may be wrong; a measurement by
pgstattuple settles it.

## How to fix it
Rebuild it without blocking writes. If it swells again soon, look at what updates its columns, and whether old
snapshots keep vacuum from cleaning it.

## Sources
PostgreSQL manual, "Routine Reindexing" (24.2), "REINDEX" (CONCURRENTLY) and the module pgstattuple.
"""

from __future__ import annotations

from collections.abc import Iterator

from auditor.model.catalog import Index
from auditor.model.check import Check
from auditor.model.facts import Facts
from auditor.model.finding import Evidence, Flaw, Impact, Subject, Unknown, Verdict
from auditor.model.operation import RebuildIndex
from auditor.model.statistics import Bloat
from auditor.model.units import INDEXES
from auditor.model.vocabulary import Confidence, Pillar, Severity
from auditor.text import size
from auditor_checks._hidden import hidden_statistics, unreadable
from auditor_checks._words import fitting, percent, table_path

CHECK = Check(
    title="Index is mostly empty space",
    passed="Indexes are not mostly empty space",
    pillar=Pillar.CAPACITY,
    severity=Severity.MEDIUM,
    unit=INDEXES,
    needs=("tables", "indexes", "sizes", "index-bloat"),
    engines=("postgresql",),
)


def judge(
    index: Index, facts: Facts, *,
    min_bytes: float = 10 * 2**20, min_ratio: float = 0.5, medium_bytes: float = 2**30, high_bytes: float = 50 * 2**30,
) -> Iterator[Verdict]:  # fmt: skip
    """Report the index if the empty space in its parts is large, in bytes and as a share."""
    if index.method != "btree" or not index.usable:
        return
    parts = facts.index_parts(index)
    if all(part.bytes is not None and part.bytes < min_bytes for part in parts) and not index.partitioned:
        return
    locked = next((part for part in parts if part.bytes is None), None)
    if locked is not None:
        yield unreadable(locked.table_key, facts.table(locked.table_key))
    known: list[tuple[Bloat, Index]] = [(part.bloat, part) for part in parts if part.bloat is not None]
    table = facts.table(index.table_key)
    unknown = [part for part in parts if part.bloat is None and (part.bytes or 0) >= min_bytes]
    if unknown and table is not None:
        yield (
            Unknown(reason=f"there is nothing to estimate the empty space of {unknown[0].path} from")
            if table.statistics_visible
            else hidden_statistics(table, facts)
        )
    wasted, own = sum(bloat.bytes for bloat, _ in known), sum(part.bytes or 0 for _, part in known)
    if wasted < min_bytes or not own or wasted < min_ratio * own:
        return
    measured = all(bloat.method == "measured" for bloat, _ in known)
    worst = [part for bloat, part in known if bloat.ratio >= min_ratio and bloat.bytes >= min_bytes] or [index]
    yield Flaw(
        title=fitting(f"{percent(wasted / own)} of index {index.name} is empty space ({size(wasted)})"),
        related=(Subject(kind="table", name=table_path(index)),),
        severity=(
            Severity.HIGH if wasted >= high_bytes else Severity.MEDIUM if wasted >= medium_bytes else Severity.LOW
        ),
        confidence=Confidence.CERTAIN if measured else Confidence.LIKELY,
        evidence=(
            Evidence(name="empty space", value=wasted, unit="bytes", probe="index-bloat"),
            Evidence(name="share of the index", value=round(wasted / own, 3), unit="share", probe="index-bloat"),
            Evidence(name="how it is known", value="measured" if measured else "estimated", probe="index-bloat"),
            Evidence(name="scans", value=facts.index_scans(index), unit="scans", probe="index-usage"),
        ),
        impact=Impact(bytes=wasted, risk="searches read, and memory holds, empty pages"),
        explanation=(
            f"{size(wasted)} of the {size(own)} of {index.path} hold no entries"
            + (" (measured)." if measured else " (estimated from the column statistics).")
        ),
        recommendation=f"Rebuild {index.path} without blocking writes, and watch whether it swells again.",
        operations=tuple(RebuildIndex(schema=part.schema, table=part.table, name=part.name) for part in worst),
    )
