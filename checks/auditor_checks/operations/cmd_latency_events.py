"""Something other than commands held the server up.

## What
Events of the latency monitor that took a tenth of a second or more and came within the last seven days: forks, writes
and syncs of the append-only file, waves of expiry and eviction, commands that are quick by nature and were not.

## Why it matters
All clients waited for as long. That is what they feel as time-outs, although no command is slow.

## When it is fine
The event is from maintenance that was announced: LATENCY RESET forgets it. Slow commands have events as well
("command"): the list of slow commands tells more of them, and they are not judged here.

## How to fix it
It depends on the event, and each finding says it: smaller instances and no transparent huge pages for forks, a quicker
disk or appendfsync everysec for the append-only file, spread times to live for expiry.

## Sources
Redis documentation, "Redis latency monitoring" (events), "Diagnosing latency issues".
"""

from __future__ import annotations

from collections.abc import Iterator

from auditor.model.check import Check
from auditor.model.facts import Facts
from auditor.model.finding import Evidence, Flaw, Impact
from auditor.model.operation import ChangeApplication
from auditor.model.units import LATENCY_EVENTS
from auditor.model.vocabulary import Pillar, Severity
from auditor.model.workload import LatencyEvent
from auditor_checks._nodes import REDIS
from auditor_checks._words import fitting

CHECK = Check(
    title="Something other than commands held the server up",
    passed="Nothing but commands held the server up",
    pillar=Pillar.OPERATIONS,
    severity=Severity.MEDIUM,
    unit=LATENCY_EVENTS,
    needs=("latency",),
    engines=REDIS,
)
_PROBE = "latency"
_ADVICE = (
    ("fork", "making the copy for a snapshot, a rewrite or a replica",
     "Keep instances small, turn transparent huge pages off, and let a replica save the snapshots."),
    ("aof-fsync-always", "waiting for the disk at each write",
     "Use appendfsync everysec, or a disk that syncs in less than a millisecond."),
    ("aof-", "writing the append-only file",
     "Give the append-only file a disk of its own, or set no-appendfsync-on-rewrite to yes if a loss can be borne."),
    ("expire-", "deleting keys whose time was over",
     "Spread the times to live with a random part, and set lazyfree-lazy-expire to yes."),
    ("evict", "evicting keys to make room",
     "Give the server more memory or its keys shorter lives, and set lazyfree-lazy-eviction to yes."),
    ("active-defrag", "moving memory to close gaps", "Lower active-defrag-cycle-max."),
    ("rdb-", "deleting the file of a snapshot",
     "Let a replica save the snapshots, or use a file system that deletes quickly."),
    ("fast-command", "executing commands that are quick by nature",
     "Look at the machine: swapping, a virtual machine that waits for a processor, forks at the same moment."),
)  # fmt: skip
_OTHERWISE = ("doing something that is neither a command nor listed here", "Ask LATENCY DOCTOR and LATENCY HISTORY.")
_COMMANDS = ("command", "command-unblocking")


def judge(
    event: LatencyEvent, facts: Facts, *, least_ms: float = 100, high_ms: float = 1_000, most_days: float = 7
) -> Iterator[Flaw]:
    """Compare the longest time with the limit, where it happened lately."""
    age = facts.age(event.at)
    if event.name in _COMMANDS or event.maximum_ms < least_ms or age is None or age.days >= most_days:
        return
    doing, advice = next((words for start, *words in _ADVICE if event.name.startswith(start)), _OTHERWISE)
    yield Flaw(
        title=fitting(f"The server was held up for {event.maximum_ms:,.0f} ms ({event.name})"),
        severity=Severity.HIGH if event.maximum_ms >= high_ms else Severity.MEDIUM,
        evidence=(
            Evidence(name="longest", value=event.maximum_ms, unit="milliseconds", probe=_PROBE),
            Evidence(name="last time", value=event.last_ms, unit="milliseconds", probe=_PROBE),
            Evidence(name="when last", value=event.at, probe=_PROBE),
        ),
        impact=Impact(risk="all clients wait, and some of them give up"),
        explanation=(
            f"The server spent {event.maximum_ms:,.0f} ms at most, and {event.last_ms:,.0f} ms the last time, {doing}."
        ),
        recommendation=advice,
        operations=(ChangeApplication(topic="latency", subject=event.name, instruction=advice),),
    )
