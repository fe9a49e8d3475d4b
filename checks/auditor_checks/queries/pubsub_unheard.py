"""Messages are published to nobody.

## What
Many messages were published, and no channel and no pattern of channels had a subscriber at the moment of the audit.

## Why it matters
Each of them is a command for nothing, in a cluster one on every server, since channels go to all of them. Often it is
the rest of a feature that is gone, or the program that should listen is down.

## When it is fine
Listeners come and go, and were away at the moment.

## How to fix it
Find who should listen. Where nobody should, take the publishing out of the program.

## Sources
Redis documentation, "PUBLISH": the number of clients that received the message; "PUBSUB NUMSUB".
"""

from __future__ import annotations

from collections.abc import Iterator

from auditor.model.check import Check
from auditor.model.facts import Facts
from auditor.model.finding import Evidence, Flaw, Unknown, Verdict
from auditor.model.operation import ChangeApplication
from auditor.model.units import SERVER
from auditor.model.vocabulary import Confidence, Pillar, Severity
from auditor_checks._commands import called
from auditor_checks._nodes import REDIS

CHECK = Check(
    title="Messages are published to nobody",
    passed="Messages are not published to nobody",
    pillar=Pillar.QUERIES,
    severity=Severity.LOW,
    confidence=Confidence.LIKELY,
    unit=SERVER,
    needs=("info", "channels"),
    engines=REDIS,
)
_ADVICE = "Find out who should listen; where nobody should, take the publishing out of the program."


def judge(_server: Facts, facts: Facts, *, min_published: float = 100) -> Iterator[Verdict]:
    """Look whether anybody listens where messages are published."""
    published, channels = called(facts, "publish", "spublish"), facts.workload.channels
    if published < min_published:
        return
    if channels is None:
        yield Unknown(reason="who listens to messages is not visible")
        return
    if channels.channels or channels.patterns:
        return
    yield Flaw(
        title=f"{published:,} messages were published, and nobody listens",
        evidence=(
            Evidence(name="messages published", value=published, unit="calls", probe="info"),
            Evidence(name="channels with subscribers", value=channels.channels, unit="channels", probe="channels"),
            Evidence(name="patterns with subscribers", value=channels.patterns, unit="patterns", probe="channels"),
        ),
        explanation=f"{published:,} messages were published, and at the moment of the audit nobody was subscribed.",
        recommendation=_ADVICE,
        operations=(ChangeApplication(topic="unheard-messages", subject="channels", instruction=_ADVICE),),
    )
