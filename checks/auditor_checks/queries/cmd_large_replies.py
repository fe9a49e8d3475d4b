"""Single commands move megabytes.

## What
Shapes of commands in the lists of large requests and large replies, at least three times each, with a megabyte or more
on average. Valkey keeps these lists from 8.1 on, with entries from 1 MiB by default.

## Why it matters
A large answer is copied by the only thread, waits in the memory of the server until the client has read it, and takes
the network from everybody: a megabyte a hundred times a second is a gigabit line. The list of slow commands does not
show it, because its time is that of the execution alone.

## When it is fine
Files that somebody fetches now and then: seldom ones are not judged.

## How to fix it
Read the part that is needed (HMGET, GETRANGE, pages of a list), compress values in the client, and keep large objects
in an object store, with their names here.

## Sources
Valkey documentation, "COMMANDLOG"; valkey.conf: commandlog-reply-larger-than, commandlog-request-larger-than.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from auditor.model.check import Check
from auditor.model.facts import Facts
from auditor.model.finding import Evidence, Flaw, Impact, Unknown, Verdict
from auditor.model.operation import ChangeApplication
from auditor.model.units import LOGS, Unit
from auditor.model.vocabulary import Pillar, ProbeOutcome, Severity
from auditor.model.workload import SlowLog
from auditor.text import size
from auditor_checks._nodes import REDIS
from auditor_checks._words import fitting
from auditor_checks.queries._logged import logged
from auditor_checks.queries._statements import short

_PROBE = "large-log"


def _lists(facts: Facts) -> Sequence[SlowLog | Unknown]:
    """The lists, or why they could not be read; nothing on servers that keep none."""
    probe = facts.probes.get(_PROBE)
    if probe is None or probe.outcome is ProbeOutcome.UNSUPPORTED:
        return ()
    if probe.outcome is not ProbeOutcome.OK or facts.workload.slow_log is None:
        return (Unknown(reason=f"the probe {_PROBE} was {probe.outcome}: {probe.reason}", grant=probe.grant),)
    return (facts.workload.slow_log,)


_LISTS = Unit(plural="lists of large commands", items=_lists, subject=LOGS.subject)
CHECK = Check(
    title="Single commands move megabytes",
    passed="No command moves megabytes again and again",
    pillar=Pillar.QUERIES,
    severity=Severity.MEDIUM,
    unit=_LISTS,
    needs=("info",),
    engines=REDIS,
)
_MOVED = {"large-reply": "answered", "large-request": "sent"}
_ADVICE = "Read or write the part that is needed, compress values in the client, or keep large objects elsewhere."


def judge(
    log: SlowLog | Unknown,
    facts: Facts,  # noqa: ARG001 -- every judge has it
    *,
    mean_bytes: float = 1e6,
    high_bytes: float = 1e8,
    min_count: float = 3,
    most: float = 10,
) -> Iterator[Verdict]:
    """Compare the mean size of what was listed with the limits."""
    if isinstance(log, Unknown):
        yield log
        return
    large = [
        entry
        for entry in log.entries
        if entry.kind in _MOVED and entry.count >= min_count and entry.bytes >= mean_bytes * entry.count
    ]
    for entry in sorted(large, key=lambda entry: (-entry.bytes, entry.kind, entry.text))[: int(most)]:
        mean, moved = entry.bytes / entry.count, _MOVED[entry.kind]
        yield Flaw(
            subject=logged(entry),
            title=fitting(f"{entry.text.split(' ')[0]} {moved} {size(mean)} on average, {entry.count:,} times"),
            severity=Severity.HIGH if mean >= high_bytes else Severity.MEDIUM,
            evidence=(
                Evidence(name="command", value=short(entry.text), probe=_PROBE),
                Evidence(name="entries", value=entry.count, unit="calls", probe=_PROBE),
                Evidence(name=f"bytes {moved}, mean", value=round(mean), unit="bytes", probe=_PROBE),
            ),
            impact=Impact(risk="what waits to be sent takes memory from the keys"),
            explanation=f"{short(entry.text)} {moved} {size(mean)} on average in {entry.count:,} listed calls.",
            recommendation=_ADVICE,
            operations=(
                ChangeApplication(
                    topic="large-command", subject=logged(entry).name, instruction=f"{short(entry.text)}: {_ADVICE}"
                ),
            ),
            discriminator=entry.kind,
        )
