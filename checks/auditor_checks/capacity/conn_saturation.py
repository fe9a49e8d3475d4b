"""Connections are near the limit.

## What
Client sessions as a share of the connections that ordinary roles may open (max_connections less the reserved ones).

MongoDB: Open connections as a share of those that the server counts as possible.

Redis: Connections, those of replicas included, as a share of maxclients.

## Why it matters
At the limit new connections are refused: the application is down although the server works. Retries make it worse.

## When it is fine
A pool of a fixed size holds the connections, and the sum of all pools stays below the limit.

## How to fix it
Make the pools small; raise the limit only as a stop-gap, since each connection costs memory.

PostgreSQL, MySQL, MariaDB: Put a pooler between application and server.

MongoDB, Redis: Give each application one client, and share it between requests.

## Sources
PostgreSQL manual, "Connection Settings": max_connections, reserved_connections, superuser_reserved_connections.
MongoDB manual, serverStatus: connections. Redis documentation, "Redis client handling: Maximum
concurrent connected clients".
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from auditor.model.check import Check
from auditor.model.facts import Facts
from auditor.model.finding import Evidence, Flaw, Impact, Unknown, Verdict
from auditor.model.operation import ChangeApplication, IntroducePooler
from auditor.model.units import SERVER
from auditor.model.vocabulary import Pillar, Severity

CHECK = Check(
    title="Connections are near the limit",
    passed="Connections are well below the limit",
    pillar=Pillar.CAPACITY,
    severity=Severity.HIGH,
    unit=SERVER,
    needs=("server-status|sessions|info", "server-status|settings|info"),
    engines=("postgresql", "mysql", "mariadb", "mongodb", "redis"),
)
_IDLE = 300
CURRENT, AVAILABLE = "connections.current", "connections.available"


def judge(_server: Facts, facts: Facts, *, share: float = 0.75, critical_share: float = 0.95) -> Iterator[Verdict]:
    """Compare the client sessions with the usable connections."""
    if facts.counter(AVAILABLE) is not None:
        yield from _counted(facts, share, critical_share)
        return
    taken, most = facts.counter("connected_clients"), facts.counter("maxclients")
    if taken is not None and most is not None:
        yield from _used(facts, taken, most, share, critical_share)
        return
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


def _counted(facts: Facts, share: float, critical_share: float) -> Iterator[Verdict]:
    """Compare what the server itself counts as taken and as free."""
    used, free = facts.counter(CURRENT) or 0, facts.counter(AVAILABLE) or 0
    if used < share * (used + free):
        return
    instruction = "Give each application one client with a small pool, and share it between requests."
    yield Flaw(
        title=f"{used:,.0f} of {used + free:,.0f} connections are taken",
        severity=Severity.CRITICAL if used >= critical_share * (used + free) else Severity.HIGH,
        evidence=(
            Evidence(name="connections", value=used, unit="connections", probe="server-status"),
            Evidence(name="connections that are free", value=free, unit="connections", probe="server-status"),
            Evidence(name="active", value=facts.counter("connections.active"), probe="server-status"),
        ),
        impact=Impact(risk="new connections are refused"),
        explanation=f"{used:,.0f} connections were open, and {free:,.0f} more can be.",
        recommendation=instruction,
        operations=(ChangeApplication(topic="connections", subject="server", instruction=instruction),),
    )


def _used(facts: Facts, taken: float, most: float, share: float, critical_share: float) -> Iterator[Verdict]:
    """Compare the connections with the limit that counts for all of them together."""
    if not most or taken < share * most:
        return
    idle = sum((session.state_seconds or 0) > _IDLE for session in facts.sessions)
    instruction = "Give each application one client with a small pool, and share it between requests."
    yield Flaw(
        title=f"{taken:,.0f} of {most:,.0f} connections are taken",
        severity=Severity.CRITICAL if taken >= critical_share * most else Severity.HIGH,
        evidence=(
            Evidence(name="connections", value=int(taken), unit="connections", probe="info"),
            Evidence(name="maxclients", value=int(most), unit="connections", probe="info"),
            Evidence(name="idle for more than five minutes", value=idle, unit="connections", probe="clients"),
            Evidence(name="connections refused", value=int(facts.counter("rejected_connections") or 0),
                     unit="connections", probe="info"),
        ),
        impact=Impact(risk="new connections are refused"),
        explanation=f"{taken:,.0f} of {most:,.0f} connections were open, {idle:,} of them idle for over five minutes.",
        recommendation=instruction,
        operations=(ChangeApplication(topic="connections", subject="server", instruction=instruction),),
    )  # fmt: skip
