"""The server allows more connections than any machine serves well.

## What
max_connections is in the thousands.

## Why it matters
Each open connection is a process. When all of them come alive at once, memory for sorting is multiplied by their
number and the processors spend their time switching: the server falls over instead of queueing.

## When it is fine
A provider sets it high by formula and a pooler in front keeps the real number low.

## How to fix it
Introduce a pooler, then lower the limit at the next restart.

## Sources
PostgreSQL manual, "Connection Settings"; PostgreSQL wiki, "Number Of Database Connections".
"""

from __future__ import annotations

from collections.abc import Iterator

from auditor.model.check import Check
from auditor.model.facts import Facts
from auditor.model.finding import Evidence, Flaw, Impact, Subject, Unknown, Verdict
from auditor.model.operation import IntroducePooler
from auditor.model.units import SERVER
from auditor.model.vocabulary import Confidence, Pillar, Severity

CHECK = Check(
    title="Server allows thousands of connections",
    passed="Number of connections is limited to what a server can serve",
    pillar=Pillar.CAPACITY,
    severity=Severity.LOW,
    confidence=Confidence.LIKELY,
    unit=SERVER,
    needs=("settings", "sessions"),
    engines=("postgresql",),
)
NAME = "max_connections"


def judge(_server: Facts, facts: Facts, *, connections: float = 1000) -> Iterator[Verdict]:
    """Compare the limit with what is reasonable, and with the sessions of the moment."""
    limit, work = facts.setting_number(NAME), facts.setting_bytes("work_mem")
    if limit is None:
        yield Unknown(reason=f"{NAME} is not visible")
        return
    if limit < connections or facts.target.managed:
        return
    yield Flaw(
        subject=Subject(kind="setting", name=NAME),
        evidence=(
            Evidence(name=NAME, value=limit, unit="connections", probe="settings"),
            Evidence(name="client sessions", value=len(facts.sessions), unit="sessions", probe="sessions"),
            Evidence(name="one sort in every connection", value=None if work is None else work * limit, unit="bytes",
                     probe="settings"),
        ),
        impact=Impact(risk="a connection storm takes the server down instead of queueing"),
        explanation=f"{limit:.0f} connections are allowed and {len(facts.sessions)} were open.",
        recommendation="Introduce a pooler, then lower the limit at the next restart.",
        operations=(IntroducePooler(),),
    )  # fmt: skip
