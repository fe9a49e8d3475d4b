"""The list of slow commands has the same command again and again.

## What
Shapes of commands that stand in the list of slow commands at least three times and took ten milliseconds or more on
average. A shape has patterns for keys and no values. The list holds the last entries only, 128 by default. A command
that is slow in nearly all of its calls is left to the checks of commands.

## Why it matters
Each entry is a stall: one thread executes all commands, so all clients waited for as long. Averages over all calls hide
them, since the same command on a small key is quick.

## When it is fine
Jobs at times when nobody waits. Entries from somebody's investigation by hand: SLOWLOG RESET forgets them.

## How to fix it
Look at the keys of the pattern: their size is nearly always the reason. Ask for less of them at once, or split them.

## Sources
Redis documentation, "SLOWLOG", "Diagnosing latency issues". Valkey documentation, "COMMANDLOG".
"""

from __future__ import annotations

from collections.abc import Iterator

from auditor.model.check import Check
from auditor.model.facts import Facts
from auditor.model.finding import Evidence, Flaw, Impact, Subject, Unknown, Verdict
from auditor.model.operation import ChangeApplication
from auditor.model.units import LOGS
from auditor.model.vocabulary import Pillar, Severity
from auditor.model.workload import SlowEntry, SlowLog
from auditor_checks._commands import is_named_data
from auditor_checks._nodes import REDIS
from auditor_checks._words import fitting
from auditor_checks.queries._logged import logged
from auditor_checks.queries._statements import short

CHECK = Check(
    title="The list of slow commands has the same command again and again",
    passed="No command stands out in the list of slow commands",
    pillar=Pillar.QUERIES,
    severity=Severity.MEDIUM,
    unit=LOGS,
    needs=("slow-log",),
    engines=REDIS,
)
_PROBE = "slow-log"
_MANY = 10
"""Calls from which on the checks of commands judge one."""


def judge(
    log: SlowLog | Unknown,
    facts: Facts,
    *,
    mean_ms: float = 10,
    high_ms: float = 100,
    min_count: float = 3,
    most: float = 10,
) -> Iterator[Verdict]:
    """Compare the mean of the calls that were listed with the limits."""
    if isinstance(log, Unknown):
        yield log
        return
    slow = [entry for entry in log.entries if entry.kind == "slow" and is_named_data(entry.text.split(" ")[0].lower())]
    long = [
        entry
        for entry in slow
        if entry.count >= min_count
        and entry.total_ms >= mean_ms * entry.count
        and not _always(entry.text.split(" ")[0].lower(), facts, entry.total_ms / entry.count)
    ]
    for entry in sorted(long, key=lambda entry: (-entry.total_ms, entry.text))[: int(most)]:
        mean = entry.total_ms / entry.count
        yield Flaw(
            subject=logged(entry),
            title=fitting(f"{entry.text.split(' ')[0]} was slow {entry.count} times, {mean:,.0f} ms on average"),
            severity=Severity.HIGH if mean >= high_ms else Severity.MEDIUM,
            related=_patterns(entry, facts),
            evidence=(
                Evidence(name="command", value=short(entry.text), probe=_PROBE),
                Evidence(name="entries", value=entry.count, unit="calls", probe=_PROBE),
                Evidence(name="mean time", value=round(mean, 2), unit="milliseconds", probe=_PROBE),
                Evidence(name="longest", value=round(entry.maximum_ms, 2), unit="milliseconds", probe=_PROBE),
                Evidence(name="entries of the list", value=log.lines, unit="entries", probe=_PROBE),
            ),
            impact=Impact(milliseconds=round(entry.total_ms, 1), risk="every other client waits meanwhile"),
            explanation=(
                f"{short(entry.text)} stands {entry.count:,} times among the last {log.lines:,} slow commands; it held "
                f"all clients up for {mean:,.0f} ms on average and {entry.maximum_ms:,.0f} ms at most."
            ),
            recommendation="Look at the size of the keys of this pattern; ask for less of them at once, or split them.",
            operations=(
                ChangeApplication(
                    topic="slow-command",
                    subject=logged(entry).name,
                    instruction=f"Let a call do less, or split its keys: {short(entry.text)}",
                ),
            ),
        )


def _always(name: str, facts: Facts, mean_ms: float) -> bool:
    """Whether a command takes about as long in all of its calls: other checks tell of it then."""
    return any(
        command.name == name and command.calls >= _MANY and 2 * command.mean_ms >= mean_ms
        for command in facts.workload.commands
    )


def _patterns(entry: SlowEntry, facts: Facts) -> tuple[Subject, ...]:
    """The patterns of keys that the command names and the sample knows."""
    words = set(entry.text.split(" "))
    return tuple(
        Subject(kind="key-pattern", name=pattern.path) for pattern in facts.keyspace.patterns if pattern.name in words
    )
