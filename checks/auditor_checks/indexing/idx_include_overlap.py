"""Two indexes differ only in the columns that one of them carries along.

## What
A non-unique index whose searches and index-only reads another index of the table serves as well: the other has the
same key and carries more payload columns (``INCLUDE``), or has the payload columns of the first as key columns.

## Why it matters
Both are written for every row although one would do.

## When it is fine
The smaller index is much smaller and hot, so that keeping it in memory pays for its writes.

## How to fix it
Keep the one that serves both kinds of queries and drop the other without blocking writes, after watching that plans
move.

## Sources
PostgreSQL manual, "Index-Only Scans and Covering Indexes" (11.9).
"""

from __future__ import annotations

from collections.abc import Iterator

from auditor.model.catalog import Index
from auditor.model.check import Check
from auditor.model.facts import Facts
from auditor.model.finding import Flaw, Impact, Verdict
from auditor.model.units import INDEXES
from auditor.model.vocabulary import Confidence, Pillar, Severity
from auditor.text import size
from auditor_checks._hidden import unreadable
from auditor_checks._words import fitting
from auditor_checks.indexing._redundancy import Kind, drop, evidence, redundancy, related

CHECK = Check(
    title="Indexes differ only in the columns that they carry",
    passed="No two indexes differ only in the columns that they carry",
    pillar=Pillar.INDEXING,
    severity=Severity.LOW,
    confidence=Confidence.LIKELY,
    unit=INDEXES,
    needs=("tables", "indexes", "constraints"),
)


def judge(index: Index, facts: Facts) -> Iterator[Verdict]:
    """Report the index if another one carries all that it carries."""
    table = facts.table(index.table_key)
    if table is None or table.unreadable is not None:
        yield unreadable(index.table_key, table)
        return
    found = redundancy(index, facts)
    if found is None or found.kind is not Kind.INCLUDE:
        return
    own = facts.index_bytes(index)
    yield Flaw(
        title=fitting(f"Index {index.name} differs from {found.near.name} only in what it carries"),
        related=related(index, found, facts),
        evidence=evidence(index, found, facts),
        impact=Impact(bytes=own, risk="every write of the table maintains both"),
        explanation=(
            f"{found.near.path} finds the same rows as {index.path} and holds every column that {index.name} returns "
            f"without reading the table. {index.name} takes {size(own)} beside it."
        ),
        recommendation=(
            f"Drop {index.path} without blocking writes after watching that {found.keeper.name} serves its queries."
        ),
        operations=drop(index, found, observe_days=7),
    )
