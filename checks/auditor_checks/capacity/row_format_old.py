"""A table uses a row format that limits or slows it.

## What
InnoDB tables whose row format is COMPRESSED, COMPACT or REDUNDANT.

## Why it matters
COMPRESSED pages are held twice in memory, cannot take instant changes, and MariaDB means to make them read-only.
COMPACT and REDUNDANT keep 768 bytes of each long value in the row and index no more than 767 bytes of a column.

## When it is fine
Cold data that is compressed on purpose.

## How to fix it
Rebuild the table with DYNAMIC; writes go on meanwhile.

## Sources
MySQL manual, "InnoDB Row Formats"; MariaDB documentation, "InnoDB COMPRESSED Row Format".
"""

from __future__ import annotations

from collections.abc import Iterator

from auditor.model.catalog import Table
from auditor.model.check import Check
from auditor.model.facts import Facts
from auditor.model.finding import Evidence, Flaw, Impact, Verdict
from auditor.model.operation import ChangeApplication
from auditor.model.units import TABLES
from auditor.model.vocabulary import Pillar, Severity
from auditor_checks._settings import PRODUCTS
from auditor_checks._words import fitting

CHECK = Check(
    title="A table has a row format of old",
    passed="Tables have the current row format",
    pillar=Pillar.CAPACITY,
    severity=Severity.LOW,
    unit=TABLES,
    needs=("tables",),
    engines=PRODUCTS,
)
HARM = {
    "compressed": "its pages are held twice in memory and it takes no instant change",
    "compact": "long values stand partly in the row and indexes end at 767 bytes",
    "redundant": "long values stand partly in the row and indexes end at 767 bytes",
}


def judge(table: Table, facts: Facts) -> Iterator[Verdict]:
    """Report the table by its format."""
    found = (table.options.get("row_format") or "").lower()
    if (table.engine or "").lower() != "innodb" or found not in HARM:
        return
    yield Flaw(
        title=fitting(f"{table.name} has the row format {found.upper()}"),
        severity=Severity.LOW if found == "compressed" else Severity.INFO,
        evidence=(
            Evidence(name="row format", value=found.upper(), probe="tables"),
            Evidence(name="rows", value=round(facts.rows(table)), unit="rows", probe="tables"),
        ),
        impact=Impact(rows=round(facts.rows(table)), risk=HARM[found]),
        explanation=f"{table.path} is {found.upper()}: {HARM[found]}.",
        recommendation="Rebuild it with DYNAMIC at a quiet hour.",
        operations=(
            ChangeApplication(
                topic="row-format",
                subject=table.path,
                instruction=f"Rebuild {table.path} with ROW_FORMAT=DYNAMIC; writes go on meanwhile.",
            ),
        ),
    )
