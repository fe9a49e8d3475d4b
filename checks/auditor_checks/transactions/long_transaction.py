"""A transaction has been running for long.

## What
Client sessions whose transaction is active and older than the limit.

## Why it matters
While a transaction is open, no row that died since it began can be cleaned, anywhere in the database: tables and
indexes grow, and schema changes wait for its locks.

## When it is fine
Dumps, backups, index builds and other known maintenance, which are not counted, and reports on a server of their own.

## How to fix it
Cut the work into short transactions, or run it on a replica; limit it with statement_timeout for the role.

## Sources
PostgreSQL manual, "Routine Vacuuming: Recovering Disk Space"; view pg_stat_activity.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from auditor.model.check import Check
from auditor.model.facts import Facts
from auditor.model.finding import Evidence, Flaw, Impact, Subject, Unknown, Verdict
from auditor.model.operation import ChangeApplication
from auditor.model.units import SESSIONS
from auditor.model.vocabulary import Pillar, Severity
from auditor.model.workload import Session
from auditor.text import duration
from auditor_checks._words import fitting
from auditor_checks.transactions._sessions import holds_on_purpose

CHECK = Check(
    title="Transaction has been running for long",
    passed="No transaction runs for long",
    pillar=Pillar.TRANSACTIONS,
    severity=Severity.MEDIUM,
    unit=SESSIONS,
    needs=("sessions|operations",),
)
MAINTENANCE = re.compile(r"(?i)^\s*(vacuum|analyze|reindex|cluster|create\s+(unique\s+)?index|refresh|copy)\b")


def judge(session: Session, facts: Facts, *, seconds: float = 900, high_seconds: float = 7200) -> Iterator[Verdict]:
    """Report an active transaction that is older than the limit."""
    if not session.details_visible:
        yield Unknown(reason="what other roles' sessions do is not visible", grant=facts.probes["sessions"].grant)
        return
    age = session.transaction_seconds or 0.0
    if session.state != "active" or age < seconds:
        return
    if holds_on_purpose(session) or MAINTENANCE.match(session.statement or ""):
        return
    who = session.application or session.user or "unknown"
    yield Flaw(
        title=fitting(f"Transaction of {who} has been running for {duration(age)}"),
        related=(Subject(kind="role", name=session.user),) if session.user else (),
        severity=Severity.HIGH if age >= high_seconds else Severity.MEDIUM,
        evidence=(
            Evidence(name="transaction open for", value=round(age, 1), unit="seconds", probe="sessions|operations"),
            Evidence(name="statement", value=session.statement, probe="sessions|operations"),
            Evidence(name="transactions held back from cleaning", value=session.horizon_age, unit="transactions",
                     probe="sessions|operations"),
        ),
        impact=Impact(risk="old versions of rows of the whole database pile up meanwhile"),
        explanation=f"A transaction of {session.user} ({who}) has been open for {duration(age)}.",
        recommendation="Cut the work into short transactions, or run it on a replica.",
        operations=(
            ChangeApplication(
                topic="long-transaction", subject=who,
                instruction="Cut the work into short transactions, or move it to a replica.",
            ),
        ),
    )  # fmt: skip
