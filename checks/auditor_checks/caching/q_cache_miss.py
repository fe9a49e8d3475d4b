"""A statement reads mostly past the cache.

## What
Statements that read many blocks per call, most of which were not in the cache.

## Why it matters
Its speed is the disk's, and what it drags into the cache pushes out what others need.

## When it is fine
Reports over cold data that are meant to read it: rare statements with a small share of the time are left out.

## How to fix it
Give it less to read: an index, a narrower range, a summary table. More memory is the second choice.

## Sources
PostgreSQL manual, "pg_stat_statements": shared_blks_hit and shared_blks_read.
"""

from __future__ import annotations

from collections.abc import Iterator

from auditor.model.check import Check
from auditor.model.facts import Facts
from auditor.model.finding import Evidence, Flaw, Impact
from auditor.model.operation import ChangeApplication
from auditor.model.units import STATEMENTS
from auditor.model.vocabulary import Confidence, Pillar, Severity
from auditor.model.workload import Statement
from auditor.text import size
from auditor_checks.queries._statements import common_evidence, is_application, share, short, tables_of

CHECK = Check(
    title="Statement reads mostly past the cache",
    passed="Statements find what they read in the cache",
    pillar=Pillar.CACHING,
    severity=Severity.LOW,
    confidence=Confidence.LIKELY,
    unit=STATEMENTS,
    needs=("statements",),
    engines=("postgresql",),
)


def judge(
    statement: Statement,
    facts: Facts,
    *,
    miss_ratio: float = 0.5,
    min_blocks: float = 1_000,
    min_calls: float = 10,
    min_share: float = 0.05,
) -> Iterator[Flaw]:
    """Compare the statement's misses with its hits, where it reads much and often."""
    total = statement.blocks_read + statement.blocks_hit
    if statement.calls < min_calls or not total or not is_application(statement):
        return
    each, part = statement.blocks_read / statement.calls, share(statement, facts)
    if each < min_blocks or statement.blocks_read / total < miss_ratio or part < min_share:
        return
    volume = each * facts.capabilities.page_bytes
    yield Flaw(
        title=f"A statement reads {size(volume)} past the cache on each call",
        severity=Severity.MEDIUM if part >= 0.2 else Severity.LOW,
        related=tables_of(statement, facts),
        evidence=(
            *common_evidence(statement, facts),
            Evidence(name="blocks read past the cache", value=statement.blocks_read, unit="blocks", probe="statements"),
            Evidence(name="blocks found in the cache", value=statement.blocks_hit, unit="blocks", probe="statements"),
            Evidence(name="time spent reading", value=statement.read_ms, unit="milliseconds", probe="statements"),
        ),
        impact=Impact(milliseconds=round(statement.read_ms or statement.total_ms, 1)),
        explanation=f"{statement.blocks_read / total:.0%} of the blocks that it reads are not in the cache.",
        recommendation="Give it less to read before giving it more memory.",
        operations=(
            ChangeApplication(
                topic="cache-miss", subject=statement.id, instruction=f"Give it less to read: {short(statement.text)}"
            ),
        ),
    )
