"""The planner is told of a smaller cache than the server itself has.

## What
effective_cache_size is smaller than shared_buffers, or than the planner needs to believe that indexes stay cached.

## Why it matters
The planner thinks that index pages must come from disk and prefers full scans.

## When it is fine
Never below shared_buffers; it costs no memory.

## How to fix it
Set it to the memory that the operating system can use for caching, usually half to three quarters of the machine; a
reload is enough.

## Sources
PostgreSQL manual, "Planner Cost Constants": effective_cache_size.
"""

from __future__ import annotations

from collections.abc import Iterator

from auditor.model.check import Check
from auditor.model.facts import Facts
from auditor.model.finding import Evidence, Flaw, Subject, Unknown, Verdict
from auditor.model.operation import SetSetting
from auditor.model.units import SERVER
from auditor.model.vocabulary import Pillar, Severity
from auditor.text import size

CHECK = Check(
    title="Planner is told of a smaller cache than there is",
    passed="Planner knows of the cache",
    pillar=Pillar.CACHING,
    severity=Severity.MEDIUM,
    unit=SERVER,
    needs=("settings",),
    engines=("postgresql",),
)
NAME = "effective_cache_size"


def judge(_server: Facts, facts: Facts) -> Iterator[Verdict]:
    """Compare the planner's cache with the server's own."""
    told, own = facts.setting_bytes(NAME), facts.setting_bytes("shared_buffers")
    if told is None or own is None:
        yield Unknown(reason=f"{NAME} or shared_buffers is not visible")
        return
    if told >= own:
        return
    yield Flaw(
        subject=Subject(kind="setting", name=NAME),
        evidence=(
            Evidence(name=NAME, value=told, unit="bytes", probe="settings"),
            Evidence(name="shared_buffers", value=own, unit="bytes", probe="settings"),
        ),
        explanation=f"The planner believes in {size(told)} of cache while the server alone has {size(own)}.",
        recommendation=f"Set it to at least {size(own * 3)} if the machine has that memory; a reload is enough.",
        operations=(SetSetting(name=NAME, value=f"{own * 3 // 1024 // 1024}MB", previous=facts.setting(NAME)),),
    )
