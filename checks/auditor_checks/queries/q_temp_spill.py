"""A statement spills to disk.

## What
Statements that wrote temporary blocks beyond the limit per call.

## Why it matters
Sorting and hashing on disk is many times slower than in memory, and all such statements share one disk with the data.

## When it is fine
A report at night that nobody waits for: statements that are called rarely are graded low.

## How to fix it
First give it less to sort (an index in the order wanted, earlier filters, keyset paging); then raise work_mem for the
role that runs it.

## Sources
PostgreSQL manual, "Resource Consumption: Memory", work_mem; "pg_stat_statements": temp_blks_written.
"""

from __future__ import annotations

from collections.abc import Iterator

from auditor.model.check import Check
from auditor.model.facts import Facts
from auditor.model.finding import Evidence, Flaw, Impact
from auditor.model.operation import ChangeApplication
from auditor.model.units import STATEMENTS
from auditor.model.vocabulary import Pillar, Severity
from auditor.model.workload import Statement
from auditor.text import size
from auditor_checks.queries._statements import common_evidence, is_application, share, short, tables_of

CHECK = Check(
    title="Statement spills to disk",
    passed="No statement spills to disk",
    pillar=Pillar.QUERIES,
    severity=Severity.MEDIUM,
    unit=STATEMENTS,
    needs=("statements", "settings"),
    engines=("postgresql",),
)


def judge(
    statement: Statement, facts: Facts, *, min_bytes: float = 4e6, min_share: float = 0.05, min_calls: float = 3
) -> Iterator[Flaw]:
    """Compare what a call writes to temporary files with the limit."""
    if not statement.calls or not is_application(statement):
        return
    page = facts.capabilities.page_bytes
    each = statement.temp_blocks_written * page / statement.calls
    if each < min_bytes or statement.calls < min_calls:
        return
    part = share(statement, facts)
    yield Flaw(
        title=f"A statement writes {size(each)} to disk on each call",
        severity=Severity.MEDIUM if part >= min_share else Severity.LOW,
        related=tables_of(statement, facts),
        evidence=(
            *common_evidence(statement, facts),
            Evidence(
                name="written to temporary files",
                value=statement.temp_blocks_written * page,
                unit="bytes",
                probe="statements",
            ),
            Evidence(name="written by a call", value=round(each), unit="bytes", probe="statements"),
            Evidence(name="work_mem", value=facts.setting_bytes("work_mem"), unit="bytes", probe="settings"),
        ),
        impact=Impact(milliseconds=round(statement.total_ms, 1)),
        explanation=f"Each of {statement.calls:,} calls sorted or hashed {size(each)} on disk for want of memory.",
        recommendation="Give it less to sort, then more memory for the role that runs it.",
        operations=(
            ChangeApplication(
                topic="spill",
                subject=statement.id,
                instruction=f"Give it less to sort, or more work_mem in its own session: {short(statement.text)}",
            ),
        ),
    )
