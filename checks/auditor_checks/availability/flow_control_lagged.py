"""Writes are held back because the majority does not keep up.

## What
The primary's flow control has been at work for a notable share of the time, or is at work now: the commit point of the
majority lies seconds behind.

## Why it matters
The primary then lets fewer writes through than clients send, so that every write waits. The cause is a secondary that
is slow or away; what the majority lacks is also kept in the cache.

## When it is fine
While a member is resynchronised or a load is written in bulk.

## How to fix it
Find the member that lags and what it waits for; switching flow control off only moves the trouble into the cache.

## Sources
MongoDB manual, "Replication Lag and Flow Control"; serverStatus: flowControl.
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
    title="Writes are held back because the majority lags",
    passed="The majority keeps up with the primary",
    pillar=Pillar.AVAILABILITY,
    severity=Severity.MEDIUM,
    unit=MEMBER_SET,
    needs=("members", "server-status"),
    engines=("mongodb",),
)
NOW, TIMES, MICROSECONDS = "flowControl.isLagged", "flowControl.isLaggedCount", "flowControl.isLaggedTimeMicros"


def judge(_set: Facts, facts: Facts, *, share: float = 0.01, high_share: float = 0.1) -> Iterator[Verdict]:
    """Compare the time under flow control with the time in which it was counted."""
    seconds, now = facts.server.counters_seconds, facts.counter(NOW)
    if now is None or not seconds:
        yield Unknown(reason="the server does not tell of its flow control")
        return
    held = (facts.counter(MICROSECONDS) or 0) / 1e6
    if not now and held < share * seconds:
        return
    yield Flaw(
        severity=Severity.HIGH if now and held >= high_share * seconds else Severity.MEDIUM,
        evidence=(
            Evidence(name="lags now", value=bool(now), probe="server-status"),
            Evidence(name="time under flow control", value=round(held, 1), unit="seconds", probe="server-status"),
            Evidence(name="times", value=facts.counter(TIMES), probe="server-status"),
            Evidence(name="time counted", value=seconds, unit="seconds", probe="server-status"),
        ),
        impact=Impact(risk="every write waits"),
        explanation=f"The majority lagged for {held:,.0f} of {seconds:,.0f} seconds{', and does now' if now else ''}.",
        recommendation="Find the member that lags and what it waits for: disk, network, memory.",
        operations=(
            ChangeApplication(
                topic="replica-lag",
                subject="server",
                instruction="Find the member that lags and what it waits for: disk, network, memory.",
            ),
        ),
    )
