"""The queue of notifications fills up.

## What
How full the queue is that NOTIFY writes to, as a share of its fixed size.

## Why it matters
Messages stay in it until every session that listens has read them; a session that listens and then stays in a
transaction holds all of them. When the queue is full, every transaction that notifies fails at its commit.

## When it is fine
For a moment, after a burst of messages.

## How to fix it
Find the session that listens and has had a transaction open for long, and end it; the log names it when the queue is
half full. Let listeners use a connection of their own that runs nothing else.

## Sources
PostgreSQL manual, "NOTIFY": the queue, and pg_notification_queue_usage.
"""

from __future__ import annotations

from collections.abc import Iterator

from auditor.model.check import Check
from auditor.model.facts import Facts
from auditor.model.finding import Evidence, Flaw, Impact, Subject, Unknown, Verdict
from auditor.model.operation import ChangeApplication
from auditor.model.units import SERVER
from auditor.model.vocabulary import Pillar, Severity
from auditor_checks._words import percent

CHECK = Check(
    title="Queue of notifications fills up",
    passed="Queue of notifications is nearly empty",
    pillar=Pillar.TRANSACTIONS,
    severity=Severity.MEDIUM,
    unit=SERVER,
    needs=("server",),
    engines=("postgresql",),
)


def judge(_server: Facts, facts: Facts, *, share: float = 0.05, high_share: float = 0.5) -> Iterator[Verdict]:
    """Compare how full the queue is with the limits."""
    usage = facts.server.notification_queue_usage
    if usage is None:
        if not facts.server.in_recovery:
            yield Unknown(reason="how full the queue of notifications is could not be read")
        return
    if usage < share:
        return
    waiting = [s for s in facts.sessions if s.database == facts.target.name and s.transaction_seconds is not None]
    oldest = max(waiting, key=lambda session: session.transaction_seconds or 0.0, default=None)
    seconds = None if oldest is None else oldest.transaction_seconds
    yield Flaw(
        title=f"Queue of notifications is {percent(usage)} full",
        severity=Severity.HIGH if usage >= high_share else Severity.MEDIUM,
        related=() if oldest is None else (Subject(kind="session", name=str(oldest.id)),),
        evidence=(
            Evidence(name="queue in use", value=round(usage, 6), unit="share", probe="server"),
            Evidence(
                name="oldest transaction of this database", value=seconds, unit="seconds", probe="sessions"
            ),
        ),
        impact=Impact(risk="once it is full, every transaction that notifies fails at its commit"),
        explanation=f"Messages wait for a session that listens and does not read; {percent(usage)} is in use.",
        recommendation="Find the listening session that has had a transaction open for long, and end it.",
        operations=(
            ChangeApplication(
                topic="notification-queue",
                subject="server",
                instruction="Let sessions that LISTEN never stay in a transaction, on a connection of their own.",
            ),
        ),
    )  # fmt: skip
