"""One thread applies what many sessions of the source did.

## What
A server that follows a source has no parallel appliers (replica_parallel_workers up to 1, slave_parallel_threads 0), or
does not keep the order of commits.

## Why it matters
Under load the replica falls behind, as the source has many writers and it has one. Without the order of commits a
reader of the replica sees states that never were.

## When it is fine
The replica keeps up: while it is not behind this is only noted.

## How to fix it
Set some workers; on MySQL 8.4 and later that is the default. It takes a restart of the applier.

## Sources
MySQL manual, replica_parallel_workers; MariaDB documentation, "Parallel Replication".
"""

from __future__ import annotations

from collections.abc import Iterator

from auditor.model.check import Check
from auditor.model.facts import Facts
from auditor.model.finding import Evidence, Verdict
from auditor.model.units import SERVER
from auditor.model.vocabulary import Pillar, Severity
from auditor_checks._settings import PRODUCTS, invisible, is_off, setting_flaw

CHECK = Check(
    title="A replica applies changes one after the other",
    passed="Replicas apply changes in parallel",
    pillar=Pillar.CAPACITY,
    severity=Severity.LOW,
    unit=SERVER,
    needs=(
        "settings",
        "sources",
    ),
    engines=PRODUCTS,
)
NAMES = ("replica_parallel_workers", "slave_parallel_threads", "slave_parallel_workers")
LATE = 60.0


def judge(_server: Facts, facts: Facts) -> Iterator[Verdict]:
    """Read the settings of a server that follows another."""
    sources = facts.server.sources
    if not sources:
        return
    name = next((name for name in NAMES if name in facts.settings), None)
    if name is None:
        yield invisible(*NAMES)
        return
    workers, order = facts.setting_number(name) or 0, facts.setting("replica_preserve_commit_order")
    behind = max((source.lag_seconds or 0.0 for source in sources), default=0.0)
    if workers <= 1:
        yield setting_flaw(
            facts,
            name,
            "4",
            severity=Severity.MEDIUM if behind >= LATE else Severity.INFO,
            evidence=(Evidence(name="behind the source", value=behind, unit="seconds", probe="sources"),),
            explanation=f"With {name} at {workers:.0f} one thread applies all changes.",
            recommendation="Set four, stop and start the applier, and watch whether it keeps up.",
            risk="the replica falls behind when the source is written to by many",
        )
    elif order is not None and is_off(order):
        yield setting_flaw(
            facts,
            "replica_preserve_commit_order",
            "ON",
            title="The replica commits in another order than its source",
            explanation="Several workers commit in an order of their own.",
            recommendation="Switch it on while the applier is stopped.",
            risk="readers of the replica see states that never were",
        )
