"""Entries of a stream were given out and are not done.

## What
A group of consumers has entries that were given to one of them long ago and that nobody has acknowledged: the consumer
has not asked for more for an hour, or everything that was added later was given out in the meantime.

## Why it matters
Nobody else gets these entries: work is lost without an error. The list of them takes memory and is walked by commands.

## When it is fine
The work really takes that long, or the entries are known to be hopeless and are looked at by hand.

## How to fix it
Let each consumer take over what others have had for too long (XAUTOCLAIM) before it asks for new entries, acknowledge
what has failed too often after keeping it elsewhere, and delete consumers that will not come back (XGROUP DELCONSUMER,
once they have no entries).

## Sources
Redis documentation, "XPENDING", "XAUTOCLAIM", "XINFO CONSUMERS"; "Redis streams": recovering from permanent failures.
"""

from __future__ import annotations

from collections.abc import Iterator

from auditor.model.check import Check
from auditor.model.facts import Facts
from auditor.model.finding import Evidence, Flaw, Impact, Unknown, Verdict
from auditor.model.keyspace import ConsumerGroup, Stream
from auditor.model.operation import ChangeApplication
from auditor.model.units import STREAMS
from auditor.model.vocabulary import Confidence, Pillar, Severity
from auditor.text import quantity

CHECK = Check(
    title="Entries of a stream were given out and are not done",
    passed="What streams give out is done",
    pillar=Pillar.OPERATIONS,
    severity=Severity.LOW,
    confidence=Confidence.LIKELY,
    unit=STREAMS,
    needs=("streams",),
    engines=("redis",),
)


def judge(
    stream: Stream, _facts: Facts, *, min_pending: float = 10, min_seconds: float = 3600, many: float = 1_000
) -> Iterator[Verdict]:
    """Report each group whose entries were left behind."""
    for group in stream.groups:
        old = group.oldest_seconds is not None and group.oldest_seconds >= min_seconds
        if group.pending < min_pending or not (group.silent or old):
            continue
        if not group.silent and group.lag is None:
            yield Unknown(reason=f"the server does not tell whether {group.name} of {stream.path} is behind")
        elif group.silent or group.lag == 0:
            yield _flaw(stream, group, many=group.pending >= many)


def _flaw(stream: Stream, group: ConsumerGroup, *, many: bool) -> Flaw:
    hours = (group.oldest_seconds or 0.0) / 3600
    silent = f"{group.silent} of its {group.consumers} consumers have entries and have not asked for an hour. "
    return Flaw(
        title=f"Entries of {stream.path} were given to {group.name} and are not done",
        severity=Severity.MEDIUM if many else Severity.LOW,
        discriminator=group.name,
        evidence=(
            Evidence(name="group", value=group.name, probe="streams"),
            Evidence(name="entries not acknowledged", value=group.pending, unit="entries", probe="streams"),
            Evidence(name="age of the oldest of them", value=None if group.oldest_seconds is None
                     else round(group.oldest_seconds), unit="seconds", probe="streams"),
            Evidence(name="entries not given out", value=group.lag, unit="entries", probe="streams"),
            Evidence(name="consumers", value=group.consumers, unit="consumers", probe="streams"),
            Evidence(name="consumers that are silent", value=group.silent, unit="consumers", probe="streams"),
        ),
        impact=Impact(rows=group.pending, risk="work is lost without an error"),
        explanation=(
            f"{quantity(group.pending)} entries of {stream.path} were given to {group.name} and not acknowledged, the "
            f"oldest was added {hours:,.0f} hours ago. {silent if group.silent else ''}"
        ).rstrip(),
        recommendation="Take over what others have had for too long (XAUTOCLAIM) before asking for new entries.",
        operations=(
            ChangeApplication(
                topic="claim-pending", subject=stream.path,
                instruction="Let each consumer call XAUTOCLAIM with the longest time that the work may take before it "
                "asks for new entries, and move what was given out too often to a list that people look at.",
            ),
        ),
    )  # fmt: skip
