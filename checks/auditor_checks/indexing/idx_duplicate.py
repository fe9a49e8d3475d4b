"""Two indexes of a table are the same.

## What
Indexes of one table that agree in everything that matters to a query: method, key columns or expressions with their
direction, operator classes and collations, payload columns, predicate, uniqueness and the treatment of nulls. Each
index that can go is reported once; of every group of equal ones exactly one stays: the one of a primary key or
constraint, the target of a foreign key, the replica identity, the one that the table is clustered by, then the one
that is scanned most.

MongoDB: An index whose directions are all the other way round is the same: it is read from its other end. The server
refuses to build the same index twice, but not this one.

## Why it matters
Every write of a row writes each copy; each copy takes space on disk, in memory, in the log, in backups and on replicas,
and has to be cleaned of what is gone. No query gains anything from the second one.

## When it is fine
For the time of a rebuild, when the new copy is built before the old one is dropped.

## How to fix it
Drop the copy without blocking writes. If it belongs to a constraint, drop that constraint, after making sure that no
statement names it (``ON CONFLICT ON CONSTRAINT``).

## Sources
PostgreSQL manual, "DROP INDEX" (CONCURRENTLY) and "Indexes" (chapter 11).
"""

from __future__ import annotations

from collections.abc import Iterator

from auditor.model.catalog import Index
from auditor.model.check import Check
from auditor.model.facts import Facts
from auditor.model.finding import Flaw, Impact, Verdict
from auditor.model.units import INDEXES
from auditor.model.vocabulary import Pillar, Severity
from auditor.text import size
from auditor_checks._hidden import unreadable
from auditor_checks._words import fitting
from auditor_checks.indexing._redundancy import Kind, drop, evidence, redundancy, related
from auditor_checks.indexing._usage import entries_written, told_writes

CHECK = Check(
    title="Duplicate index",
    passed="No two indexes of a table are the same",
    pillar=Pillar.INDEXING,
    severity=Severity.LOW,
    unit=INDEXES,
    needs=("tables|collections", "indexes", "constraints|indexes"),
)


def judge(
    index: Index, facts: Facts, *, large_bytes: float = 100_000_000, hot_writes: float = 1_000_000
) -> Iterator[Verdict]:
    """Report the index if an equal one stays."""
    table = facts.table(index.table_key)
    if table is None or table.unreadable is not None:
        yield unreadable(index.table_key, table)
        return
    found = redundancy(index, facts)
    if found is None or found.kind is not Kind.DUPLICATE:
        return
    wasted, written = facts.index_bytes(index), entries_written(table, facts)
    keeper = f"{found.near.path}{' (a constraint)' if found.near.constraint else ''}"
    constraint = f" It belongs to the constraint {index.constraint}." if index.constraint else ""
    yield Flaw(
        title=fitting(f"Index {index.name} is a duplicate of {found.near.name}"),
        related=related(index, found, facts),
        severity=Severity.MEDIUM if (wasted or 0) >= large_bytes or written >= hot_writes else Severity.LOW,
        evidence=evidence(index, found, facts),
        impact=Impact(bytes=wasted, risk="every write of the table is paid twice"),
        explanation=(
            f"{index.path} and {keeper} have the same method, key, payload and predicate. The second copy takes "
            f"{size(wasted)}, and {told_writes(written, facts)} since the counters began.{constraint}"
        ),
        recommendation=(
            f"Drop the constraint {index.constraint} after checking that no statement names it; "
            f"{found.near.name} enforces the same."
            if index.constraint
            else f"Drop {index.path} without blocking writes; {found.keeper.name} serves in its place."
        ),
        operations=drop(index, found),
    )
