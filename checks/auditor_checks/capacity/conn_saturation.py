"""Connections are near the limit.

## What
Client sessions as a share of the connections that ordinary roles may open (max_connections less the reserved ones).

## Why it matters
At the limit new connections are refused: the application is down although the server works. Retries make it worse.

## When it is fine
A pool of a fixed size holds the connections, and the sum of all pools stays below the limit.

## How to fix it
Put a pooler between application and server and make the pools small; raise the limit only as a stop-gap, since each
connection costs memory.

## Sources
PostgreSQL manual, "Connection Settings": max_connections, reserved_connections, superuser_reserved_connections.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from auditor.model.check import Check
from auditor.model.facts import Facts
from auditor.model.finding import Evidence, Flaw, Impact, Unknown, Verdict
from auditor.model.operation import IntroducePooler
from auditor.model.units import SERVER
from auditor.model.vocabulary import Pillar, Severity

CHECK = Check(
    title="Connections are near the limit",
    passed="Connections are well below the limit",
    pillar=Pillar.CAPACITY,
    severity=Severity.HIGH,
    unit=SERVER,
    needs=("sessions", "settings"),
    engines=("postgresql", "mysql", "mariadb"),
)


def judge(_server: Facts, facts: Facts, *, share: float = 0.75, critical_share: float = 0.95) -> Iterator[Verdict]:
    """Compare the client sessions with the usable connections."""
    limit = facts.setting_number("max_connections")
    if limit is None:
        yield Unknown(reason="max_connections is not visible")
        return
    names = ("superuser_reserved_connections", "reserved_connections")
    usable = limit - sum(facts.setting_number(name) or 0.0 for name in names)
    used = len(facts.sessions)
    if usable <= 0 or used / usable < share:
        return
    idle = sum(session.state == "idle" for session in facts.sessions)
    (application, most), *_ = Counter(session.application or "(no name)" for session in facts.sessions).most_common(1)
    yield Flaw(
        title=f"{used} of {usable:.0f} usable connections are taken",
        severity=Severity.CRITICAL if used / usable >= critical_share else Severity.HIGH,
        evidence=(
            Evidence(name="client sessions", value=used, unit="sessions", probe="sessions"),
            Evidence(name="usable connections", value=usable, unit="connections", probe="settings"),
            Evidence(name="idle sessions", value=idle, unit="sessions", probe="sessions"),
            Evidence(name=f"sessions of {application}", value=most, unit="sessions", probe="sessions"),
        ),
        impact=Impact(risk="new connections are refused"),
        explanation=f"{used} of {usable:.0f} connections were taken, {idle} of them idle; most by {application}.",
        recommendation="Put a pooler in front of the server and keep the pools small.",
        operations=(IntroducePooler(),),
    )
