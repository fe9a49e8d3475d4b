"""A plain index has the same key as a unique one.

## What
A non-unique index whose method, key, payload and predicate are those of a unique index of the table, usually the one
of the primary key or of a unique constraint. Such an index appears when a framework adds an index to a column that a
constraint already indexes.

## Why it matters
The unique index answers every query that the plain one could answer. The plain one costs a write for each row that is
written, space, and time to clean it, and gives nothing.

## When it is fine
For the time of a change from a plain to a unique index.

## How to fix it
Drop the plain index without blocking writes. The unique one stays, because it keeps the rule.

## Sources
PostgreSQL manual, "Unique Indexes" (11.6): a unique constraint or primary key creates its index automatically; there
is no need to create another one.
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
    title="Plain index repeats a unique one",
    passed="No plain index repeats a unique one",
    pillar=Pillar.INDEXING,
    severity=Severity.LOW,
    unit=INDEXES,
    needs=("tables|collections", "indexes", "constraints|indexes"),
)


def judge(
    index: Index, facts: Facts, *, large_bytes: float = 100_000_000, hot_writes: float = 1_000_000
) -> Iterator[Verdict]:
    """Report the index if a unique one has its key."""
    table = facts.table(index.table_key)
    if table is None or table.unreadable is not None:
        yield unreadable(index.table_key, table)
        return
    found = redundancy(index, facts)
    if found is None or found.kind is not Kind.SHADOWED:
        return
    wasted, written = facts.index_bytes(index), entries_written(table, facts)
    role = "primary key" if found.near.primary else "unique index"
    yield Flaw(
        title=fitting(f"Plain index {index.name} repeats the {role} {found.near.name}"),
        related=related(index, found, facts),
        severity=Severity.MEDIUM if (wasted or 0) >= large_bytes or written >= hot_writes else Severity.LOW,
        evidence=evidence(index, found, facts),
        impact=Impact(bytes=wasted, risk="every write of the table is paid twice"),
        explanation=(
            f"{index.path} has the key of the {role} {found.near.path}, which answers the same queries. It takes "
            f"{size(wasted)}, and {told_writes(written, facts)} since the counters began."
        ),
        recommendation=f"Drop {index.path} without blocking writes; {found.near.name} serves in its place.",
        operations=drop(index, found),
    )
