"""Commands with many keys keep the server busy for long.

## What
MGET, MSET, EXISTS, set operations and others that name many keys, and that take a millisecond or more on average (with
few calls five) or ten in one call of a hundred; UNLINK as well, whose work in the main thread grows with the keys
alone.

## Why it matters
Such a command is one piece of work, however many keys it names: all other clients wait until it is through. In a
cluster it works only as long as all its keys are in one slot.

## When it is fine
Jobs at times when nobody waits.

## How to fix it
Name a hundred keys or so at a time, and send the parts in one pipeline: the server turns to others between them. For
intersections and unions of large sets keep the result, and bring it up to date when a set changes.

## Sources
Redis documentation, "Diagnosing latency issues"; time complexity of "MGET", "SINTER", "SUNION", "ZUNIONSTORE"; "Redis
pipelining".
"""

from __future__ import annotations

from collections.abc import Iterator

from auditor.model.check import Check
from auditor.model.facts import Facts
from auditor.model.finding import Flaw, Impact
from auditor.model.operation import ChangeApplication
from auditor.model.units import COMMANDS
from auditor.model.vocabulary import Pillar, Severity
from auditor.model.workload import Command
from auditor_checks._commands import MANY_KEYS, figures, shapes
from auditor_checks._nodes import REDIS
from auditor_checks._words import fitting

CHECK = Check(
    title="Commands with many keys keep the server busy for long",
    passed="Commands with many keys are short",
    pillar=Pillar.QUERIES,
    severity=Severity.MEDIUM,
    unit=COMMANDS,
    needs=("info",),
    engines=REDIS,
)
_SETS = ("sinter", "sunion", "sdiff", "zinter", "zunion", "zdiff", "pf", "bitop")
_LESS = "Name about a hundred keys in a call, and send the calls in a pipeline."
_KEEP = "Keep the result, and bring it up to date when one of the sets changes, instead of computing it at each call."


def judge(
    command: Command,
    facts: Facts,
    *,
    mean_ms: float = 1,
    high_ms: float = 10,
    min_calls: float = 100,
    few_calls: float = 10,
    few_ms: float = 5,
    p99_ms: float = 10,
    p99_calls: float = 1_000,
) -> Iterator[Flaw]:
    """Compare what a call takes with the limits."""
    if command.name not in {*MANY_KEYS, "unlink"}:
        return
    slow = any(
        command.calls >= calls and command.mean_ms >= limit
        for calls, limit in ((min_calls, mean_ms), (few_calls, few_ms))
    )
    tail = command.calls >= p99_calls and (command.p99_ms or 0.0) >= p99_ms
    if not slow and not tail:
        return
    name, advice = command.name.upper(), _KEEP if command.name.startswith(_SETS) else _LESS
    takes = f"takes {command.mean_ms:,.1f} ms on average" if slow else f"takes {command.p99_ms:,.0f} ms in 1 of 100"
    yield Flaw(
        title=fitting(f"{name} {takes}"),
        severity=Severity.HIGH if slow and command.mean_ms >= high_ms else Severity.MEDIUM,
        evidence=(*figures(command), *shapes(command, facts)),
        impact=Impact(milliseconds=round(command.milliseconds, 1), risk="every other client waits meanwhile"),
        explanation=f"{name} was called {command.calls:,} times and {takes}; all other clients waited meanwhile.",
        recommendation=advice,
        operations=(ChangeApplication(topic="many-keys", subject=command.name, instruction=f"{name}: {advice}"),),
    )
