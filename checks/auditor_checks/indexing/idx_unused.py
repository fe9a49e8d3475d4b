"""An index was not scanned in a long time.

## What
Indexes with no scan since the usage counters began, when these have counted long enough to cover monthly work. Left
out are indexes that enforce a key or constraint, carry the replica identity or the clustering order, alone serve a
foreign key, or are on an expression, whose statistics the planner needs even when it never scans the index. The check
refuses to judge a window that is too short, a server that is a replica, and a server whose replicas may answer
queries. Of MongoDB every member of a replica set is asked, and an index is judged when all of them have counted long
enough since they started or it was built. An index that another one makes superfluous is reported by that check.

## Why it matters
An unused index is written with every row, and takes space on disk, in memory, in backups and on replicas.

PostgreSQL: It keeps updates from staying on their page.

## When it is fine
It serves yearly work, or a query that has not been needed yet; or it was built after the counters began.

## How to fix it
Ask whose index it is, watch it once more, then drop it without blocking writes and keep its definition for the way
back.

## Sources
PostgreSQL manual, "The Cumulative Statistics System" (pg_stat_all_indexes) and "Examining Index Usage" (11.12). MongoDB
manual, "$indexStats": each member counts what it is asked, since it started or the index was built.
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
from auditor_checks.indexing._redundancy import is_referenced, redundancy
from auditor_checks.indexing._usage import (
    days_counted,
    distributes,
    enforces,
    only_foreign_key_support,
    told_writes,
    untrusted_usage,
    written_meanwhile,
)

CHECK = Check(
    title="Index is not used",
    passed="Every index is used",
    pillar=Pillar.INDEXING,
    severity=Severity.LOW,
    confidence=Confidence.LIKELY,
    unit=INDEXES,
    needs=(
        "tables|collections",
        "indexes",
        "constraints|indexes",
        "index-usage",
        "sizes|collection-sizes",
        "replicas|index-usage",
    ),
)


def judge(
    index: Index, facts: Facts, *,
    min_days: float = 30, min_bytes: float = 32_768, medium_bytes: float = 100_000_000, high_bytes: float = 10e9,
) -> Iterator[Verdict]:  # fmt: skip
    """Report the index if it was never scanned in a trustworthy window and nothing but scans can justify it."""
    if (unknown := untrusted_usage(facts, min_days, index)) is not None:
        yield unknown
        return
    scans, own, table = facts.index_scans(index), facts.index_bytes(index), facts.table(index.table_key)
    if scans != 0 or table is None or (own or 0) < min_bytes or _needed(index, table, facts):
        return
    written = written_meanwhile(index, table, facts)
    days = days_counted(index, facts)
    severity = (
        Severity.HIGH if (own or 0) >= high_bytes else Severity.MEDIUM if (own or 0) >= medium_bytes else Severity.LOW
    )
    yield Flaw(
        title=fitting(f"Index {index.name} was not used in {days:.0f} days"),
        related=(table_subject(table),),
        severity=severity,
        evidence=(
            Evidence(name="scans", value=scans, unit="scans", probe="index-usage"),
            Evidence(name="days counted", value=round(days, 1), unit="days", probe="index-usage"),
            Evidence(name="size", value=own, unit="bytes", probe=SIZES),
            Evidence(name="writes that it was part of", value=written, unit="writes", probe=USAGE),
        ),
        impact=Impact(bytes=own, risk="writes, space and clean-up for an index that answers nothing"),
        explanation=(
            f"No query scanned {index.path} in {days:.0f} days, while {told_writes(written, facts)}. "
            f"It takes {size(own)}."
            + ("" if index.scans_since else " The counters do not tell when it was built: a new one has had less time.")
        ),
        recommendation=(
            f"Ask whose index {index.name} is and whether yearly work needs it; if nobody claims it, drop it without "
            "blocking writes and keep its definition."
        ),
        operations=(DropIndex(schema=index.schema, table=index.table, name=index.name, observe_days=14),),
    )


def _needed(index: Index, table: Table, facts: Facts) -> bool:
    return (
        not index.usable
        or enforces(index)
        or index.clustered
        or index.is_expression
        or distributes(index, table)
        or is_referenced(index, facts)
        or only_foreign_key_support(index, facts)
        or redundancy(index, facts) is not None
    )
