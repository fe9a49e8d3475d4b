"""Buffers that each session takes are large for all.

## What
sort_buffer_size, join_buffer_size, read_buffer_size or read_rnd_buffer_size was set to many megabytes for the whole
server.

## Why it matters
Each session takes such a buffer for each sort or join, some in full even for a few rows: with a hundred sessions the
memory of the machine is gone, and allocation itself becomes slow.

## When it is fine
A reporting server with few sessions.

## How to fix it
Go back to the default, and let the sessions that need it set more.

## Sources
MySQL manual, "How MySQL Uses Memory" and sort_buffer_size: larger than needed slows most queries down.
"""

from __future__ import annotations

from collections.abc import Iterator

from auditor.model.check import Check
from auditor.model.facts import Facts
from auditor.model.finding import Evidence, Verdict
from auditor.model.units import SERVER
from auditor.model.vocabulary import Pillar, Severity
from auditor.text import size
from auditor_checks._settings import PRODUCTS, invisible, setting_flaw

CHECK = Check(
    title="Every session may take much memory at once",
    passed="Buffers of sessions are small",
    pillar=Pillar.CAPACITY,
    severity=Severity.MEDIUM,
    unit=SERVER,
    needs=("settings",),
    engines=PRODUCTS,
)
BUFFERS = {
    "sort_buffer_size": "262144",
    "join_buffer_size": "262144",
    "read_buffer_size": "131072",
    "read_rnd_buffer_size": "262144",
}
"""Buffers with what the manual has them at by default, in bytes."""


def judge(_server: Facts, facts: Facts, *, max_bytes: float = 8 * 2**20) -> Iterator[Verdict]:
    """Compare each buffer with the limit; what all connections together could take is told with it."""
    connections = facts.setting_number("max_connections")
    if all(facts.setting(name) is None for name in BUFFERS):
        yield invisible(*BUFFERS)
    for name, default in BUFFERS.items():
        value = facts.setting_number(name)
        if value is None or value <= max_bytes:
            continue
        yield setting_flaw(
            facts,
            name,
            default,
            title=f"{name} is {size(value)} for every session",
            severity=Severity.MEDIUM if value > 4 * max_bytes else Severity.LOW,
            evidence=(
                Evidence(name="max_connections", value=connections, unit="connections", probe="settings"),
                Evidence(
                    name="one in every connection",
                    value=None if connections is None else value * connections,
                    unit="bytes",
                    probe="settings",
                ),
            ),
            explanation=f"Each session may take {size(value)} by {name}, more than once in one statement.",
            recommendation="Set the default again, and more in the sessions that need it.",
            risk="a burst of sessions takes the memory of the machine",
        )
