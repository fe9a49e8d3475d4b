"""A prepared transaction was forgotten.

## What
Transactions prepared for two-phase commit that are older than the limit, and younger ones of a database to which no
client is connected: nobody is there who could finish them.

## Why it matters
A prepared transaction survives restarts. It keeps its locks, and dead rows of the whole cluster from being cleaned,
until somebody commits or rolls it back: left alone it leads to wraparound.

## When it is fine
A transaction manager is in the middle of a commit: that takes seconds.

## How to fix it
Ask the transaction manager what was decided, then COMMIT PREPARED or ROLLBACK PREPARED. Where nobody uses two-phase
commit, set max_prepared_transactions to 0.

## Sources
PostgreSQL manual, PREPARE TRANSACTION: unwise to leave transactions in the prepared state for a long time.
"""

from __future__ import annotations

from collections.abc import Iterator

from auditor.model.check import Check
from auditor.model.facts import Facts
from auditor.model.finding import Evidence, Flaw, Impact
from auditor.model.operation import ResolvePreparedTransaction
from auditor.model.units import PREPARED_TRANSACTIONS
from auditor.model.vocabulary import Confidence, Pillar, Severity
from auditor.model.workload import PreparedTransaction
from auditor.text import duration

CHECK = Check(
    title="Prepared transaction was forgotten",
    passed="No prepared transaction was forgotten",
    pillar=Pillar.TRANSACTIONS,
    severity=Severity.HIGH,
    unit=PREPARED_TRANSACTIONS,
    needs=("prepared-transactions",),
)


def judge(prepared: PreparedTransaction, facts: Facts, *, seconds: float = 300) -> Iterator[Flaw]:
    """Report a prepared transaction that is older than the limit, or that nobody is there to finish."""
    old = prepared.age_seconds >= seconds
    if not old and not _abandoned(prepared, facts):
        return
    yield Flaw(
        severity=Severity.HIGH if old else Severity.MEDIUM,
        confidence=Confidence.CERTAIN if old else Confidence.LIKELY,
        title=f"Prepared transaction has been waiting for {duration(prepared.age_seconds)}",
        evidence=(
            Evidence(name="age", value=round(prepared.age_seconds, 1), unit="seconds", probe="prepared-transactions"),
            Evidence(name="owner", value=prepared.owner, probe="prepared-transactions"),
            Evidence(name="database", value=prepared.database, probe="prepared-transactions"),
        ),
        impact=Impact(risk="locks and dead rows are kept, in the end up to wraparound"),
        explanation=(
            f"{prepared.owner} prepared a transaction in {prepared.database} {duration(prepared.age_seconds)} ago, and "
            "nobody has committed it or rolled it back."
            + ("" if old else " No client is connected to the database that could do so.")
        ),
        recommendation="Ask its coordinator what was decided, then commit it or roll it back.",
        operations=(ResolvePreparedTransaction(name=prepared.name),),
    )


def _abandoned(prepared: PreparedTransaction, facts: Facts) -> bool:
    """Whether the sessions are known and none is a client's in the database of the transaction."""
    told = facts.probes.get("sessions")
    return (
        told is not None
        and told.outcome == "ok"
        and not any(
            session.kind == "client" and session.database in (prepared.database, None) for session in facts.sessions
        )
    )
