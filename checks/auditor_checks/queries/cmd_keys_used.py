"""Commands walk all keys of the server in one go.

## What
KEYS, called again and again where there are many keys or where it takes noticeable time; FLUSHALL and FLUSHDB, called
again and again; MONITOR, called again and again; SAVE, called three times or more.

## Why it matters
KEYS compares the name of every key with a pattern, and nothing else is done until it is through: its time grows with
all that the server holds, however few keys it finds. FLUSHALL drops the data of everybody who shares the server.
MONITOR makes the server send each command to one more client, which can halve what it manages. SAVE writes all data
to disk, and no client is answered until it is done.

## When it is fine
An administrator called it some times by hand. Few calls are therefore not judged. FLUSHDB between tests, on a server
for tests.

## How to fix it
KEYS: go through the keys in steps with SCAN, or better keep the names that are needed together in a set. FLUSHALL:
let keys expire, or delete those of one pattern. SAVE: BGSAVE does the same in another process. Then forbid the command
to the accounts of applications.

## Sources
Redis documentation, "KEYS": "consider KEYS as a command that should only be used in production environments with
extreme care"; "SCAN"; "MONITOR": "Cost of running MONITOR"; "FLUSHALL"; "SAVE".
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
from auditor_checks._commands import figures, shapes
from auditor_checks._nodes import REDIS

CHECK = Check(
    title="Commands walk all keys in one go",
    passed="No command walks all keys in one go",
    pillar=Pillar.QUERIES,
    severity=Severity.MEDIUM,
    unit=COMMANDS,
    needs=("info",),
    engines=REDIS,
)
_SCAN = "Go through the keys in steps with SCAN and a COUNT of some hundred, or keep the wanted names in a set."
_EXPIRE = "Let keys expire, or delete those of one pattern in steps with SCAN and UNLINK; FLUSHALL is for all users."
_FORK = "Use BGSAVE, which writes in another process."
_WATCH = "Use SLOWLOG, or MONITOR for seconds only and never in a program that stays."


def judge(
    command: Command,
    facts: Facts,
    *,
    min_calls: float = 10,
    min_keys: float = 10_000,
    min_ms: float = 0.5,
    min_saves: float = 3,
    medium_ms: float = 1,
    high_ms: float = 10,
) -> Iterator[Flaw]:
    """Count the calls of each of these commands, where they cost something."""
    if command.calls < (min_saves if command.name == "save" else min_calls):
        return
    keys = sum(database.keys for database in facts.keyspace.databases)
    if command.name == "keys":
        if keys < min_keys and command.mean_ms < min_ms:
            return
        worst = Severity.HIGH if command.mean_ms >= high_ms else Severity.MEDIUM
        yield _flaw(
            command, facts, _SCAN, keys,
            severity=worst if command.mean_ms >= medium_ms else Severity.LOW,
            title=f"KEYS was called {command.calls:,} times",
            explanation=(
                f"KEYS was called {command.calls:,} times and took {command.mean_ms:,.2f} ms on average, in which "
                f"nothing else was done. It visits all keys at each call; there are {keys:,} now."
            ),
            risk="its time grows with the number of keys",
        )  # fmt: skip
    elif command.name in ("flushall", "flushdb"):
        name = command.name.upper()
        yield _flaw(
            command, facts, _EXPIRE, keys, severity=Severity.MEDIUM,
            title=f"{name} was called {command.calls:,} times",
            explanation=f"All keys were dropped {command.calls:,} times by {name}.",
            risk="the data of everybody who shares the server is lost",
        )  # fmt: skip
    elif command.name == "save" and command.mean_ms >= min_ms:
        yield _flaw(
            command, facts, _FORK, keys,
            severity=Severity.HIGH if command.mean_ms >= 100 * high_ms else Severity.MEDIUM,
            title=f"SAVE was called {command.calls:,} times",
            explanation=f"SAVE was called {command.calls:,} times and took {command.mean_ms:,.0f} ms on average.",
            risk="no client is answered until all data is written",
        )  # fmt: skip
    elif command.name == "monitor":
        yield _flaw(
            command, facts, _WATCH, keys, severity=Severity.LOW,
            title=f"MONITOR was called {command.calls:,} times",
            explanation=f"MONITOR was called {command.calls:,} times: a program uses it, not a person.",
            risk="the server sends each command, with its values, to one more client",
        )  # fmt: skip


def _flaw(
    command: Command, facts: Facts, advice: str, keys: int, *,
    severity: Severity, title: str, explanation: str, risk: str,
) -> Flaw:  # fmt: skip
    begin = command.name.upper()
    return Flaw(
        title=title,
        severity=severity,
        evidence=(
            *figures(command),
            Evidence(name="keys", value=keys, unit="keys", probe="info"),
            *shapes(command, facts),
        ),
        impact=Impact(milliseconds=round(command.milliseconds, 1), risk=risk),
        explanation=explanation,
        recommendation=advice,
        operations=(ChangeApplication(topic="whole-keyspace", subject=command.name, instruction=f"{begin}: {advice}"),),
    )
