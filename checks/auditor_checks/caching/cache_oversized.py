"""The cache leaves the machine no memory for anything else.

## What
The storage engine's cache may take most of the memory that the server may use, by the limit of its control group where
it has one.

## Why it matters
Connections, sorts, aggregations and the file system's own cache live outside of it. Under load the kernel then ends the
server, or the machine swaps. A server in a container that reckons with the memory of its host is the usual case.

## When it is fine
Never for long; up to the limit the machine serves nothing else.

## How to fix it
Leave the size to the server, which takes half of the memory beyond a gigabyte, or set that much by hand where several
servers share a machine.

## Sources
MongoDB manual, "storage.wiredTiger.engineConfig.cacheSizeGB": the larger of 50 % of (memory - 1 GB) and 256 MB.
"""

from __future__ import annotations

from collections.abc import Iterator

from auditor.model.check import Check
from auditor.model.facts import Facts
from auditor.model.finding import Evidence, Flaw, Impact, Unknown, Verdict
from auditor.model.operation import SetSetting
from auditor.model.units import SERVER
from auditor.model.vocabulary import Pillar, Severity
from auditor.text import size
from auditor_checks._words import percent

CHECK = Check(
    title="Cache leaves no memory for anything else",
    passed="Cache leaves memory for everything else",
    pillar=Pillar.CACHING,
    severity=Severity.HIGH,
    unit=SERVER,
    needs=("server-status", "host"),
    engines=("mongodb",),
)
LIMIT = "wiredTiger.cache.maximum bytes configured"
GIGABYTE = 2**30


def judge(_server: Facts, facts: Facts, *, share: float = 0.7, high_share: float = 0.9) -> Iterator[Verdict]:
    """Compare the cache with the memory that the server may use."""
    cache, memory = facts.counter(LIMIT), facts.server.memory_bytes
    if cache is None or not memory:
        yield Unknown(reason="the cache or the memory of the machine is not visible")
        return
    if cache < share * memory:
        return
    wanted = max(0.5 * (memory - GIGABYTE), 0.25 * GIGABYTE) / GIGABYTE
    yield Flaw(
        title=f"Cache may take {percent(cache / memory)} of the memory",
        severity=Severity.HIGH if cache >= high_share * memory else Severity.MEDIUM,
        evidence=(
            Evidence(name="size of the cache", value=cache, unit="bytes", probe="server-status"),
            Evidence(name="memory that the server may use", value=memory, unit="bytes", probe="host"),
            Evidence(name="share", value=round(cache / memory, 3), unit="share", probe="server-status"),
        ),
        impact=Impact(risk="the kernel ends the server under load"),
        explanation=f"Of {size(memory)} the cache may take {size(round(cache))}; connections and sorts come on top.",
        recommendation=f"Set it to {wanted:.2f} GB, or leave it to the server, at the next restart.",
        operations=(
            SetSetting(name="storage.wiredTiger.engineConfig.cacheSizeGB", value=f"{wanted:.2f}",
                       previous=facts.setting("storage.wiredTiger.engineConfig.cacheSizeGB"), restart=True),
        ),
    )  # fmt: skip
