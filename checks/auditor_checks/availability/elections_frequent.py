"""A primary is elected again and again.

## What
Elections for other reasons than that somebody asked for one, counted by the asked member since it started, are more
than one a day.

## Why it matters
Each one stops all writes for seconds and ends the connections that were in the middle of something. They come from a
network that loses packets, machines that stall, or timeouts that are too short.

## When it is fine
A night of maintenance, or the first days of a new set.

## How to fix it
Look in the log for what the members did not hear of each other; mend network, disk and memory before the timeout is
made longer.

## Sources
MongoDB manual, serverStatus: electionMetrics; "Replica Set Elections".
"""

from __future__ import annotations

from collections.abc import Iterator

from auditor.model.check import Check
from auditor.model.facts import Facts
from auditor.model.finding import Evidence, Flaw, Impact, Unknown, Verdict
from auditor.model.operation import ChangeApplication
from auditor.model.units import MEMBER_SET
from auditor.model.vocabulary import Pillar, Severity

CHECK = Check(
    title="Elections are frequent",
    passed="Elections are rare",
    pillar=Pillar.AVAILABILITY,
    severity=Severity.MEDIUM,
    unit=MEMBER_SET,
    needs=("members", "server-status"),
    engines=("mongodb",),
)
COUNTER, LOST = "electionMetrics.electionTimeout.called", "electionMetrics.numStepDownsCausedByHigherTerm"


def judge(_set: Facts, facts: Facts, *, per_day: float = 1, min_days: float = 1) -> Iterator[Verdict]:
    """Divide the elections that nobody asked for by the time in which they were counted."""
    days = facts.counted_days((COUNTER, LOST), min_days)
    if isinstance(days, Unknown):
        yield days
        return
    called, lost = facts.counter(COUNTER) or 0, facts.counter(LOST) or 0
    if called + lost <= per_day * days:
        return
    yield Flaw(
        title=f"{called + lost:,.0f} elections in {days:.1f} days",
        evidence=(
            Evidence(name="elections called because no primary was heard", value=called, probe="server-status"),
            Evidence(name="times that another one became primary", value=lost, probe="server-status"),
            Evidence(name="days counted", value=round(days, 1), unit="days", probe="server-status"),
        ),
        impact=Impact(risk="writes stop for seconds, again and again"),
        explanation=f"In {days:.1f} days this member called or lost {called + lost:,.0f} elections.",
        recommendation="Find what keeps the members from hearing each other: network, disk stalls, memory.",
        operations=(
            ChangeApplication(
                topic="elections",
                subject="server",
                instruction="Find in the logs of the members why heartbeats were missed, and mend that.",
            ),
        ),
    )
