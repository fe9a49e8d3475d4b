"""Entries of a stream stay with consumers that do not finish them, or with groups that nobody reads.

## What
Groups of consumers in which entries that were given out have not been acknowledged, although they were added more than
an hour ago; and groups that have fallen behind and for which no consumer asks.

## Why it matters
An entry that was given to a consumer that died is not given to another one by itself: its work is never done. A group
that nobody reads is work that is never begun, or the remains of an application that is gone; where entries are trimmed
it loses them unread.

## When it is fine
Single entries take more than an hour of work each, or a group is read once a day on purpose.

## How to fix it
Let each consumer claim what has waited for too long (XAUTOCLAIM) and put aside what was delivered too often (the
counter of XPENDING). Acknowledge what fails for good after writing it elsewhere. Remove consumers that are gone
(XGROUP DELCONSUMER) only after their entries were claimed, and groups that nobody needs (XGROUP DESTROY).

## Sources
Redis documentation, "XAUTOCLAIM", "XPENDING", "XINFO GROUPS", "Redis Streams": recovering from permanent failures.
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
from auditor_checks._streams import alike, largest

CHECK = Check(
    title="Entries of a stream are not finished, or not read",
    passed="Entries of streams are read and acknowledged",
    pillar=Pillar.OPERATIONS,
    severity=Severity.MEDIUM,
    confidence=Confidence.LIKELY,
    unit=STREAMS,
    needs=("keyspace", "streams"),
    engines=("redis",),
)

_CLAIM = (
    "Claim entries of the group that have waited longer than the longest piece of work takes (XAUTOCLAIM), do them, "
    "and acknowledge them; write those that were delivered too often to a stream of their own and acknowledge them too."
)
_UNREAD = (
    "Start the consumers of the group again. If nobody needs it any more, remove it (XGROUP DESTROY); if only new "
    "entries matter, set it to the end of the stream (XGROUP SETID … $)."
)


def judge(
    stream: Stream, facts: Facts, *, hours: float = 1, min_pending: float = 10, min_lag: float = 100,
    many: float = 10_000,
) -> Iterator[Verdict]:  # fmt: skip
    """Report the groups of all streams of a pattern, once for what is not finished and once for what is not read."""
    if stream is not largest(stream, facts):
        return
    groups = [(one, group) for one in alike(stream, facts) for group in one.groups]
    stuck = [(one, group) for one, group in groups if _stuck(group, hours * 3600, min_pending)]
    unread = [(one, group) for one, group in groups if _unread(one, group, hours * 3600, min_lag)]
    if stuck:
        yield _of_stuck(stream, [group for _, group in stuck], many)
    if unread:
        yield _of_unread(stream, unread, many)
    if not stuck and not unread and any(_untold(one, group, hours * 3600, min_pending, min_lag)
                                        for one, group in groups):  # fmt: skip
        yield Unknown(reason=f"the server does not tell how far a group of {stream.path} has read")


def _stuck(group: ConsumerGroup, seconds: float, least: float) -> bool:
    """Whether entries wait for consumers that are silent, or for ones that have gone on to new entries since.

    A group that works through a backlog has old entries in its hands as well: it has far more before it than in them.
    """
    if group.pending < least or group.oldest_seconds is None or group.oldest_seconds < seconds:
        return False
    return group.silent > 0 or (group.lag is not None and group.lag <= group.pending)


def _unread(stream: Stream, group: ConsumerGroup, seconds: float, least: float) -> bool:
    """Whether nobody asks for what is new in the stream."""
    return _absent(group, seconds) and (group.lag or 0) >= least and stream.entries > 0


def _absent(group: ConsumerGroup, seconds: float) -> bool:
    return group.consumers == 0 or (group.idle_seconds is not None and group.idle_seconds >= seconds)


def _untold(stream: Stream, group: ConsumerGroup, seconds: float, least_pending: float, least_lag: float) -> bool:
    """Whether it would take the lag to judge a group, and the server does not have it: before 7.0, or after XDEL."""
    old = group.oldest_seconds is not None and group.oldest_seconds >= seconds
    may_be_stuck = group.pending >= least_pending and old
    may_be_unread = _absent(group, seconds) and stream.entries >= least_lag
    return group.lag is None and (may_be_stuck or may_be_unread)


def _of_stuck(stream: Stream, groups: list[ConsumerGroup], many: float) -> Flaw:
    worst = max(groups, key=lambda group: (group.pending, group.name))
    silent = sum(group.silent for group in groups)
    return Flaw(
        title=f"Entries of {stream.path} were given out and never finished",
        severity=Severity.HIGH if worst.pending >= many else Severity.MEDIUM,
        evidence=(
            Evidence(name="groups with such entries", value=len(groups), unit="groups", probe="streams"),
            Evidence(name="pending entries of the worst", value=worst.pending, unit="entries", probe="streams"),
            Evidence(name="age of the oldest of them", value=_whole(worst.oldest_seconds), unit="seconds",
                     probe="streams"),
            Evidence(name="consumers of the group", value=worst.consumers, unit="consumers", probe="streams"),
            Evidence(name="silent consumers with entries", value=worst.silent, unit="consumers", probe="streams"),
            Evidence(name="entries not given out yet", value=worst.lag, unit="entries", probe="streams"),
        ),
        impact=Impact(rows=sum(group.pending for group in groups), risk="this work is never done"),
        explanation=f"In {count(len(groups), 'group')} of {stream.path} entries wait to be acknowledged, up to "
        f"{quantity(worst.pending)} in one; the oldest was added {duration(worst.oldest_seconds)} ago."
        + (f" {count(silent, 'consumer')} that {'has' if silent == 1 else 'have'} such entries "
           f"{'has' if silent == 1 else 'have'} not asked for an hour." if silent else ""),
        recommendation=_CLAIM,
        operations=(ChangeApplication(topic="claim-pending", subject=stream.path, instruction=_CLAIM),),
        discriminator="pending",
    )  # fmt: skip


def _of_unread(stream: Stream, groups: list[tuple[Stream, ConsumerGroup]], many: float) -> Flaw:
    worst = max((group for _, group in groups), key=lambda group: (group.lag or 0, group.name))
    return Flaw(
        title=f"A group of {stream.path} is behind and nobody reads it",
        severity=Severity.MEDIUM if (worst.lag or 0) >= many else Severity.LOW,
        evidence=(
            Evidence(name="groups that nobody reads", value=len(groups), unit="groups", probe="streams"),
            Evidence(name="entries that the worst has not read", value=worst.lag, unit="entries", probe="streams"),
            Evidence(name="its consumers", value=worst.consumers, unit="consumers", probe="streams"),
            Evidence(name="since one of them asked", value=_whole(worst.idle_seconds), unit="seconds",
                     probe="streams"),
        ),
        impact=Impact(rows=worst.lag, risk="this work is never begun, or lost when entries are trimmed"),
        explanation=f"{count(len(groups), 'group')} of {stream.path} {'is' if len(groups) == 1 else 'are'} behind by up"
        f" to {quantity(worst.lag)} entries, and "
        + ("no consumer was ever seen in it." if worst.consumers == 0
           else f"nobody has asked for {duration(worst.idle_seconds)}."),
        recommendation=_UNREAD,
        operations=(ChangeApplication(topic="unread-group", subject=stream.path, instruction=_UNREAD),),
        discriminator="unread",
    )  # fmt: skip


def _whole(number: float | None) -> int | None:
    return None if number is None else round(number)
