"""Deleting keys keeps the server busy.

## What
DEL takes half a millisecond or more on average, or five in one call of a hundred, while lazyfree-lazy-user-del is no.

## Why it matters
DEL gives back the memory of each element before it answers, and everybody waits: a set of a million members takes a
good part of a second. UNLINK takes the key away at once and gives back the memory in another thread.

## When it is fine
Keys are small: then DEL is as quick as UNLINK, and it is not judged.

## How to fix it
Set lazyfree-lazy-user-del to yes, which makes DEL an UNLINK (Valkey does so by default since 8.0), or let the
application use UNLINK. The change takes no time.

## Sources
Redis documentation, "UNLINK", "DEL"; redis.conf, section LAZY FREEING. Valkey 8.0 release notes.
"""

from __future__ import annotations

from collections.abc import Iterator

from auditor.model.check import Check
from auditor.model.facts import Facts
from auditor.model.finding import Evidence, Flaw, Impact, Unknown, Verdict
from auditor.model.operation import SetSetting
from auditor.model.units import COMMANDS
from auditor.model.vocabulary import Pillar, Severity
from auditor.model.workload import Command
from auditor_checks._commands import figures, shapes
from auditor_checks._nodes import REDIS
from auditor_checks._settings import is_on
from auditor_checks._words import fitting

CHECK = Check(
    title="Deleting keys keeps the server busy",
    passed="Deleting keys does not keep the server busy",
    pillar=Pillar.QUERIES,
    severity=Severity.MEDIUM,
    unit=COMMANDS,
    needs=("info",),
    engines=REDIS,
)
NAME = "lazyfree-lazy-user-del"


def judge(
    command: Command,
    facts: Facts,
    *,
    mean_ms: float = 0.5,
    high_ms: float = 10,
    min_calls: float = 10,
    p99_ms: float = 5,
    p99_calls: float = 1_000,
) -> Iterator[Verdict]:
    """Compare what a DEL takes with the limits, unless it is an UNLINK."""
    slow = command.calls >= min_calls and command.mean_ms >= mean_ms
    tail = command.calls >= p99_calls and (command.p99_ms or 0.0) >= p99_ms
    if command.name != "del" or not (slow or tail):
        return
    lazy = facts.setting(NAME)
    if lazy is None:
        yield Unknown(reason=f"{NAME} is not visible")
        return
    if is_on(lazy):
        return
    takes = f"takes {command.mean_ms:,.1f} ms on average" if slow else f"takes {command.p99_ms:,.0f} ms in 1 of 100"
    yield Flaw(
        title=fitting(f"DEL {takes}"),
        severity=Severity.HIGH if slow and command.mean_ms >= high_ms else Severity.MEDIUM,
        evidence=(*figures(command), *shapes(command, facts), Evidence(name=NAME, value=lazy, probe="config")),
        impact=Impact(milliseconds=round(command.milliseconds, 1), risk="every other client waits meanwhile"),
        explanation=f"DEL was called {command.calls:,} times and {takes} to give back memory.",
        recommendation=f"Set {NAME} to yes, or let the application use UNLINK.",
        operations=(SetSetting(name=NAME, value="yes", previous=lazy),),
    )
