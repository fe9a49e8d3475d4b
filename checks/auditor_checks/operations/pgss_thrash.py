"""Statement statistics lose entries: the workload has more shapes than room.

## What
pg_stat_statements has dropped entries more often than its room explains.

## Why it matters
Totals are incomplete: statements fall out and come back as if new, so the ranking by total time is wrong, and each
clean-up costs time under a lock.

## When it is fine
A deployment has just replaced many statements.

## How to fix it
Find shapes that differ only in the number of list members or in inlined literals and make them one (arrays,
parameters); then raise pg_stat_statements.max at the next restart.

## Sources
PostgreSQL manual, view pg_stat_statements_info, column dealloc (14 and newer).
"""

from __future__ import annotations

from collections.abc import Iterator

from auditor.model.check import Check
from auditor.model.facts import Facts
from auditor.model.finding import Evidence, Flaw, Subject, Unknown, Verdict
from auditor.model.operation import SetSetting
from auditor.model.units import SERVER
from auditor.model.vocabulary import Pillar, Severity

CHECK = Check(
    title="Statement statistics lose entries",
    passed="Statement statistics have room for all statements",
    pillar=Pillar.OPERATIONS,
    severity=Severity.LOW,
    unit=SERVER,
    needs=("statements-info",),
    engines=("postgresql",),
)
NAME = "pg_stat_statements.max"


def judge(_server: Facts, facts: Facts, *, rounds: float = 10) -> Iterator[Verdict]:
    """Compare the clean-ups with the limit."""
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
