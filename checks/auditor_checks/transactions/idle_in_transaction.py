"""A session sits idle in an open transaction.

## What
Client sessions that began a transaction, did something and now wait for their application, for longer than the limit.

## Why it matters
Such a session keeps its locks, so that schema changes and other writers wait, and keeps old versions of rows of the
whole database from being cleaned.

## When it is fine
Tools that hold a snapshot on purpose, such as dumps and replication set-up; these are not counted.

## How to fix it
Find the code path that waits for something else inside a transaction, and set idle_in_transaction_session_timeout for
the role as a safety net.

## Sources
PostgreSQL manual, view pg_stat_activity, state "idle in transaction"; "Client Connection Defaults".
"""

from __future__ import annotations

from collections.abc import Iterator

from auditor.model.check import Check
from auditor.model.facts import Facts
from auditor.model.finding import Evidence, Flaw, Impact, Subject, Unknown, Verdict
from auditor.model.operation import ChangeApplication, SetSetting
from auditor.model.units import SESSIONS
from auditor.model.vocabulary import Pillar, Severity
from auditor.model.workload import Session
from auditor.text import duration
from auditor_checks._words import fitting
from auditor_checks.transactions._sessions import holds_on_purpose

CHECK = Check(
    title="Session sits idle in an open transaction",
    passed="No session sits idle in an open transaction",
    pillar=Pillar.TRANSACTIONS,
    severity=Severity.HIGH,
    unit=SESSIONS,
    needs=("sessions|operations",),
)


def judge(session: Session, facts: Facts, *, seconds: float = 60, high_seconds: float = 600) -> Iterator[Verdict]:
    """Report a session that has been idle in its transaction for longer than the limit."""
    if not session.details_visible:
        yield Unknown(reason="what other roles' sessions do is not visible", grant=_grant(facts))
        return
    if session.state not in ("idle in transaction", "idle in transaction (aborted)"):
        return
    idle = session.state_seconds or 0.0
    if idle < seconds or holds_on_purpose(session):
        return
    who = session.application or session.user or "unknown"
    yield Flaw(
        title=fitting(f"Session of {who} has been idle in a transaction for {duration(idle)}"),
        subject=Subject(kind="session", name=str(session.id)),
        related=(Subject(kind="role", name=session.user),) if session.user else (),
        severity=Severity.HIGH if idle >= high_seconds else Severity.MEDIUM,
        evidence=(
            Evidence(name="idle for", value=round(idle, 1), unit="seconds", probe="sessions|operations"),
            Evidence(name="transaction open for", value=_round(session.transaction_seconds), unit="seconds",
                     probe="sessions|operations"),
            Evidence(name="application", value=session.application, probe="sessions|operations"),
            Evidence(name="transactions held back from cleaning", value=session.horizon_age, unit="transactions",
                     probe="sessions|operations"),
        ),
        impact=Impact(risk="locks and old versions of rows are kept for as long as it sits"),
        explanation=(
            f"A session of {session.user} ({who}) opened a transaction {duration(session.transaction_seconds)} ago and "
            f"has waited for its application for {duration(idle)}."
        ),
        recommendation="Find the code that waits inside a transaction"
        + ("; set the role's idle timeout as a safety net." if facts.capabilities.idle_transaction_timeout else "."),
        operations=(
            ChangeApplication(
                topic="idle-in-transaction", subject=who,
                instruction="Commit or roll back before waiting for anything outside the database.",
            ),
            *_timeout(session.user, facts),
        ) if session.user else (),
    )  # fmt: skip


def _timeout(role: str, facts: Facts) -> tuple[SetSetting, ...]:
    """The setting that ends such sessions, where the engine has one for a role."""
    name = facts.capabilities.idle_transaction_timeout
    return () if name is None else (SetSetting(name=name, value="60s", role=role),)


def _round(value: float | None) -> float | None:
    return None if value is None else round(value, 1)


def _grant(facts: Facts) -> str | None:
    return facts.probes["sessions"].grant
