"""The server keeps no useful list of slow commands.

## What
The list is off, begins only at more than a tenth of a second, keeps every command, or has less room than 128 entries.

## Why it matters
When users complain there is nothing to look at: a command of fifty milliseconds that comes ten times a second takes
half of all the time and is nowhere to be found, nor is this audit able to judge it. A list of every command holds the
last moment only.

## When it is fine
For as long as somebody investigates with a limit of zero.

## How to fix it
Set slowlog-log-slower-than to 10000 microseconds and slowlog-max-len to 128 or more. The change takes no time; an entry
costs some hundred bytes.

## Sources
Redis documentation, "SLOWLOG"; redis.conf, section SLOW LOG (defaults 10000 and 128). Valkey documentation,
"COMMANDLOG": the same settings are called commandlog-execution-slower-than and commandlog-slow-execution-max-len there,
and the names of old still hold.
"""

from __future__ import annotations

from collections.abc import Iterator

from auditor.model.check import Check
from auditor.model.facts import Facts
from auditor.model.finding import Verdict
from auditor.model.units import SERVER
from auditor.model.vocabulary import Pillar, Severity
from auditor_checks._nodes import REDIS
from auditor_checks._settings import invisible, setting_flaw

CHECK = Check(
    title="The server keeps no useful list of slow commands",
    passed="The server keeps a list of slow commands",
    pillar=Pillar.OPERATIONS,
    severity=Severity.LOW,
    unit=SERVER,
    needs=("config",),
    engines=REDIS,
)
SLOWER, LENGTH = "slowlog-log-slower-than", "slowlog-max-len"


def judge(
    _server: Facts, facts: Facts, *, most_microseconds: float = 100_000, least_entries: float = 128
) -> Iterator[Verdict]:
    """Read from when on a command is slow, and how many are kept."""
    limit, room = facts.setting_number(SLOWER), facts.setting_number(LENGTH)
    if limit is None or room is None:
        yield invisible(SLOWER, LENGTH)
        return
    wrong = _wrong(limit, most_microseconds)
    if wrong is not None:
        yield setting_flaw(
            facts, SLOWER, "10000", risk="what is slow is found by users", explanation=wrong,
            recommendation="Set it to 10000 microseconds, its default.",
        )  # fmt: skip
    if room < least_entries and limit >= 0:
        yield setting_flaw(
            facts, LENGTH, "128", risk="what was slow is forgotten before anybody looks",
            explanation=f"The list of slow commands holds {room:,.0f} entries: newer ones push older ones out.",
            recommendation="Set it to 128, its default, or more.",
        )  # fmt: skip


def _wrong(limit: float, most: float) -> str | None:
    """What is wrong with the limit, None if nothing is."""
    if limit < 0:
        return "The list of slow commands is off."
    if limit == 0:
        return "The list keeps every command, quick ones too: it holds the last moment only."
    if limit > most:
        return f"A command is slow from {limit / 1000:,.0f} ms on; shorter stalls are not listed."
    return None
