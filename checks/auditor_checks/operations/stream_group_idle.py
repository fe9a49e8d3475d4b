"""A group of a stream does not read.

## What
A group of consumers that has many entries still to get, and that has no consumer, or none that has asked for an hour.

## Why it matters
Either work is not done, or the group is left over from a program that is gone. As long as nobody knows which, entries
cannot be trimmed safely.

## When it is fine
The program that reads is stopped for now, or it runs once a day.

## How to fix it
Start what should read, or remove the group (XGROUP DESTROY) when nobody misses it.

## Sources
Redis documentation, "XINFO GROUPS": lag; "XGROUP DESTROY".
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
    title="A group of a stream does not read",
    passed="Every group of a stream reads",
    pillar=Pillar.OPERATIONS,
    severity=Severity.LOW,
    confidence=Confidence.LIKELY,
    unit=STREAMS,
    needs=("streams",),
    engines=("redis",),
)


def judge(stream: Stream, facts: Facts, *, min_lag: float = 1_000, min_seconds: float = 3600) -> Iterator[Verdict]:
    """Report groups that are behind and do not ask, of all streams of a pattern the worst of each name."""
    worst: dict[str, ConsumerGroup] = {}
    untold = False
    for one in alike(stream, facts):
        for group in one.groups:
            if one.entries < min_lag or not _quiet(group, min_seconds):
                continue
            untold = untold or group.lag is None
            if (group.lag or 0) >= min_lag:
                worst[group.name] = max(group, worst.get(group.name, group), key=lambda one: one.lag or 0)
    for group in worst.values():
        yield _flaw(stream, group)
    if untold and not worst:
        # Before Redis 7.0, and after entries that the group has not read were deleted one by one.
        yield Unknown(reason=f"the server does not tell how far a group of {stream.path} has read")


def _quiet(group: ConsumerGroup, seconds: float) -> bool:
    return group.consumers == 0 or (group.idle_seconds is not None and group.idle_seconds >= seconds)


def _flaw(stream: Stream, group: ConsumerGroup) -> Flaw:
    asked = (
        "it has no consumer" if group.consumers == 0
        else f"none of its {group.consumers} consumers has asked for {(group.idle_seconds or 0) / 3600:.0f} hours"
    )  # fmt: skip
    return Flaw(
        title=f"The group {group.name} of {stream.path} does not read",
        discriminator=group.name,
        evidence=(
            Evidence(name="group", value=group.name, probe="streams"),
            Evidence(name="entries not given out", value=group.lag, unit="entries", probe="streams"),
            Evidence(name="consumers", value=group.consumers, unit="consumers", probe="streams"),
            Evidence(name="since one of them asked", value=None if group.idle_seconds is None
                     else round(group.idle_seconds), unit="seconds", probe="streams"),
        ),
        impact=Impact(rows=group.lag, risk="work is not done, or a group is left over"),
        explanation=f"{quantity(group.lag)} entries of {stream.path} were not given to {group.name}: {asked}.",
        recommendation="Start what should read, or remove the group when nobody misses it.",
        operations=(
            ChangeApplication(
                topic="idle-group", subject=stream.path,
                instruction="Find out which program reads by this group. Start it, or remove the group by XGROUP "
                "DESTROY: entries stay, only what the group knows of them goes.",
            ),
        ),
    )  # fmt: skip
