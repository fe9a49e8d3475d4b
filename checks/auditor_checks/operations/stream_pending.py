"""Entries of a stream were given out and are not done.

## What
A group of consumers has entries that were given to one of them more than an hour ago and that nobody has acknowledged
since.

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
from auditor_checks._streams import alike

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


_COUNTED = 100
"""Up to how many of the entries that were left behind are counted."""


def judge(stream: Stream, facts: Facts, *, min_left: float = 10, many: float = 1_000) -> Iterator[Verdict]:
    """Report each group whose entries were left behind, of all streams of a pattern the worst of each name."""
    worst: dict[str, ConsumerGroup] = {}
    for group in (group for one in alike(stream, facts) for group in one.groups):
        if group.left is None and not group.silent:
            yield Unknown(reason=f"the server does not tell since when entries of {stream.path} have been pending")
        elif (group.left or 0) >= min_left or (group.silent and group.pending >= min_left):
            worst[group.name] = max(group, worst.get(group.name, group), key=lambda one: one.pending)
    for group in worst.values():
        yield _flaw(stream, group, many=group.pending >= many)


def _flaw(stream: Stream, group: ConsumerGroup, *, many: bool) -> Flaw:
    silent = f"{group.silent} of its {group.consumers} consumers have entries and have not asked for an hour. "
    return Flaw(
        title=f"Entries of {stream.path} were given to {group.name} and are not done",
        severity=Severity.MEDIUM if many else Severity.LOW,
        discriminator=group.name,
        evidence=(
            Evidence(name="group", value=group.name, probe="streams"),
            Evidence(name="entries not acknowledged", value=group.pending, unit="entries", probe="streams"),
            Evidence(name="given out more than an hour ago (counted up to 100)", value=group.left, unit="entries",
                     probe="streams"),
            Evidence(name="age of the oldest of them", value=None if group.oldest_seconds is None
                     else round(group.oldest_seconds), unit="seconds", probe="streams"),
            Evidence(name="entries not given out", value=group.lag, unit="entries", probe="streams"),
            Evidence(name="consumers", value=group.consumers, unit="consumers", probe="streams"),
            Evidence(name="consumers that are silent", value=group.silent, unit="consumers", probe="streams"),
        ),
        impact=Impact(rows=group.pending, risk="work is lost without an error"),
        explanation=(
            f"{quantity(group.pending)} entries of {stream.path} were given to {group.name} and not acknowledged, "
            f"{_many(group.left)} more than an hour ago. {silent if group.silent else ''}"
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


def _many(left: int | None) -> str:
    return "some of them" if left is None else f"{left} or more of them" if left >= _COUNTED else f"{left} of them"
