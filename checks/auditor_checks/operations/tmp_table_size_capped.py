"""One limit of temporary tables undoes the other.

## What
tmp_table_size is larger than max_heap_table_size where temporary tables are MEMORY tables, as on MariaDB.

## Why it matters
The smaller of the two counts: who raised tmp_table_size has gained nothing, and temporary tables still go to disk.

## When it is fine
MySQL 8 and later, whose temporary tables are of another engine: nothing is reported there unless it is set to MEMORY.

## How to fix it
Set both to the same size; that takes no restart.

## Sources
MariaDB documentation, tmp_table_size; MySQL manual, "Internal Temporary Table Use in MySQL".
"""

from __future__ import annotations

from collections.abc import Iterator

from auditor.model.check import Check
from auditor.model.facts import Facts
from auditor.model.finding import Evidence, Verdict
from auditor.model.units import SERVER
from auditor.model.vocabulary import Pillar, Severity
from auditor.text import size
from auditor_checks._settings import PRODUCTS, invisible, setting_flaw

CHECK = Check(
    title="Temporary tables go to disk earlier than configured",
    passed="Limits of temporary tables agree",
    pillar=Pillar.OPERATIONS,
    severity=Severity.LOW,
    unit=SERVER,
    needs=("settings",),
    engines=PRODUCTS,
)


def judge(_server: Facts, facts: Facts) -> Iterator[Verdict]:
    """Compare the two limits."""
    table, heap = facts.setting_number("tmp_table_size"), facts.setting_number("max_heap_table_size")
    storage = facts.setting("internal_tmp_mem_storage_engine")
    if table is None or heap is None:
        yield invisible("tmp_table_size", "max_heap_table_size")
    elif table > heap and (storage is None or storage.upper() == "MEMORY"):
        yield setting_flaw(
            facts,
            "max_heap_table_size",
            f"{table:.0f}",
            evidence=(Evidence(name="tmp_table_size", value=table, unit="bytes", probe="settings"),),
            explanation=f"tmp_table_size is {size(table)}, but max_heap_table_size ends tables at {size(heap)}.",
            recommendation="Set both to the same size; that takes no restart.",
            risk="queries go to disk in spite of the memory that was meant for them",
        )
