"""The cache has its built-in size although the data is much larger.

## What
shared_buffers is at the built-in 128 MB (or less) while the server's databases are many times larger.

## Why it matters
The built-in size lets the server start on any machine; on one that holds this much data it leaves most of the memory
to chance, and pages are copied between two caches.

## When it is fine
The machine really is that small, or only a sliver of the data is in use: the cache's hit ratio tells, and is the
evidence here.

## How to fix it
Set it to about a quarter of the machine's memory and restart (a replica first). The server does not tell how much
memory it has, so this needs a person.

## Sources
PostgreSQL manual, "Resource Consumption: Memory": a reasonable starting value is 25% of the memory of a dedicated
server.
"""

from __future__ import annotations

from collections.abc import Iterator

from auditor.model.check import Check
from auditor.model.facts import Facts
from auditor.model.finding import Evidence, Flaw, Subject, Unknown, Verdict
from auditor.model.operation import ChangeApplication
from auditor.model.units import SERVER
from auditor.model.vocabulary import Confidence, Pillar, Severity
from auditor.text import size

CHECK = Check(
    title="Cache has its built-in size although the data is much larger",
    passed="Cache was sized for the data",
    pillar=Pillar.CACHING,
    severity=Severity.MEDIUM,
    confidence=Confidence.LIKELY,
    unit=SERVER,
    needs=("settings", "databases"),
    engines=("postgresql",),
)
NAME = "shared_buffers"
BUILT_IN = 128 * 1024 * 1024


def judge(_server: Facts, facts: Facts, *, times: float = 8, max_hit_ratio: float = 0.99) -> Iterator[Verdict]:
    """Compare the cache with the data, where the cache has its built-in size and does miss."""
    cache = facts.setting_bytes(NAME)
    if cache is None:
        yield Unknown(reason=f"{NAME} is not visible")
        return
    data = sum(database.bytes or 0 for database in facts.server.databases)
    hit = sum(database.blocks_hit or 0 for database in facts.server.databases)
    read = sum(database.blocks_read or 0 for database in facts.server.databases)
    ratio = hit / (hit + read) if hit + read else None
    if cache > BUILT_IN or data < cache * times or ratio is None or ratio > max_hit_ratio:
        return
    yield Flaw(
        subject=Subject(kind="setting", name=NAME),
        evidence=(
            Evidence(name=NAME, value=cache, unit="bytes", probe="settings"),
            Evidence(name="size of all databases", value=data, unit="bytes", probe="databases"),
            Evidence(name="reads answered by the cache", value=round(ratio, 4), unit="share", probe="databases"),
        ),
        explanation=f"{size(cache)} of cache serve {size(data)} of data, and {1 - ratio:.1%} of the reads miss it.",
        recommendation="Set it to about a quarter of the machine's memory at the next restart.",
        operations=(
            ChangeApplication(
                topic="cache-size",
                subject=NAME,
                instruction=f"Set {NAME} to a quarter of the machine's memory at the next restart, replicas first.",
            ),
        ),
    )
