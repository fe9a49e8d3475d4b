"""Commands for tests of the server itself are on.

## What
The parameter enableTestCommands is set.

## Why it matters
It opens commands that are written for the server's own tests: they let clients make it fail, sleep under a lock or
change what replication has written, and no privilege was designed for them.

## When it is fine
Never with data that matters.

## How to fix it
Take the parameter out of the configuration and restart, one member after the other.

## Sources
MongoDB manual, "MongoDB Server Parameters"; the source of the server, src/mongo/db/commands/test_commands.idl.
"""

from __future__ import annotations

from collections.abc import Iterator

from auditor.model.check import Check
from auditor.model.facts import Facts
from auditor.model.finding import Verdict
from auditor.model.units import SERVER
from auditor.model.vocabulary import Pillar, Severity
from auditor_checks._settings import invisible, is_on, setting_flaw

CHECK = Check(
    title="Commands for tests of the server itself are on",
    passed="Commands for tests are off",
    pillar=Pillar.SECURITY,
    severity=Severity.HIGH,
    unit=SERVER,
    needs=("parameters",),
    engines=("mongodb",),
)
NAME = "setParameter.enableTestCommands"


def judge(_server: Facts, facts: Facts) -> Iterator[Verdict]:
    """Read the parameter."""
    value = facts.setting(NAME)
    if value is None:
        yield invisible(NAME)
    elif is_on(value):
        yield setting_flaw(
            facts, NAME, "false", restart=True, risk="clients can make the server fail",
            explanation="Commands that exist to make the server fail in its own tests are open to clients.",
            recommendation="Take the parameter away and restart, one member after the other.",
        )  # fmt: skip
