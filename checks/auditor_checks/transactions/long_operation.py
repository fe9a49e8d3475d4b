"""An operation has been running for long.

## What
Operations of clients, outside transactions, that have been running for longer than the limit. Index builds are left
out, and so are cursors that wait for what comes next.

## Why it matters
It holds a ticket of the storage engine and a snapshot: the versions of documents that it may still need stay in the
cache. Its client has often given up long ago, and started it a second time.

## When it is fine
An export or a report that is meant to take its time, better on a secondary.

## How to fix it
Give it an index, or less to do; give the client's operations a limit (maxTimeMS, or defaultMaxTimeMS from 8.0).

## Sources
MongoDB manual, "$currentOp" (secs_running), "Terminate Running Operations", "maxTimeMS".
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
from auditor_checks._words import fitting
from auditor_checks.queries._statements import short

CHECK = Check(
    title="An operation has been running for long",
    passed="No operation runs for long",
    pillar=Pillar.TRANSACTIONS,
    severity=Severity.MEDIUM,
    unit=SESSIONS,
    needs=("operations",),
    engines=("mongodb",),
)


def judge(
    session: Session,
    facts: Facts,  # noqa: ARG001 -- every judge has it
    *,
    seconds: float = 300,
    high_seconds: float = 3600,
) -> Iterator[Flaw]:
    """Compare the time that an operation has taken with the limit."""
    spent = session.query_seconds or 0.0
    if session.kind != "client" or session.transaction_seconds is not None or spent < seconds:
        return
    if not (session.statement or "").startswith("db."):
        return
    who = session.application or session.user or "unknown"
    yield Flaw(
        title=fitting(f"An operation of {who} has been running for {duration(spent)}"),
        related=(Subject(kind="role", name=session.user),) if session.user else (),
        severity=Severity.HIGH if spent >= high_seconds else Severity.MEDIUM,
        evidence=(
            Evidence(name="running for", value=round(spent, 1), unit="seconds", probe="operations"),
            Evidence(name="operation", value=short(session.statement or ""), probe="operations"),
            Evidence(name="application", value=session.application, probe="operations"),
            Evidence(name="waits for", value=session.wait_event, probe="operations"),
        ),
        impact=Impact(risk="it keeps old versions of documents in the cache"),
        explanation=f"An operation of {who} has been running for {duration(spent)}.",
        recommendation="Give it an index or less to do, and the client's operations a limit of time.",
        operations=(
            ChangeApplication(
                topic="long-operation", subject=who,
                instruction=f"Set a maxTimeMS, and examine the plan of: {short(session.statement or '')}",
            ),
        ),
    )  # fmt: skip
