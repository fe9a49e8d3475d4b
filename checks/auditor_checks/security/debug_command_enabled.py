"""Commands that are for developers of the server are allowed.

## What
enable-debug-command, enable-module-command or enable-protected-configs is yes: DEBUG, MODULE LOAD, and changing where
files are written, for every client that may run commands.

## Why it matters
With these a client that is let in runs code in the server and writes files of the machine. They are off by default
since version 7.0 for that reason.

## When it is fine
A machine for tests. The value local, which allows them from the machine itself, is graded low.

## How to fix it
Set them to no and restart: a replica first, then a failover.

## Sources
Redis documentation, redis.conf: enable-protected-configs, enable-debug-command, enable-module-command.
"""

from __future__ import annotations

from collections.abc import Iterator

from auditor.model.check import Check
from auditor.model.facts import Facts
from auditor.model.finding import Unknown, Verdict
from auditor.model.units import SERVER
from auditor.model.vocabulary import Pillar, Severity
from auditor_checks._nodes import REDIS
from auditor_checks._settings import setting_flaw

CHECK = Check(
    title="Commands for developers of the server are allowed",
    passed="Commands for developers of the server are not allowed",
    pillar=Pillar.SECURITY,
    severity=Severity.MEDIUM,
    unit=SERVER,
    needs=("config",),
    engines=REDIS,
)
HARM = {
    "enable-debug-command": "DEBUG stops the server and reads its memory",
    "enable-module-command": "MODULE LOAD runs code in the server",
    "enable-protected-configs": "CONFIG SET decides where files are written",
}


def judge(_server: Facts, facts: Facts) -> Iterator[Verdict]:
    """Read the three settings; each that is on is a finding of its own."""
    if HARM.keys().isdisjoint(facts.settings):
        yield Unknown(reason="the server has no such settings: before 7.0 accounts alone decide who may run DEBUG")
        return
    for name, harm in HARM.items():
        value = facts.setting(name)
        if value in (None, "no"):
            continue
        yield setting_flaw(
            facts, name, "no", restart=True, severity=Severity.LOW if value == "local" else Severity.MEDIUM,
            title=f"{name} is {value}: {harm}", risk="a client that is let in takes over the server",
            explanation=f"With {value}, {harm}" + (" for clients of the machine itself." if value == "local" else "."),
            recommendation="Set it to no; that waits for a restart.",
        )  # fmt: skip
