"""Statement statistics lose entries: the workload has more shapes than room.

## What
pg_stat_statements has dropped entries more often than its room explains. MySQL and MariaDB: a noticeable share of the
calls found no room among the digests, which keep the first shapes and count all later ones together.

## Why it matters
Totals are incomplete: statements fall out and come back as if new, so the ranking by total time is wrong, and each
clean-up costs time under a lock.

## When it is fine
A deployment has just replaced many statements.

## How to fix it
Find shapes that differ only in the number of list members or in inlined literals and make them one (arrays,
parameters); then give the statistics more room at the next restart.

PostgreSQL: That is pg_stat_statements.max.

MySQL, MariaDB: That is performance_schema_digests_size.

## Sources
PostgreSQL manual, view pg_stat_statements_info, column dealloc (14 and newer). MySQL manual, "Statement Summary
Tables": the row whose digest is NULL.
"""

from __future__ import annotations

from collections.abc import Iterator

from auditor.model.check import Check
from auditor.model.facts import Facts
from auditor.model.finding import Evidence, Flaw, Subject, Unknown, Verdict
from auditor.model.operation import SetSetting
from auditor.model.units import SERVER
from auditor.model.vocabulary import Pillar, Severity
from auditor_checks._settings import PRODUCTS, setting_flaw
from auditor_checks._words import percent

CHECK = Check(
    title="Statement statistics lose entries",
    passed="Statement statistics have room for all statements",
    pillar=Pillar.OPERATIONS,
    severity=Severity.LOW,
    unit=SERVER,
    needs=("statements-info",),
    engines=("postgresql", "mysql", "mariadb"),
)
NAME = "pg_stat_statements.max"


def judge(_server: Facts, facts: Facts, *, rounds: float = 10) -> Iterator[Verdict]:
    """Compare the clean-ups with the limit; or the calls without a digest of their own with all."""
    if facts.target.engine in PRODUCTS:
        yield from _overflow(facts)
        return
    evicted = facts.workload.statements_evicted
    if evicted is None:
        yield Unknown(reason="the server does not tell how many entries it dropped")
        return
    if evicted < rounds:
        return
    room = facts.setting_number(NAME)
    yield Flaw(
        title=f"Statement statistics were cleaned up {evicted} times for lack of room",
        subject=Subject(kind="setting", name=NAME),
        evidence=(
            Evidence(name="clean-ups", value=evicted, unit="times", probe="statements-info"),
            Evidence(name=NAME, value=room, unit="entries", probe="settings"),
            Evidence(name="counted since", value=facts.workload.statements_since, probe="statements-info"),
        ),
        explanation=f"The workload has more shapes than the {room or 0:.0f} entries, so totals are incomplete.",
        recommendation="Make statements that differ only in list lengths or literals one; then raise the room.",
        operations=(
            SetSetting(name=NAME, value=f"{int(room or 5000) * 2}", previous=facts.setting(NAME), restart=True),
        ),
    )


def _overflow(facts: Facts, *, share: float = 0.01) -> Iterator[Verdict]:
    """Report the calls that were counted under no digest."""
    lost, counted = facts.workload.statements_evicted, facts.workload.statements_total_calls
    name = "performance_schema_digests_size"
    if lost is None:
        yield Unknown(reason="the server does not tell how many statements found no room")
    elif lost and lost > share * (lost + (counted or 0)):
        room = facts.setting_number(name)
        yield setting_flaw(
            facts, name, f"{int(room or 10_000) * 2}", restart=True,
            title=f"{percent(lost / (lost + (counted or 0)))} of the statements are counted under no digest",
            evidence=(
                Evidence(name="calls without a digest", value=lost, unit="calls", probe="statements-info"),
                Evidence(name="calls with one", value=counted, unit="calls", probe="statements"),
            ),
            explanation=f"The {room or 0:,.0f} digests are taken; {lost:,} calls of later shapes are counted together.",
            recommendation="Make statements that differ only in literals one; then raise the room at a restart.",
            risk="the ranking of statements lacks what came later",
        )  # fmt: skip
