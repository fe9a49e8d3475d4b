"""Scripts keep the server busy for long.

## What
EVAL, EVALSHA and FCALL that take five milliseconds or more on average, or fifty in one call of a hundred. The time of
a script holds that of the commands in it.

## Why it matters
A script is atomic: nothing else is done until it ends. A script that loops over many keys is as long as all its
commands together, and after five seconds others are answered BUSY.

## When it is fine
Jobs at times when nobody waits, on a server of their own.

## How to fix it
Let a script work on one entity and let the program loop, with a call for each some hundred of elements. Search and sort
in the program or by structures that need neither.

## Sources
Redis documentation, "Scripting with Lua": atomicity and script execution time; setting busy-reply-threshold
(lua-time-limit before 7.0).
"""

from __future__ import annotations

from collections.abc import Iterator

from auditor.model.check import Check
from auditor.model.facts import Facts
from auditor.model.finding import Evidence, Flaw, Impact
from auditor.model.operation import ChangeApplication
from auditor.model.units import COMMANDS
from auditor.model.vocabulary import Pillar, Severity
from auditor.model.workload import Command
from auditor_checks._commands import SCRIPTS, figures, shapes
from auditor_checks._nodes import REDIS
from auditor_checks._words import fitting

CHECK = Check(
    title="Scripts keep the server busy for long",
    passed="Scripts are short",
    pillar=Pillar.QUERIES,
    severity=Severity.MEDIUM,
    unit=COMMANDS,
    needs=("info",),
    engines=REDIS,
)
_ADVICE = "Let a script work on one entity, some hundred elements at most, and let the program loop."


def judge(
    command: Command, facts: Facts, *, mean_ms: float = 5, high_ms: float = 50, min_calls: float = 10,
    p99_ms: float = 50, p99_calls: float = 1_000,
) -> Iterator[Flaw]:  # fmt: skip
    """Compare what a run takes with the limits."""
    if command.name not in SCRIPTS:
        return
    slow = command.calls >= min_calls and command.mean_ms >= mean_ms
    tail = command.calls >= p99_calls and (command.p99_ms or 0.0) >= p99_ms
    if not slow and not tail:
        return
    name, busy = command.name.upper(), facts.workload.errors.get("BUSY", 0)
    takes = f"takes {command.mean_ms:,.1f} ms on average" if slow else f"takes {command.p99_ms:,.0f} ms in 1 of 100"
    yield Flaw(
        title=fitting(f"{name} {takes}"),
        severity=Severity.HIGH if busy or (slow and command.mean_ms >= high_ms) else Severity.MEDIUM,
        evidence=(
            *figures(command),
            Evidence(name="commands answered BUSY", value=busy, unit="errors", probe="info"),
            *shapes(command, facts),
        ),
        impact=Impact(milliseconds=round(command.milliseconds, 1), risk="every other client waits meanwhile"),
        explanation=f"{name} was called {command.calls:,} times and {takes}; nothing else was done meanwhile.",
        recommendation=_ADVICE,
        operations=(ChangeApplication(topic="script", subject=command.name, instruction=f"{name}: {_ADVICE}"),),
    )
