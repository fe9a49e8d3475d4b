"""A large table is never read.

## What
Tables above a size that nobody has read since the usage counters began, at least 35 days ago: no sequential scan and no
index scan, over all partitions.

## Why it matters
The space and its backups cost every day; if rows are still written to it, so does every write. Often it is a copy from
before some migration.

## When it is fine
A log that is only read in an emergency; a table that is read on a replica (where there are replicas, nothing is said).
Jobs that run once a year.

## How to fix it
Ask whoever owns it. Rename it, wait for a few weeks whether somebody misses it, keep a dump, and drop it.

## Sources
PostgreSQL manual, view pg_stat_all_tables: seq_scan, idx_scan. A dump reads every table, so that it counts as a reader.
"""

from __future__ import annotations

from collections.abc import Iterator

from auditor.model.catalog import Table
from auditor.model.check import Check
from auditor.model.facts import Facts
from auditor.model.finding import Evidence, Flaw, Impact, Unknown, Verdict
from auditor.model.operation import ChangeApplication
from auditor.model.units import TABLES
from auditor.model.vocabulary import Confidence, Pillar, Severity
from auditor.text import size
from auditor_checks._words import fitting

CHECK = Check(
    title="Large table is never read",
    passed="Large tables are read",
    pillar=Pillar.CAPACITY,
    severity=Severity.LOW,
    confidence=Confidence.LIKELY,
    unit=TABLES,
    needs=("tables", "sizes", "table-usage", "replicas"),
)


def judge(table: Table, facts: Facts, *, min_bytes: float = 100 * 1024**2, min_days: float = 35) -> Iterator[Verdict]:
    """Look at the scans of all its partitions, where the counters are old enough."""
    leaves = facts.leaves(table)
    usages = [leaf.usage for leaf in leaves if leaf.usage is not None]
    space = table.bytes or 0
    if space < min_bytes or len(usages) < len(leaves) or not usages:
        return
    scans = sum(usage.sequential_scans + usage.index_scans for usage in usages)
    # From version 16 on the last scan is known even where the counters were reset since.
    if scans or any(usage.last_sequential_scan or usage.last_index_scan for usage in usages):
        return
    if facts.stats_days is None or facts.stats_days < min_days:
        days = "an unknown time" if facts.stats_days is None else f"{facts.stats_days:.0f} days"
        yield Unknown(reason=f"usage has been counted for {days}; {min_days:g} days are needed")
        return
    if facts.server.replicas or facts.server.in_recovery:
        yield Unknown(reason="another server of the cluster may be the one where it is read")
        return
    written = facts.writes(table)
    yield Flaw(
        title=fitting(f"{table.path} ({size(space)}) was not read for {facts.stats_days:.0f} days"),
        evidence=(
            Evidence(name="scans", value=scans, unit="scans", probe="table-usage"),
            Evidence(name="days counted", value=round(facts.stats_days, 1), unit="days", probe="databases"),
            Evidence(name="size", value=space, unit="bytes", probe="sizes"),
            Evidence(name="rows written meanwhile", value=written, unit="rows", probe="table-usage"),
        ),
        impact=Impact(bytes=space),
        explanation=(
            f"Nobody has read {table.path} for {facts.stats_days:.0f} days"
            + (f", while {written:,} rows were written to it." if written else ", and nobody has written to it.")
        ),
        recommendation="Ask its owner; rename it, wait whether somebody misses it, keep a dump, and drop it.",
        operations=(
            ChangeApplication(
                topic="unused-table",
                subject=table.path,
                instruction=f"Find out who needs {table.path}; rename it for some weeks, dump it, and drop it.",
            ),
        ),
    )
