"""A statement spills to disk.

## What
Statements that write to disk what they sort or group, for want of memory.

PostgreSQL: Those that wrote temporary blocks beyond the limit per call.

MySQL, MariaDB: Those whose temporary tables went to disk, or whose sorts were merged from disk, in at least every tenth
call.

MongoDB: Those that sorted or grouped on disk in at least every tenth call.

## Why it matters
Sorting and hashing on disk is many times slower than in memory, and all such statements share one disk with the data.

## When it is fine
A report at night that nobody waits for: statements that are called rarely are graded low.

## How to fix it
First give it less to sort (an index in the order wanted, earlier filters, keyset paging).

PostgreSQL: Then raise work_mem for the role that runs it.

MySQL, MariaDB: Then raise tmp_table_size or sort_buffer_size in the sessions that run it.

## Sources
PostgreSQL manual, "Resource Consumption: Memory", work_mem; "pg_stat_statements": temp_blks_written. MySQL
manual, "Internal Temporary Table Use in MySQL" and "ORDER BY Optimization". MongoDB manual,
"Sort and Index Use" and usedDisk in "Database Profiler Output".
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
from auditor_checks.queries._statements import PROBE, common_evidence, is_application, share, short, tables_of

CHECK = Check(
    title="Statement spills to disk",
    passed="No statement spills to disk",
    pillar=Pillar.QUERIES,
    severity=Severity.MEDIUM,
    unit=STATEMENTS,
    needs=("statements|profile", "settings|parameters"),
    engines=("postgresql", "mysql", "mariadb", "mongodb"),
)


def judge(
    statement: Statement, facts: Facts, *, min_bytes: float = 4e6, min_share: float = 0.05, min_calls: float = 3
) -> Iterator[Flaw]:
    """Compare what a call writes to temporary files with the limit; or see how often tables go to disk."""
    if not statement.calls or not is_application(statement):
        return
    if statement.spills is not None:
        yield from _spills(statement, facts, min_share, min_calls)
        return
    if statement.temp_tables_disk is not None:
        yield from _tables_on_disk(statement, facts, min_share, min_calls)
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
                probe=PROBE,
            ),
            Evidence(name="written by a call", value=round(each), unit="bytes", probe=PROBE),
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


def _tables_on_disk(
    statement: Statement, facts: Facts, min_share: float, min_calls: float, *, often: float = 0.1
) -> Iterator[Flaw]:
    """Report a statement that goes to disk in a noticeable part of its calls."""
    tables, passes = statement.temp_tables_disk or 0, statement.sort_passes or 0
    if statement.calls < min_calls or max(tables, passes) < often * statement.calls:
        return
    what = "temporary tables" if tables >= passes else "sorts"
    part = share(statement, facts)
    yield Flaw(
        title=f"A statement takes its {what} to disk",
        severity=Severity.MEDIUM if part >= min_share else Severity.LOW,
        related=tables_of(statement, facts),
        evidence=(
            *common_evidence(statement, facts),
            Evidence(name="temporary tables on disk", value=tables, unit="tables", probe=PROBE),
            Evidence(name="passes to merge sorts", value=passes, unit="passes", probe=PROBE),
            Evidence(name="tmp_table_size", value=facts.setting_number("tmp_table_size"), unit="bytes",
                     probe="settings"),
            Evidence(name="sort_buffer_size", value=facts.setting_number("sort_buffer_size"), unit="bytes",
                     probe="settings"),
        ),
        impact=Impact(milliseconds=round(statement.total_ms, 1)),
        explanation=f"In {statement.calls:,} calls {tables:,} temporary tables went to disk, and sorts took {passes:,} "
        "passes to merge.",
        recommendation="Give it less to sort and to group, by an index in the order wanted; then more memory.",
        operations=(
            ChangeApplication(
                topic="spill", subject=statement.id,
                instruction=f"Give it less to sort or to group, or more memory in its session: {short(statement.text)}",
            ),
        ),
    )  # fmt: skip


def _spills(
    statement: Statement, facts: Facts, min_share: float, min_calls: float, *, often: float = 0.1
) -> Iterator[Flaw]:
    """Report a statement that sorts or groups on disk in a noticeable part of its calls."""
    spills = statement.spills or 0
    if statement.calls < min_calls or spills < often * statement.calls:
        return
    yield Flaw(
        title="A statement takes its sorts or groups to disk",
        severity=Severity.MEDIUM if share(statement, facts) >= min_share else Severity.LOW,
        related=tables_of(statement, facts),
        evidence=(
            *common_evidence(statement, facts),
            Evidence(name="calls that wrote to disk", value=spills, unit="calls", probe=PROBE),
            Evidence(name="calls that sorted without an index", value=statement.sorts, unit="calls", probe=PROBE),
        ),
        impact=Impact(milliseconds=round(statement.total_ms, 1)),
        explanation=f"{spills:,} of {statement.calls:,} calls sorted or grouped on disk what did not fit into memory.",
        recommendation="Give it an index in the order that it asks for, or less to sort and group.",
        operations=(
            ChangeApplication(
                topic="spill",
                subject=statement.id,
                instruction=f"Give it an index in its order, or less to sort and group: {short(statement.text)}",
            ),
        ),
    )
