"""Cursors stay open for ever when their client is gone.

## What
Open cursors that were asked to have no timeout, counted at the moment of the audit.

## Why it matters
The server closes a cursor that nobody reads for ten minutes. One without a timeout stays with all that it holds until
its session ends or the server restarts, and there may be thousands after a crash of a client.

## When it is fine
A job of hours that really reads on, and closes its cursor at the end, has one or two.

## How to fix it
Take noCursorTimeout out; read in smaller ranges by a key, so that a new cursor goes on where the last one ended.

## Sources
MongoDB manual, "cursor.noCursorTimeout()"; serverStatus, metrics.cursor.open.noTimeout.
"""

from __future__ import annotations

from collections.abc import Iterator

from auditor.model.check import Check
from auditor.model.facts import Facts
from auditor.model.finding import Evidence, Flaw, Impact, Unknown, Verdict
from auditor.model.operation import ChangeApplication
from auditor.model.units import SERVER
from auditor.model.vocabulary import Pillar, Severity

CHECK = Check(
    title="Cursors have no timeout",
    passed="Cursors have a timeout",
    pillar=Pillar.QUERIES,
    severity=Severity.LOW,
    unit=SERVER,
    needs=("server-status",),
    engines=("mongodb",),
)
_COUNTER = "metrics.cursor.open.noTimeout"


def judge(_server: Facts, facts: Facts, *, several: float = 5, many: float = 100) -> Iterator[Verdict]:
    """Compare the number of such cursors with the limits."""
    number = facts.counter(_COUNTER)
    if number is None:
        yield Unknown(reason=f"the server has no counter {_COUNTER}, or does not show it")
        return
    if number < several:
        return
    yield Flaw(
        title=f"{number:,.0f} open cursors have no timeout",
        severity=Severity.MEDIUM if number >= many else Severity.LOW,
        evidence=(
            Evidence(name="open cursors without a timeout", value=int(number), unit="cursors", probe="server-status"),
            Evidence(name="open cursors", value=facts.counter("metrics.cursor.open.total"), unit="cursors",
                     probe="server-status"),
        ),
        impact=Impact(risk="they stay with all that they hold when their client is gone"),
        explanation=f"{number:,.0f} cursors that are open now were asked to have no timeout.",
        recommendation="Take noCursorTimeout out of the code, and read in ranges of a key.",
        operations=(
            ChangeApplication(
                topic="cursor-timeout", subject=facts.target.name,
                instruction="Take noCursorTimeout out; go on by the last key that was read.",
            ),
        ),
    )  # fmt: skip
