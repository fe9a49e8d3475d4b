"""Sessions wait for locks that another session holds.

## What
Sessions that have waited for another session's lock for longer than the limit, reported once per session at the root
of the chain.

## Why it matters
Everybody behind the root waits, and so does everybody who comes after: a queue of locks is the usual shape of an
outage.

## When it is fine
Waits of milliseconds are normal and not counted.

## How to fix it
End or hurry the root; then order writes the same way in all code paths, keep transactions short, and run schema
changes with a lock timeout.

## Sources
PostgreSQL manual, function pg_blocking_pids; "Explicit Locking".
"""

from __future__ import annotations

from collections.abc import Iterator

from auditor.model.check import Check
from auditor.model.facts import Facts
from auditor.model.finding import Evidence, Flaw, Impact, Subject
from auditor.model.operation import ChangeApplication
from auditor.model.units import SESSIONS
from auditor.model.vocabulary import Pillar, Severity
from auditor.model.workload import Session
from auditor.text import duration
from auditor_checks._words import counted, fitting

CHECK = Check(
    title="Sessions wait for another session's locks",
    passed="No session waits for locks",
    pillar=Pillar.TRANSACTIONS,
    severity=Severity.HIGH,
    unit=SESSIONS,
    needs=("sessions", "locks"),
)


def judge(session: Session, facts: Facts, *, seconds: float = 5, many: float = 3) -> Iterator[Flaw]:
    """Report the session at the root of a chain, with everybody who waits behind it."""
    if session.blocked_by:
        return
    waiting = _behind(session.id, facts.workload.sessions)
    longest = max((other.waiting_seconds or other.query_seconds or 0.0 for other in waiting), default=0.0)
    if not waiting or longest < seconds:
        return
    who = session.application or session.user or "unknown"
    yield Flaw(
        title=fitting(f"{counted(len(waiting), 'session waits', 'sessions wait')} for the locks of {who}"),
        related=tuple(Subject(kind="session", name=str(other.id)) for other in waiting),
        severity=Severity.HIGH if len(waiting) >= many or session.state != "active" else Severity.MEDIUM,
        evidence=(
            Evidence(name="sessions waiting", value=len(waiting), unit="sessions", probe="sessions"),
            Evidence(name="longest wait", value=round(longest, 1), unit="seconds", probe="sessions"),
            Evidence(name="state of the holder", value=session.state, probe="sessions"),
            Evidence(name="statement of the holder", value=session.statement, probe="sessions"),
        ),
        impact=Impact(risk="everybody who needs the same locks waits"),
        explanation=(
            f"{who} ({session.state}) holds locks that {counted(len(waiting), 'session waits', 'sessions wait')} for, "
            f"the longest for {duration(longest)}."
        ),
        recommendation="Find out what the holder waits for; keep its transactions short and its locks in one order.",
        operations=(
            ChangeApplication(
                topic="lock-waits", subject=who,
                instruction="Keep the transaction short, and take locks in the same order everywhere.",
            ),
        ),
    )  # fmt: skip


def _behind(root: int, sessions: tuple[Session, ...]) -> list[Session]:
    """Return the sessions that wait for a session, directly or through others."""
    found: dict[int, Session] = {}
    front = {root}
    while front:
        new = [s for s in sessions if front & set(s.blocked_by) and s.id not in found and s.id != root]
        found.update({session.id: session for session in new})
        front = {session.id for session in new}
    return list(found.values())
