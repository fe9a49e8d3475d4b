"""The lock table is too small for the partitions.

## What
max_locks_per_transaction times the connections leaves fewer lock slots than a statement over all partitions, with
their indexes, can take.

## Why it matters
A dump, a schema change or a query without pruning locks every partition and index: it fails with "out of shared
memory", and the plan's own steps may, too.

## When it is fine
Every statement names the partition key, and dumps are made partition by partition.

## How to fix it
Raise max_locks_per_transaction at the next restart, or have fewer partitions.

## Sources
PostgreSQL manual, "Lock Management": max_locks_per_transaction; the pool is shared by all sessions.
"""

from __future__ import annotations

from collections.abc import Iterator

from auditor.model.check import Check
from auditor.model.facts import Facts
from auditor.model.finding import Evidence, Flaw, Impact, Subject, Unknown, Verdict
from auditor.model.operation import SetSetting
from auditor.model.units import DATABASE
from auditor.model.vocabulary import Pillar, Severity

CHECK = Check(
    title="Lock table is too small for all tables at once",
    passed="Lock table holds all tables at once",
    pillar=Pillar.CAPACITY,
    severity=Severity.MEDIUM,
    unit=DATABASE,
    needs=("settings", "tables", "indexes"),
    engines=("postgresql",),
)
NAME = "max_locks_per_transaction"


def judge(_database: Facts, facts: Facts, *, share: float = 0.8) -> Iterator[Verdict]:
    """Compare the slots with the relations that a dump of the whole database locks."""
    per, connections = facts.setting_number(NAME), facts.setting_number("max_connections")
    if per is None or connections is None:
        yield Unknown(reason=f"{NAME} or max_connections is not visible")
        return
    slots = per * (connections + (facts.setting_number("max_prepared_transactions") or 0))
    wanted = max(128, int(2 * len(facts.catalog.tables) / max(1.0, connections)))
    relations = sum(table.kind != "materialized-view" for table in facts.catalog.tables)
    partitions = sum(len(parts) for parts in facts.partitions.values())
    if relations < slots * share:
        return
    yield Flaw(
        subject=Subject(kind="setting", name=NAME),
        evidence=(
            Evidence(name="lock slots", value=slots, unit="locks", probe="settings"),
            Evidence(name="tables and partitions", value=relations, unit="tables", probe="tables"),
            Evidence(name="partitions", value=partitions, unit="partitions", probe="partitions"),
        ),
        impact=Impact(risk="dumps and schema changes fail for lack of lock slots"),
        explanation=f"A dump locks {relations:,} tables; the lock table has {slots:,.0f} slots for all sessions.",
        recommendation="Raise it at the next restart, or have fewer partitions.",
        operations=(
            SetSetting(
                name=NAME, value=str(wanted), previous=facts.setting(NAME),
                restart=True,
            ),
        ),
    )  # fmt: skip
