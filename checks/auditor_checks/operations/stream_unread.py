"""A group of a stream is behind, and nobody reads it.

## What
Groups of consumers that have not been given a good part of a stream's entries, and in which there is no consumer, or
none that has asked for an hour.

## Why it matters
Either work is not done, or the group is what an application left behind that is gone. Where the stream is trimmed the
group loses entries unread; where somebody trims only what all groups have read, the stream grows.

## When it is fine
The group is read once a day on purpose.

## How to fix it
Start its consumers. Remove a group that nobody needs (XGROUP DESTROY), or set it to the end of the stream where only
new entries matter (XGROUP SETID … $).

## Sources
Redis documentation, "XINFO GROUPS": lag; "XINFO CONSUMERS", "XGROUP SETID", "XGROUP DESTROY".
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
from auditor.text import count, duration, quantity
from auditor_checks._streams import alike

CHECK = Check(
    title="A group of a stream is behind and nobody reads it",
    passed="The groups of streams are read",
    pillar=Pillar.OPERATIONS,
    severity=Severity.LOW,
    confidence=Confidence.LIKELY,
    unit=STREAMS,
    needs=("streams",),
    engines=("redis",),
)

_ADVICE = (
    "Start the consumers of the group. If nobody needs it any more remove it (XGROUP DESTROY); if only new entries "
    "matter set it to the end of the stream (XGROUP SETID … $)."
)


def judge(
    stream: Stream, facts: Facts, *, hours: float = 1, min_lag: float = 100, many: float = 10_000
) -> Iterator[Verdict]:
    """Report the groups of all streams of a pattern together."""
    streams = alike(stream, facts)
    absent = [group for one in streams if one.entries >= min_lag for group in one.groups if _absent(group, hours)]
    behind = [group for group in absent if (group.lag or 0) >= min_lag]
    if behind:
        yield _flaw(stream, behind, many)
    elif any(group.lag is None for group in absent):
        # Before Redis 7.0, and after entries that the group has not read were deleted one by one.
        yield Unknown(reason=f"the server does not tell how far a group of {stream.path} has read")


def _absent(group: ConsumerGroup, hours: float) -> bool:
    return group.consumers == 0 or (group.idle_seconds is not None and group.idle_seconds >= hours * 3600)


def _flaw(stream: Stream, groups: list[ConsumerGroup], many: float) -> Flaw:
    worst = max(groups, key=lambda group: (group.lag or 0, group.name))
    idle = worst.idle_seconds
    return Flaw(
        title=f"{count(len(groups), 'group')} of {stream.path} {'is' if len(groups) == 1 else 'are'} not read",
        severity=Severity.MEDIUM if (worst.lag or 0) >= many else Severity.LOW,
        evidence=(
            Evidence(name="groups that nobody reads", value=len(groups), unit="groups", probe="streams"),
            Evidence(name="furthest behind", value=worst.name, probe="streams"),
            Evidence(name="entries that it was not given", value=worst.lag, unit="entries", probe="streams"),
            Evidence(name="its consumers", value=worst.consumers, unit="consumers", probe="streams"),
            Evidence(name="since one of them asked", value=None if idle is None else round(idle), unit="seconds",
                     probe="streams"),
        ),
        impact=Impact(rows=worst.lag, risk="work is not begun, or lost when entries are trimmed"),
        explanation=f"The group {worst.name} of {stream.path} was not given {quantity(worst.lag)} entries, and "
        + (f"no consumer has asked for {duration(idle)}." if worst.consumers and idle is not None
           else "it has no consumer."),
        recommendation=_ADVICE,
        operations=(ChangeApplication(topic="unread-group", subject=stream.path, instruction=_ADVICE),),
    )  # fmt: skip
