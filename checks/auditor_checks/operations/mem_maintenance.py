"""Maintenance of large tables has to do with the built-in memory.

## What
maintenance_work_mem is at the built-in 64 MB or below, while a table or an index is many times larger.

## Why it matters
The build of an index sorts on disk instead of in memory. Before version 17 a vacuum that finds more dead rows than fit
(about eleven million in 64 MB) reads every index of the table once more.

## When it is fine
autovacuum_work_mem is set for the vacuums, and whoever builds an index raises the memory for his session.

## How to fix it
Set it to some hundreds of megabytes; a reload is enough. Each autovacuum worker may take as much (unless
autovacuum_work_mem limits them), so that a person who knows the machine's memory has to choose.

## Sources
PostgreSQL manual, "Resource Consumption: Memory": maintenance_work_mem, autovacuum_work_mem; release notes of 17.
"""

from __future__ import annotations

from collections.abc import Iterator

from auditor.model.check import Check
from auditor.model.facts import Facts
from auditor.model.finding import Evidence, Flaw, Subject, Unknown, Verdict
from auditor.model.operation import ChangeApplication
from auditor.model.units import SERVER
from auditor.model.vocabulary import Pillar, Severity
from auditor.text import size
from auditor_checks._words import fitting

CHECK = Check(
    title="Maintenance of large tables has to do with the built-in memory",
    passed="Maintenance has memory, or the tables are small",
    pillar=Pillar.OPERATIONS,
    severity=Severity.LOW,
    unit=SERVER,
    needs=("settings", "tables", "sizes"),
    engines=("postgresql",),
)
NAME = "maintenance_work_mem"
BUILT_IN = 64 * 1024 * 1024


def judge(_server: Facts, facts: Facts, *, table_bytes: float = 20 * 1024**3) -> Iterator[Verdict]:
    """Compare the memory with the largest table."""
    memory = facts.setting_bytes(NAME)
    if memory is None:
        yield Unknown(reason=f"{NAME} is not visible")
        return
    sized = [(table.heap_bytes, table) for table in facts.storage_tables if table.heap_bytes is not None]
    if memory > BUILT_IN or not sized:
        return
    largest, table = max(sized, key=lambda found: found[0])
    if largest < table_bytes:
        return
    yield Flaw(
        title=fitting(f"Maintenance of {table.path} ({size(largest)}) has {size(memory)} of memory"),
        subject=Subject(kind="setting", name=NAME),
        related=(Subject(kind="table", name=table.path),),
        evidence=(
            Evidence(name=NAME, value=memory, unit="bytes", probe="settings"),
            Evidence(name="autovacuum_work_mem", value=facts.setting("autovacuum_work_mem"), probe="settings"),
            Evidence(name="largest table", value=largest, unit="bytes", probe="sizes"),
        ),
        explanation=f"Index builds on {table.path} sort {size(largest)} with {size(memory)} of memory.",
        recommendation="Set it to some hundreds of megabytes; a reload is enough.",
        operations=(
            ChangeApplication(
                topic="maintenance-memory",
                subject=NAME,
                instruction=f"Set {NAME} to some hundreds of megabytes, as the machine's memory allows, and reload.",
            ),
        ),
    )
