"""A prepared transaction was forgotten.

## What
Transactions prepared for two-phase commit that are older than the limit.

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
from auditor.model.vocabulary import Pillar, Severity
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


def judge(prepared: PreparedTransaction, _facts: Facts, *, seconds: float = 300) -> Iterator[Flaw]:
    """Report a prepared transaction that is older than the limit."""
    if prepared.age_seconds < seconds:
        return
    yield Flaw(
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
        ),
        recommendation="Ask its coordinator what was decided, then commit it or roll it back.",
        operations=(ResolvePreparedTransaction(name=prepared.name),),
    )
