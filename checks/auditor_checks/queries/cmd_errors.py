"""Commands fail, and the server counts why.

## What
Errors by their codes since the counters were reset, where one of them is a fault of the operation or comes often: OOM,
MISCONF, NOREPLICAS, CLUSTERDOWN and BUSY at ten or more; READONLY, WRONGTYPE, CROSSSLOT, EXECABORT, LOADING and
MASTERDOWN where they come with one of a thousand commands or more; MOVED, ASK and ERR with one of a hundred; NOSCRIPT
with one of ten scripts.

## Why it matters
An error is work that was not done: a write that was refused, a transaction that was thrown away. A rate that stays for
weeks is a fault that nobody looks at, because many clients of caches swallow errors.

## When it is fine
The counters hold an incident that is mended: CONFIG RESETSTAT sets them to zero. NOSCRIPT once for each script and
client is how scripts are loaded.

## How to fix it
By the code; each finding says what it means and what to do about it.

## Sources
INFO, section Errorstats (from version 6.2 on); Redis documentation, "Redis serialization protocol specification":
simple errors; "Redis cluster specification": MOVED and ASK redirection.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from auditor.model.check import Check
from auditor.model.facts import Facts
from auditor.model.finding import Evidence, Flaw, Impact, Subject, Unknown, Verdict
from auditor.model.operation import ChangeApplication
from auditor.model.units import SERVER
from auditor.model.vocabulary import Pillar, Severity
from auditor_checks._commands import called
from auditor_checks._nodes import REDIS
from auditor_checks._words import percent

CHECK = Check(
    title="Commands fail again and again",
    passed="Commands hardly ever fail",
    pillar=Pillar.QUERIES,
    severity=Severity.MEDIUM,
    unit=SERVER,
    needs=("info",),
    engines=REDIS,
)
VERSION = 60200


class _Code(NamedTuple):
    """What an error means, what to do about it, how bad it is, and from which share of the commands on it counts."""

    means: str
    advice: str
    severity: Severity
    share: float = 0.0


_CODES = {
    "OOM": _Code("writes were refused because the memory limit was reached and nothing could be evicted",
                 "Raise maxmemory, let keys expire, or choose a policy that evicts.", Severity.HIGH),
    "MISCONF": _Code("writes were refused because the last snapshot could not be saved",
                     "Find in the server's log why saving fails: no room on disk, no right, no memory for the copy.",
                     Severity.HIGH),
    "NOREPLICAS": _Code("writes were refused because too few replicas were in time",
                        "Have more replicas than min-replicas-to-write asks for, and find out why they lag.",
                        Severity.HIGH),
    "CLUSTERDOWN": _Code("commands were refused because a part of the keys had no server",
                         "Give each primary a replica in another zone; see whether all slots are covered.",
                         Severity.HIGH),
    "BUSY": _Code("commands were refused because a script ran for seconds",
                  "Let scripts work on less at a time; SCRIPT KILL ends one that has not written.", Severity.HIGH),
    "READONLY": _Code("writes were sent to a replica",
                      "Let the client follow the primary: by Sentinel, by the cluster, or by the service's endpoint.",
                      Severity.MEDIUM, 0.001),
    "WRONGTYPE": _Code("a command met a key of another type than it works on",
                       "Two programs use one name for two things, or a key was not deleted before its type changed: "
                       "give them names of their own.", Severity.MEDIUM, 0.001),
    "CROSSSLOT": _Code("commands named keys of different slots, which a cluster refuses",
                       "Give keys that are used together a common hash tag, or send a command for each.",
                       Severity.MEDIUM, 0.001),
    "EXECABORT": _Code("transactions were thrown away because one of their commands was wrong",
                       "Look in the application's log for the error of the command that was queued.",
                       Severity.MEDIUM, 0.001),
    "LOADING": _Code("commands came while the server was loading its data after a start",
                     "Let clients wait and try again; find out why the server was restarted.", Severity.LOW, 0.001),
    "MASTERDOWN": _Code("reads were refused by a replica that had lost its primary",
                        "Find out why the link breaks; replica-serve-stale-data says whether old data is answered.",
                        Severity.MEDIUM, 0.001),
    "MOVED": _Code("clients asked the wrong server of the cluster",
                   "Use a client that knows clusters and keeps the map of slots between commands.",
                   Severity.MEDIUM, 0.01),
    "ASK": _Code("clients asked for keys that were being moved",
                 "Let the move of the slots come to its end; see that none was left open.", Severity.LOW, 0.01),
    "ERR": _Code("commands were wrong: unknown, with wrong words, or on values of a wrong form",
                 "Look in the application's log for the texts of the errors.", Severity.LOW, 0.01),
}  # fmt: skip
_LOAD = "Load scripts when a connection is made, and keep the server's cache of scripts: do not call SCRIPT FLUSH."


def judge(
    _server: Facts, facts: Facts, *, min_errors: float = 10, min_rare: float = 100, script_share: float = 0.1
) -> Iterator[Verdict]:
    """Compare each error with its limit."""
    if facts.version < VERSION:
        yield Unknown(reason="the server counts errors by their codes since version 6.2")
        return
    commands = sum(command.calls + (command.rejected or 0) for command in facts.workload.commands)
    for code, number in facts.workload.errors.items():
        known = _CODES.get(code)
        enough = min_errors if known is not None and not known.share else min_rare
        if known is not None and number >= max(enough, known.share * commands):
            yield _flaw(facts, code, known, number, commands)
    unknown, scripts = facts.workload.errors.get("NOSCRIPT", 0), called(facts, "evalsha", "evalsha_ro")
    if unknown >= max(min_rare, script_share * scripts):
        told = _Code("scripts were called that the server did not know any more", _LOAD, Severity.LOW)
        yield _flaw(facts, "NOSCRIPT", told, unknown, scripts)


def _flaw(facts: Facts, code: str, known: _Code, number: int, commands: int) -> Flaw:
    failing = sorted(
        (command for command in facts.workload.commands if (command.failed or 0) + (command.rejected or 0) > 0),
        key=lambda command: (-(command.failed or 0) - (command.rejected or 0), command.name),
    )
    return Flaw(
        title=f"{number:,} commands ended in the error {code}",
        severity=known.severity,
        related=tuple(Subject(kind="command", name=command.name) for command in failing[:5]),
        evidence=(
            Evidence(name=f"errors {code}", value=number, unit="errors", probe="info"),
            Evidence(
                name="calls of scripts by name" if code == "NOSCRIPT" else "commands",
                value=commands, unit="calls", probe="info",
            ),
        ),
        impact=Impact(risk="what the commands were to do was not done"),
        explanation=f"{number:,} errors {code}: {known.means}. Of {commands:,} calls these are "
        f"{percent(min(1.0, number / max(1, commands)))}.",
        recommendation=known.advice,
        operations=(ChangeApplication(topic="errors", subject=code, instruction=f"{code}: {known.advice}"),),
        discriminator=code,
    )  # fmt: skip
