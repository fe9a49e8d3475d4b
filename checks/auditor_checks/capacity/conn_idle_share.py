"""Most connections are idle: the server does the pooling that a pooler should do.

## What
Many client sessions, nearly all of them idle outside a transaction.

## Why it matters
Each connection is a process with its own memory and caches; thousands slow down snapshots and take memory from the
cache, although they do nothing.

## When it is fine
A pooler of the application keeps a modest number open on purpose: few sessions are therefore not judged.

## How to fix it
Introduce a pooler in transaction mode, or shrink the application's pools.

## Sources
PostgreSQL manual, "How Connections Are Established": one process per connection; PgBouncer documentation, pool modes.
"""

from __future__ import annotations

from collections.abc import Iterator

from auditor.model.check import Check
from auditor.model.facts import Facts
from auditor.model.finding import Evidence, Flaw, Unknown, Verdict
from auditor.model.operation import IntroducePooler
from auditor.model.units import SERVER
from auditor.model.vocabulary import Confidence, Pillar, Severity

CHECK = Check(
    title="Most of many connections are idle",
    passed="Connections are used, or few",
    pillar=Pillar.CAPACITY,
    severity=Severity.MEDIUM,
    confidence=Confidence.LIKELY,
    unit=SERVER,
    needs=("sessions",),
)


def judge(_server: Facts, facts: Facts, *, sessions: float = 100, share: float = 0.9) -> Iterator[Verdict]:
    """Count the idle sessions where there are many."""
    clients = facts.sessions
    if len(clients) < sessions:
        return
    visible = [session for session in clients if session.details_visible]
    if len(visible) < len(clients) / 2:
        yield Unknown(reason="what other roles' sessions do is not visible", grant=facts.probes["sessions"].grant)
        return
    idle = [session for session in visible if session.state == "idle"]
    if len(idle) / len(visible) < share:
        return
    busy = len(visible) - len(idle)
    yield Flaw(
        title=f"{len(idle)} of {len(visible)} connections are idle",
        evidence=(
            Evidence(name="idle sessions", value=len(idle), unit="sessions", probe="sessions"),
            Evidence(name="client sessions", value=len(visible), unit="sessions", probe="sessions"),
            Evidence(name="sessions at work", value=busy, unit="sessions", probe="sessions"),
        ),
        explanation=f"{len(visible)} connections are open for the work of {busy}.",
        recommendation="Introduce a pooler in transaction mode, or shrink the application's pools.",
        operations=(IntroducePooler(pool_size=max(10, 4 * busy)),),
    )
