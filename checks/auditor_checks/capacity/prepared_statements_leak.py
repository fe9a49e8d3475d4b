"""Clients prepare statements and do not close them.

## What
The prepared statements that are open come near max_prepared_stmt_count, or are many for each session.

## Why it matters
At the limit nobody can prepare anything, and the memory of each statement is held until its connection ends.

## When it is fine
Pools keep a cache of statements for each connection: then the number is their product, and the limit should be above
it.

## How to fix it
Let the application or its driver close what it prepares, or bound the cache of the pool.

## Sources
MySQL manual, max_prepared_stmt_count; Prepared_stmt_count.
"""

from __future__ import annotations

from collections.abc import Iterator

from auditor.model.check import Check
from auditor.model.facts import Facts
from auditor.model.finding import Evidence, Flaw, Impact, Subject, Verdict
from auditor.model.operation import ChangeApplication
from auditor.model.units import SERVER
from auditor.model.vocabulary import Pillar, Severity
from auditor_checks._settings import PRODUCTS, invisible

CHECK = Check(
    title="Prepared statements are not closed",
    passed="Prepared statements are closed",
    pillar=Pillar.CAPACITY,
    severity=Severity.MEDIUM,
    unit=SERVER,
    needs=(
        "settings",
        "status",
    ),
    engines=PRODUCTS,
)


def judge(_server: Facts, facts: Facts, *, share: float = 0.8, each: float = 1_000) -> Iterator[Verdict]:
    """Compare the open statements with the limit and with the sessions."""
    count, limit = facts.counter("prepared_stmt_count"), facts.setting_number("max_prepared_stmt_count")
    sessions = facts.counter("threads_connected") or 1.0
    if count is None or limit is None:
        yield invisible("max_prepared_stmt_count")
        return
    near = bool(limit) and count >= share * limit
    if not near and count < each * sessions:
        return
    yield Flaw(
        title=f"{count:,.0f} prepared statements are open",
        severity=Severity.HIGH if near else Severity.MEDIUM,
        related=(Subject(kind="setting", name="max_prepared_stmt_count"),),
        evidence=(
            Evidence(name="prepared statements", value=count, unit="statements", probe="status"),
            Evidence(name="max_prepared_stmt_count", value=limit, unit="statements", probe="settings"),
            Evidence(name="connections", value=sessions, unit="connections", probe="status"),
        ),
        impact=Impact(risk="at the limit nobody can prepare a statement"),
        explanation=f"{count:,.0f} statements are prepared in {sessions:,.0f} connections, of {limit:,.0f} allowed.",
        recommendation="Close what is prepared, or bound the cache of statements of the pools.",
        operations=(
            ChangeApplication(
                topic="prepared-statements",
                subject="server",
                instruction="Close prepared statements, or bound the cache of statements of each pool.",
            ),
        ),
    )
