"""Memory for sorting, multiplied by connections, is beyond any machine.

## What
work_mem times the connections that may run at once exceeds the limit.

## Why it matters
Each sort, hash or materialisation of each session may take that much. In a busy moment the machine runs out of memory
and the operating system kills the server.

## When it is fine
The machine has that memory, or a pooler keeps the number of sessions at work small.

## How to fix it
Keep the server's value modest, and raise it for the roles or statements that need it; put a pooler in front.

## Sources
PostgreSQL manual, "Resource Consumption: Memory": the total memory used could be many times the value of work_mem.
"""

from __future__ import annotations

from collections.abc import Iterator

from auditor.model.check import Check
from auditor.model.facts import Facts
from auditor.model.finding import Evidence, Flaw, Impact, Subject, Unknown, Verdict
from auditor.model.operation import SetSetting
from auditor.model.units import SERVER
from auditor.model.vocabulary import Confidence, Pillar, Severity
from auditor.text import size

CHECK = Check(
    title="Memory for sorting could exceed the machine's",
    passed="Memory for sorting is bounded",
    pillar=Pillar.CAPACITY,
    severity=Severity.MEDIUM,
    confidence=Confidence.POSSIBLE,
    unit=SERVER,
    needs=("settings",),
    engines=("postgresql",),
)
NAME = "work_mem"


def judge(_server: Facts, facts: Facts, *, times_cache: float = 8, minimum_bytes: float = 16e9) -> Iterator[Verdict]:
    """Compare work_mem in every connection with the cache, which stands for a quarter of the machine."""
    work, cache = facts.setting_bytes(NAME), facts.setting_bytes("shared_buffers")
    connections = facts.setting_number("max_connections")
    if work is None or cache is None or connections is None:
        yield Unknown(reason=f"{NAME}, shared_buffers or max_connections is not visible")
        return
    worst = int(work * connections)
    memory = facts.server.memory_bytes or cache * times_cache
    if worst < max(memory, minimum_bytes):
        return
    yield Flaw(
        subject=Subject(kind="setting", name=NAME),
        evidence=(
            Evidence(name=NAME, value=work, unit="bytes", probe="settings"),
            Evidence(name="max_connections", value=connections, unit="connections", probe="settings"),
            Evidence(name="one sort in every connection", value=worst, unit="bytes", probe="settings"),
            Evidence(name="shared_buffers", value=cache, unit="bytes", probe="settings"),
        ),
        impact=Impact(risk="the operating system kills the server in a busy moment"),
        explanation=(
            f"One sort in each of {connections:.0f} connections may take {size(worst)}, while the cache of "
            f"{size(cache)} speaks for a smaller machine."
        ),
        recommendation="Lower the server's value, raise it for the roles that need it, and put a pooler in front.",
        operations=(SetSetting(name=NAME, value="16MB", previous=facts.setting(NAME)),),
    )
