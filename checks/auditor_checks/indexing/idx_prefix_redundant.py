"""An index is the beginning of a longer one.

## What
A non-unique B-tree index without payload whose key columns, with their directions, operator classes and collations,
are the first key columns of another valid B-tree index of the table with the same predicate.

## Why it matters
The longer index finds the same rows and returns them in the same order. The shorter one is written, cleaned, cached
and replicated beside it.

## When it is fine
The shorter index is much smaller and is scanned so often, or so widely, that its size decides: then it stays. Where
the longer index is many times larger the finding is therefore only *possible*. A unique index is never redundant in
this sense, for it keeps a rule.

## How to fix it
Watch the longer index take over, then drop the shorter one without blocking writes, and keep its definition for the
way back.

## Sources
PostgreSQL manual, "Multicolumn Indexes" (11.3): an index is used for conditions on its leading columns.
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
    title="Index is the beginning of a longer one",
    passed="No index is merely the beginning of a longer one",
    pillar=Pillar.INDEXING,
    severity=Severity.LOW,
    confidence=Confidence.LIKELY,
    unit=INDEXES,
    needs=("tables|collections", "indexes", "constraints|indexes"),
)


def judge(
    index: Index, facts: Facts, *, large_bytes: float = 100_000_000, wide_ratio: float = 5, wide_columns: float = 4
) -> Iterator[Verdict]:
    """Report the index if a longer one starts with its key."""
    table = facts.table(index.table_key)
    if table is None or table.unreadable is not None:
        yield unreadable(index.table_key, table)
        return
    found = redundancy(index, facts)
    if found is None or found.kind is not Kind.PREFIX:
        return
    own, other = facts.index_bytes(index) or 0, facts.index_bytes(found.near) or 0
    extra = len(found.near.parts) - len(index.parts) + len(found.near.include)
    # Below a megabyte page rounding decides the ratio, and nothing is at stake.
    wide = extra >= wide_columns or (own >= 1_000_000 and other > wide_ratio * own)
    scans = facts.index_scans(index)
    large = own >= large_bytes and not wide
    doubt = (
        f" {found.near.name} is {other / own:.1f} times as large, so scans through it read more pages: measure first."
        if wide and own
        else ""
    )
    used = "" if scans is None else f" It was scanned {scans:,} times; those scans move to the longer one."
    yield Flaw(
        title=fitting(f"Index {index.name} is the beginning of {found.near.name}"),
        related=related(index, found, facts),
        severity=Severity.MEDIUM if large else Severity.LOW,
        confidence=Confidence.POSSIBLE if wide else Confidence.LIKELY,
        evidence=evidence(index, found, facts),
        impact=Impact(bytes=own or None, risk="every write of the table maintains both"),
        explanation=(
            f"{found.near.path} starts with the whole key of {index.path} ({size(own)}) and serves every search by "
            f"it.{used}{doubt}"
        ),
        recommendation=(
            f"Drop {index.path} without blocking writes after watching that {found.keeper.name} serves its queries; "
            "keep its definition for the way back."
        ),
        operations=drop(index, found, observe_days=14 if wide else 7),
    )
