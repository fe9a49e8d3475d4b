"""Committed data may be lost in a crash.

## What
fsync, full_page_writes or synchronous_commit is off for the server.

## Why it matters
Without fsync or full_page_writes a crash of the machine can corrupt the whole database beyond repair. Without
synchronous_commit the last moments' commits are lost in a crash, though nothing is corrupted.

## When it is fine
The server is disposable: test data, a cache that is rebuilt. full_page_writes may be off on storage that guarantees
atomic pages. synchronous_commit may be off for single roles or transactions whose loss is acceptable.

## How to fix it
Switch them on and reload. After fsync is back on, run sync on the machine, then take a fresh base backup.

## Sources
PostgreSQL manual, "Write Ahead Log: Settings"; "Non-Durable Settings".
"""

from __future__ import annotations

from collections.abc import Iterator

from auditor.model.check import Check
from auditor.model.facts import Facts
from auditor.model.finding import Evidence, Flaw, Impact, Subject, Unknown, Verdict
from auditor.model.operation import ResetSetting
from auditor.model.units import SERVER
from auditor.model.vocabulary import Pillar, Severity
from auditor_checks._words import fitting

CHECK = Check(
    title="Committed data may be lost in a crash",
    passed="Commits are durable",
    pillar=Pillar.AVAILABILITY,
    severity=Severity.CRITICAL,
    unit=SERVER,
    needs=("settings",),
    engines=("postgresql",),
)
HARM = {
    "fsync": (Severity.CRITICAL, "a crash of the machine can corrupt the whole database beyond repair"),
    "full_page_writes": (Severity.HIGH, "a crash of the machine can leave torn pages that cannot be repaired"),
    "synchronous_commit": (Severity.MEDIUM, "the commits of the last moments are lost in a crash"),
}


def judge(_server: Facts, facts: Facts) -> Iterator[Verdict]:
    """Read the three settings; each that is off is a finding of its own."""
    for name, (severity, harm) in HARM.items():
        value = facts.setting(name)
        if value is None:
            yield Unknown(reason=f"{name} is not visible")
        elif value == "off":
            yield Flaw(
                title=fitting(f"{name} is off: {harm}"),
                subject=Subject(kind="setting", name=name),
                severity=severity,
                evidence=(Evidence(name=name, value=value, probe="settings"),),
                impact=Impact(risk=harm),
                explanation=f"With {name} off, {harm}.",
                recommendation="Switch it on; a reload is enough.",
                operations=(ResetSetting(name=name, previous=value),),
                discriminator=name,
            )
