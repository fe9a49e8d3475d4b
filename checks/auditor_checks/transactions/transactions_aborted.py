"""Many transactions are aborted.

## What
A notable share of the transactions that were started since the server began to count was aborted.

## Why it matters
All that they did was done in vain, and is mostly done again. Aborts come from conflicts over the same documents, from
transactions that ran into the limit of their time, and from errors.

## When it is fine
An application that tries and expects to fail, rarely.

## How to fix it
Touch the documents that everybody wants last, keep transactions short, and split counters that all of them change. One
document that holds what belongs together needs no transaction.

## Sources
MongoDB manual, serverStatus: transactions; "Production Considerations: In-progress Transactions and Write Conflicts".
"""

from __future__ import annotations

from collections.abc import Iterator

from auditor.model.check import Check
from auditor.model.facts import Facts
from auditor.model.finding import Evidence, Flaw, Impact, Unknown, Verdict
from auditor.model.operation import ChangeApplication
from auditor.model.units import SERVER
from auditor.model.vocabulary import Pillar, Severity
from auditor_checks._words import percent

CHECK = Check(
    title="Many transactions are aborted",
    passed="Few transactions are aborted",
    pillar=Pillar.TRANSACTIONS,
    severity=Severity.MEDIUM,
    unit=SERVER,
    needs=("server-status",),
    engines=("mongodb",),
)
STARTED, ABORTED = "transactions.totalStarted", "transactions.totalAborted"
CONFLICTS = "metrics.operation.writeConflicts"


def judge(
    _server: Facts, facts: Facts, *, share: float = 0.1, high_share: float = 0.3, min_started: float = 1000
) -> Iterator[Verdict]:
    """Compare the aborted with the started ones."""
    started, aborted = facts.counter(STARTED), facts.counter(ABORTED)
    if started is None or aborted is None:
        yield Unknown(reason="the server does not tell of its transactions")
        return
    if 0 < started < min_started:
        yield Unknown(reason=f"{started:,.0f} transactions were started; {min_started:,.0f} are needed")
        return
    if not started or aborted < share * started:
        return
    yield Flaw(
        title=f"{percent(aborted / started)} of the transactions are aborted",
        severity=Severity.HIGH if aborted >= high_share * started else Severity.MEDIUM,
        evidence=(
            Evidence(name="started", value=started, unit="transactions", probe="server-status"),
            Evidence(name="aborted", value=aborted, unit="transactions", probe="server-status"),
            Evidence(name="write conflicts", value=facts.counter(CONFLICTS), probe="server-status"),
        ),
        impact=Impact(risk="work that is done twice, and users who see errors"),
        explanation=f"Of {started:,.0f} transactions {aborted:,.0f} were aborted.",
        recommendation="Find what they fight about; touch it last, split it, or keep it in one document.",
        operations=(
            ChangeApplication(
                topic="transactions",
                subject="server",
                instruction="Find the documents that transactions conflict over; touch them last, or split them.",
            ),
        ),
    )
