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
from auditor.model.finding import Evidence, Flaw, Impact
from auditor.model.keyspace import Stream
from auditor.model.operation import ChangeApplication
from auditor.model.units import STREAMS
from auditor.model.vocabulary import Confidence, Pillar, Severity
from auditor.text import quantity

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


def judge(stream: Stream, _facts: Facts, *, min_lag: float = 1_000, min_seconds: float = 3600) -> Iterator[Flaw]:
    """Report groups that are behind and do not ask. Where the server tells no lag, before Redis 7.0, none is behind."""
    for group in stream.groups:
        quiet = group.consumers == 0 or (group.idle_seconds is not None and group.idle_seconds >= min_seconds)
        if not quiet or (group.lag or 0) < min_lag:
            continue
        asked = (
            "it has no consumer" if group.consumers == 0
            else f"none of its {group.consumers} consumers has asked for {(group.idle_seconds or 0) / 3600:.0f} hours"
        )  # fmt: skip
        yield Flaw(
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
