"""An index is written far more often than it is read.

## What
Large indexes that were scanned, but rarely, on tables whose rows are written many thousand times as often. Indexes
that keep a key, a constraint or an identity, or that alone serve a foreign key, are left out, and so are indexes
whose few scans each read many rows: those are reports or batches that need them.

## Why it matters
Each insert, and each update that cannot stay on its page, writes an entry into the index. If almost nobody reads it
the price of all those writes buys a few searches that another index or a scan might answer as well.

## When it is fine
The rare search must be fast: support, fraud, legal requests. Or the writes came from a load that is over.

## How to fix it
Find the query behind the few scans. Move it to another index, make the index partial so that fewer writes touch it,
or drop it without blocking writes.

## Sources
PostgreSQL manual, "Examining Index Usage" (11.12) and "Heap-Only Tuples" (66.7).
"""

from __future__ import annotations

from collections.abc import Iterator

from auditor.model.catalog import Index, Table
from auditor.model.check import Check
from auditor.model.facts import Facts
from auditor.model.finding import Evidence, Flaw, Impact, Verdict
from auditor.model.operation import DropIndex
from auditor.model.units import INDEXES, table_subject
from auditor.model.vocabulary import Confidence, Pillar, Severity
from auditor.text import size
from auditor_checks._words import SIZES, USAGE, fitting
from auditor_checks.indexing._redundancy import is_protected, redundancy
from auditor_checks.indexing._usage import (
    days_counted,
    distributes,
    enforces,
    only_foreign_key_support,
    untrusted_usage,
    written_meanwhile,
)

CHECK = Check(
    title="Index is written far more often than it is read",
    passed="Indexes are read often enough for what their writes cost",
    pillar=Pillar.INDEXING,
    severity=Severity.LOW,
    confidence=Confidence.POSSIBLE,
    unit=INDEXES,
    needs=(
        "tables|collections",
        "indexes",
        "constraints|indexes",
        "index-usage",
        "table-usage|collection-usage",
        "sizes|collection-sizes",
        "replicas|index-usage",
    ),
    engines=("postgresql", "mongodb"),
)


def judge(
    index: Index, facts: Facts, *,
    min_days: float = 30, min_bytes: float = 10_000_000, min_writes: float = 100_000, ratio: float = 10_000,
    batch_rows: float = 10_000,
) -> Iterator[Verdict]:  # fmt: skip
    """Report the index if each of its scans is paid by many thousand writes."""
    if (unknown := untrusted_usage(facts, min_days, index)) is not None:
        yield unknown
        return
    table = facts.table(index.table_key)
    scans, own = facts.index_scans(index), facts.index_bytes(index) or 0
    if table is None or not scans or own < min_bytes:
        return
    written = written_meanwhile(index, table, facts)
    reads = [part.rows_read for part in facts.index_parts(index) if part.rows_read is not None]
    read = sum(reads)
    if written < max(min_writes, ratio * scans) or read / scans >= batch_rows or _needed(index, table, facts):
        return
    days = days_counted(index, facts)
    yield Flaw(
        title=fitting(f"Index {index.name} is written {written / scans:,.0f} times per scan"),
        related=(table_subject(table),),
        evidence=(
            Evidence(name="scans", value=scans, unit="scans", probe="index-usage"),
            Evidence(name="writes that it was part of", value=written, unit="writes", probe=USAGE),
            Evidence(name="days counted", value=round(days, 1), unit="days", probe="index-usage"),
            Evidence(name="size", value=own, unit="bytes", probe=SIZES),
        ),
        impact=Impact(bytes=own, risk="writes pay for an index that is hardly read"),
        explanation=(
            f"In {days:.0f} days {index.path} ({size(own)}) was scanned {scans:,} times and written {written:,} times."
            + (f" A scan read {read / scans:,.0f} rows on average, so this is no batch that needs it." if reads else "")
        ),
        recommendation=(
            f"Find the query behind the {scans:,} scans and whether another index can answer it; then drop "
            f"{index.name} without blocking writes, or make it partial."
        ),
        operations=(DropIndex(schema=index.schema, table=index.table, name=index.name, observe_days=30),),
    )


def _needed(index: Index, table: Table, facts: Facts) -> bool:
    return (
        not index.usable
        or enforces(index)
        or is_protected(index, facts)
        or distributes(index, table)
        or index.is_expression
        or only_foreign_key_support(index, facts)
        or redundancy(index, facts) is not None
    )
