"""Work seems to be handed over by messages that are not kept.

## What
Many messages are published, to a few channels that have one subscriber each and no patterns: the shape of a queue with
one worker, and not of news for many.

## Why it matters
A message that is published is sent to those who listen at the moment and is gone. While the one subscriber is restarted
or its connection breaks, everything that comes is lost, and nobody is told.

## When it is fine
Notes that may be lost: changes that are read anew anyway, entries of a local cache that became invalid, one program
that listens for its own answers.

## How to fix it
Use a stream with a consumer group: XADD with MAXLEN to write, XREADGROUP and XACK to work. What nobody acknowledged can
be given to another worker.

## Sources
Redis documentation, "Redis Pub/sub": delivery semantics (at most once); "Redis streams".
"""

from __future__ import annotations

from collections.abc import Iterator

from auditor.model.check import Check
from auditor.model.facts import Facts
from auditor.model.finding import Evidence, Flaw, Impact, Unknown, Verdict
from auditor.model.operation import ChangeApplication
from auditor.model.units import SERVER
from auditor.model.vocabulary import Confidence, Pillar, Severity
from auditor_checks._commands import called
from auditor_checks._nodes import REDIS

CHECK = Check(
    title="Work seems to be handed over by messages that are not kept",
    passed="No work seems to be handed over by messages that are not kept",
    pillar=Pillar.QUERIES,
    severity=Severity.LOW,
    confidence=Confidence.POSSIBLE,
    unit=SERVER,
    needs=("info", "channels"),
    engines=REDIS,
)
_ADVICE = "Use a stream with a consumer group where no message may be lost: XADD with MAXLEN, XREADGROUP, XACK."


def judge(
    _server: Facts, facts: Facts, *, min_published: float = 10_000, most_channels: float = 20
) -> Iterator[Verdict]:
    """Look who listens where much is published."""
    published, channels = called(facts, "publish", "spublish"), facts.workload.channels
    if published < min_published:
        return
    if channels is None:
        yield Unknown(reason="who listens to messages is not visible")
        return
    few = 0 < channels.channels <= most_channels
    if not few or channels.alone < channels.channels or channels.patterns:
        return
    yield Flaw(
        title=f"{published:,} messages went to {channels.channels:,} channels with one subscriber each",
        evidence=(
            Evidence(name="messages published", value=published, unit="calls", probe="info"),
            Evidence(name="channels with subscribers", value=channels.channels, unit="channels", probe="channels"),
            Evidence(name="of these with one subscriber", value=channels.alone, unit="channels", probe="channels"),
        ),
        impact=Impact(risk="what comes while the subscriber is away is lost"),
        explanation=(
            f"{published:,} messages were published, and each of the {channels.channels:,} channels has one "
            "subscriber: while that is away its messages are lost."
        ),
        recommendation=_ADVICE,
        operations=(ChangeApplication(topic="lossy-queue", subject="channels", instruction=_ADVICE),),
    )
