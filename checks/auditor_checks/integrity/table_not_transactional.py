"""A table's storage engine keeps no transactions.

## What
Tables in a storage engine that neither rolls back nor recovers after a crash: MyISAM, Aria, MEMORY, CSV, ARCHIVE, MERGE
and FEDERATED. Tables of the system are left out.

## Why it matters
A transaction that changes such a table cannot be taken back: after a rollback the other tables are as they were, and
this one is not. A crash can leave it damaged, and what MEMORY holds is gone with every restart, on each replica at
another moment. Writes lock the whole table, and no foreign key can be declared.

## When it is fine
A scratch table in MEMORY that is filled anew after each start; a CSV table that is a way to export; an ARCHIVE table
that is written once. Read-only MyISAM or Aria tables that are built as a whole.

## How to fix it
Convert the table to InnoDB. That copies it while writes wait, so a large one is converted by a tool for online changes.
Rows that are wider than InnoDB takes, and full-text searches, have to be tried beforehand.

## Sources
MySQL manual, "Alternative Storage Engines" and "Converting Tables from MyISAM to InnoDB"; MariaDB documentation,
"Choosing the Right Storage Engine" and "Aria Storage Engine": Aria recovers from crashes but does not roll back.
"""

from __future__ import annotations

from collections.abc import Iterator

from auditor.model.catalog import Table
from auditor.model.check import Check
from auditor.model.facts import Facts
from auditor.model.finding import Evidence, Flaw, Impact
from auditor.model.operation import ChangeApplication, SetTableOptions
from auditor.model.units import TABLES
from auditor.model.vocabulary import Pillar, Severity
from auditor_checks._settings import PRODUCTS
from auditor_checks.integrity._keys import changed_rows

CHECK = Check(
    title="Table keeps no transactions",
    passed="Every table keeps transactions",
    pillar=Pillar.INTEGRITY,
    severity=Severity.HIGH,
    unit=TABLES,
    needs=("tables",),
    engines=PRODUCTS,
)

_SAFE_AFTER_CRASH = frozenset({"aria", "archive"})
_MEANT = frozenset({"memory", "csv", "archive", "blackhole", "federated", "connect", "spider", "sequence"})
"""Engines that nobody chooses by accident: their tables serve a purpose of their own."""
_UNSAFE = _SAFE_AFTER_CRASH | _MEANT | {"myisam", "mrg_myisam"}


def judge(table: Table, facts: Facts, *, small_rows: float = 1_000) -> Iterator[Flaw]:
    """Report the table by its engine; one that is small, or in an engine of a special purpose, is graded lower."""
    engine = (table.engine or "").lower()
    if engine not in _UNSAFE:
        return
    rows, changed = facts.rows(table), changed_rows(table, facts)
    severity = Severity.MEDIUM if rows < small_rows else Severity.HIGH
    if engine in _MEANT or table.persistence != "permanent":
        severity = Severity.LOW
    lost = "" if engine in _SAFE_AFTER_CRASH else ", and a crash can damage it"
    if engine == "memory":
        lost = ", and a restart empties it"
    yield Flaw(
        severity=severity,
        evidence=(
            Evidence(name="storage engine", value=table.engine, probe="tables"),
            Evidence(name="rows", value=round(rows), unit="rows", probe="tables"),
            Evidence(name="rows updated or deleted", value=changed, unit="rows", probe="table-usage"),
        ),
        impact=Impact(rows=round(rows), risk="changes that no rollback takes back, and rows lost in a crash"),
        explanation=f"{table.path} ({rows:,.0f} rows) is stored by {table.engine}: what a transaction changes in it "
        f"stays changed after a rollback{lost}.",
        recommendation=f"Convert {table.path} to InnoDB, with a tool for online changes if it is large.",
        operations=(
            ChangeApplication(
                topic="transactional-engine", subject=table.path,
                instruction=f"Decide whether {table.path} has to keep transactions, or is what it was made for.",
            )
            if engine in _MEANT
            else SetTableOptions(schema=table.schema, table=table.name, options={"engine": "innodb"}),
        ),
    )  # fmt: skip
