"""Queries spill much to temporary files.

## What
The bytes that the database's queries wrote to temporary files, per hour since the counters began.

## Why it matters
A sort or hash that does not fit into ``work_mem`` is written to disk and read again: slow for the query, and load for
everybody else. A single runaway query can fill the disk.

## When it is fine
A few reports or index builds a night spill; then the rate is low.

## How to fix it
See which statements spill (statement statistics name them) and index or rewrite them. Then give more ``work_mem`` to
the role or session that needs it, not to all connections at once.

## Sources
PostgreSQL manual, settings work_mem, temp_file_limit and log_temp_files; pg_stat_database (temp_files, temp_bytes).
"""

from __future__ import annotations

from collections.abc import Iterator

from auditor.model.check import Check
from auditor.model.facts import Facts
from auditor.model.finding import Evidence, Flaw, Impact, Subject, Unknown, Verdict
from auditor.model.operation import AnyOperation, ChangeApplication, SetSetting
from auditor.model.units import DATABASE
from auditor.model.vocabulary import Pillar, Severity
from auditor.text import size

CHECK = Check(
    title="Queries spill much to temporary files",
    passed="Queries hardly spill to temporary files",
    pillar=Pillar.OPERATIONS,
    severity=Severity.MEDIUM,
    unit=DATABASE,
    needs=("databases", "settings"),
    engines=("postgresql",),
)

_MOST = 64 * 2**20
"""The most work_mem that is proposed for a whole database: each session, and each step of a query, may take it."""


def judge(
    facts: Facts, _: Facts, *,
    min_bytes: float = 100 * 2**20, min_per_hour: float = 100 * 2**20, high_per_hour: float = 20 * 2**30,
    low_per_hour: float = 2**30,
) -> Iterator[Verdict]:  # fmt: skip
    """Report the database by the rate at which it writes temporary files."""
    database = facts.database
    if database is None or database.temp_bytes is None:
        yield Unknown(reason="the counters of temporary files are not visible")
        return
    if database.temp_bytes < min_bytes:
        return
    if facts.stats_days is None:
        yield Unknown(reason="the server does not tell since when it counts temporary files")
        return
    files, written = database.temp_files or 1, database.temp_bytes
    hours = max(1.0, facts.stats_days * 24)
    rate, average = written / hours, written / files
    if rate < min_per_hour:
        return
    memory = facts.setting_bytes("work_mem")
    yield Flaw(
        title=f"Queries spill {size(rate)} an hour to temporary files",
        related=(Subject(kind="setting", name="work_mem"),),
        severity=(Severity.HIGH if rate >= high_per_hour else Severity.LOW if rate < low_per_hour else Severity.MEDIUM),
        evidence=(
            Evidence(name="bytes in temporary files", value=written, unit="bytes", probe="databases"),
            Evidence(name="temporary files", value=files, unit="files", probe="databases"),
            Evidence(name="an average file", value=round(average), unit="bytes", probe="databases"),
            Evidence(name="hours counted", value=round(hours, 1), unit="hours", probe="databases"),
            Evidence(name="work_mem", value=memory, unit="bytes", probe="settings"),
        ),
        impact=Impact(bytes=round(rate), risk="slow queries, disk load, and a disk that one query may fill"),
        explanation=(
            f"{files:,} temporary files with {size(written)} were written in {hours:,.0f} hours; an average one had "
            f"{size(average)}, while work_mem is {size(memory)}."
        ),
        recommendation=(
            "Index or rewrite the statements that spill most; then give more work_mem to the roles that need it."
        ),
        operations=(_operation(facts, database.name, average, memory),),
    )


def _operation(facts: Facts, database: str, average: float, memory: int | None) -> AnyOperation:
    """More memory where twice an average file is little; else only the statements themselves can be mended."""
    wanted = 2**20
    while wanted < 2 * average:
        wanted *= 2
    if memory is None or wanted > _MOST or wanted <= memory:
        return ChangeApplication(
            topic="temp-files", subject=database,
            instruction="Find the statements that write the most temporary blocks, and index or rewrite them.",
        )  # fmt: skip
    return SetSetting(
        name="work_mem", value=f"{wanted // 2**20}MB", previous=facts.setting("work_mem"), database=database
    )
