"""Operations queue because as many as may run already do.

## What
At the moment of the snapshot all tickets of the storage engine for reads or for writes were taken, or so many
operations waited for a lock that they were a queue.

## Why it matters
What waits for a ticket does nothing: latency grows with the queue, clients time out and try again, and the queue grows
faster. It means that operations take too long, seldom that there are too few tickets.

## When it is fine
A moment's peak: one snapshot cannot tell, so this is a hint to look at once more.

## How to fix it
Find the operations that run long and what they wait for. From version 7.0 on the server chooses the number of tickets
itself; a low number there is no fault.

## Sources
MongoDB manual, serverStatus: wiredTiger.concurrentTransactions, queues.execution (8.0) and globalLock.currentQueue.
"""

from __future__ import annotations

from collections.abc import Iterator

from auditor.model.check import Check
from auditor.model.facts import Facts
from auditor.model.finding import Evidence, Flaw, Impact, Unknown, Verdict
from auditor.model.operation import ChangeApplication
from auditor.model.units import SERVER
from auditor.model.vocabulary import Confidence, Pillar, Severity

CHECK = Check(
    title="Operations queue for a place to run",
    passed="Operations find a place to run",
    pillar=Pillar.CAPACITY,
    severity=Severity.HIGH,
    confidence=Confidence.POSSIBLE,
    unit=SERVER,
    needs=("server-status",),
    engines=("mongodb",),
)
PLACES = ("wiredTiger.concurrentTransactions", "queues.execution")
QUEUE = "globalLock.currentQueue.total"


def judge(_server: Facts, facts: Facts, *, waiting: float = 20) -> Iterator[Verdict]:
    """Read how many tickets are free, and how many operations wait."""
    place = next((name for name in PLACES if facts.counter(f"{name}.read.available") is not None), None)
    queued = facts.counter(QUEUE)
    if place is None or queued is None:
        yield Unknown(reason="the server does not tell of its tickets")
        return
    free = {kind: facts.counter(f"{place}.{kind}.available") or 0 for kind in ("read", "write")}
    taken = {kind: facts.counter(f"{place}.{kind}.out") or 0 for kind in ("read", "write")}
    short = [kind for kind in free if not free[kind] and taken[kind]]
    if not short and queued < waiting:
        return
    yield Flaw(
        title=f"All tickets for {'s and '.join(short)}s are taken" if short else f"{queued:.0f} operations wait",
        severity=Severity.HIGH if short else Severity.MEDIUM,
        evidence=(
            Evidence(name="operations that wait", value=queued, unit="operations", probe="server-status"),
            *(Evidence(name=f"free tickets for {kind}s", value=free[kind], unit="tickets", probe="server-status")
              for kind in free),
            *(Evidence(name=f"taken tickets for {kind}s", value=taken[kind], unit="tickets", probe="server-status")
              for kind in taken),
        ),
        impact=Impact(risk="latency grows with the queue"),
        explanation=f"{queued:.0f} operations waited; {taken['read']:.0f} reads and {taken['write']:.0f} writes ran.",
        recommendation="Find the operations that run long, and what they wait for, before anything is enlarged.",
        operations=(
            ChangeApplication(
                topic="queue", subject="server",
                instruction="Find the operations that run long and what they wait for; give them an index or a limit.",
            ),
        ),
    )  # fmt: skip
