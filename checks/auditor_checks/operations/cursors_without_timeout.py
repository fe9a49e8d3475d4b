"""Cursors are open that never time out.

## What
Open cursors for which the client switched the timeout off, more than the limit.

## Why it matters
Where the client is gone nobody closes them: each holds memory, and an old snapshot of the data that the cache has to
keep.

## When it is fine
An export is running that reads for long between two batches.

## How to fix it
Leave the timeout on and let the client use a session, which refreshes it; or read in ranges of the key.

## Sources
MongoDB manual, cursor.noCursorTimeout(); serverStatus: metrics.cursor.open.noTimeout. Cursors end after ten idle
minutes by default.
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
    title="Cursors are open that never time out",
    passed="Every open cursor times out",
    pillar=Pillar.OPERATIONS,
    severity=Severity.LOW,
    unit=SERVER,
    needs=("server-status",),
    engines=("mongodb",),
)
OPEN, ENDLESS = "metrics.cursor.open.total", "metrics.cursor.open.noTimeout"


def judge(_server: Facts, facts: Facts, *, few: float = 1, many: float = 100) -> Iterator[Verdict]:
    """Count them."""
    number, total = facts.counter(ENDLESS), facts.counter(OPEN)
    if number is None:
        yield Unknown(reason="the server does not tell of its cursors")
        return
    if number < few:
        return
    yield Flaw(
        title=f"{number:,.0f} open cursor{'s' if number > 1 else ''} never time out",
        severity=Severity.MEDIUM if number >= many else Severity.LOW,
        evidence=(
            Evidence(name="open cursors without a timeout", value=number, unit="cursors", probe="server-status"),
            Evidence(name="open cursors", value=total, unit="cursors", probe="server-status"),
        ),
        impact=Impact(risk="what they hold stays until the server restarts"),
        explanation=f"Of {total or number:,.0f} open cursors {number:,.0f} wait for their clients without an end.",
        recommendation="Leave the timeout on, and read long results in ranges of the key.",
        operations=(
            ChangeApplication(
                topic="cursors",
                subject="server",
                instruction="Open cursors without noCursorTimeout; read long results in ranges of the key.",
            ),
        ),
    )
