"""Clients found no free connection.

## What
Since the start of the server clients were refused because as many connections as may be were open, or the most
connections at once came near that.

## Why it matters
Each refusal is an error that somebody saw. It often comes in storms: clients that fail try again at once.

## When it is fine
The peak is from an incident that is mended; the counters go back to the start of the server.

## How to fix it
Keep the pools small; raise the limit only as far as the memory reaches.

MySQL, MariaDB: Put a pooler in front.

## Sources
MySQL manual, "Too many connections"; Connection_errors_max_connections, Max_used_connections. MongoDB manual,
serverStatus: connections.rejected (from version 6.3 on). Redis documentation, INFO: rejected_connections.
"""

from __future__ import annotations

from collections.abc import Iterator

from auditor.model.check import Check
from auditor.model.facts import Facts
from auditor.model.finding import Evidence, Flaw, Impact, Subject, Unknown, Verdict
from auditor.model.operation import ChangeApplication, IntroducePooler
from auditor.model.units import SERVER
from auditor.model.vocabulary import Pillar, Severity
from auditor_checks._settings import PRODUCTS, invisible

CHECK = Check(
    title="Connections were refused for want of room",
    passed="No connection was refused for want of room",
    pillar=Pillar.CAPACITY,
    severity=Severity.HIGH,
    unit=SERVER,
    needs=("settings|server-status|info", "status|server-status|info"),
    engines=(*PRODUCTS, "mongodb", "redis"),
)
COUNTERS = (
    ("connections.totalCreated", "connections.rejected", "server-status"),
    ("total_connections_received", "rejected_connections", "info"),
)  # fmt: skip
"""Of servers that count refusals: what counts the connections opened, those refused, and the probe that brings it."""


def judge(_server: Facts, facts: Facts, *, share: float = 0.85) -> Iterator[Verdict]:
    """Read how often the limit was reached, and how near it the peak came."""
    for opened, rejected, probe in COUNTERS:
        if facts.counter(opened) is not None:
            yield from _rejected(facts, opened, rejected, probe)
            return
    refused, peak = facts.counter("connection_errors_max_connections"), facts.counter("max_used_connections")
    limit = facts.setting_number("max_connections")
    if refused is None or peak is None or not limit:
        yield invisible("max_connections")
        return
    if not refused and peak < share * limit:
        return
    yield Flaw(
        title=f"{refused:,.0f} connections were refused"
        if refused
        else f"{peak:,.0f} of {limit:,.0f} connections were taken at once",
        severity=Severity.HIGH if refused else Severity.LOW,
        related=(Subject(kind="setting", name="max_connections"),),
        evidence=(
            Evidence(name="connections refused", value=refused, unit="connections", probe="status"),
            Evidence(name="most connections at once", value=peak, unit="connections", probe="status"),
            Evidence(name="max_connections", value=limit, unit="connections", probe="settings"),
        ),
        impact=Impact(risk="clients fail, and try again all at once"),
        explanation=f"Up to {peak:,.0f} of {limit:,.0f} connections were taken, and {refused:,.0f} clients refused.",
        recommendation="Put a pooler in front of the server and keep the pools small.",
        operations=(IntroducePooler(),),
    )


def _rejected(facts: Facts, counted: str, rejected: str, probe: str) -> Iterator[Verdict]:
    """Read the server's own count of refusals, which newer versions keep."""
    refused, opened = facts.counter(rejected), facts.counter(counted) or 0
    if refused is None:
        yield Unknown(reason="the server does not count the connections that it refuses")
        return
    if not refused:
        return
    instruction = "Give each application one client with a small pool, and share it between requests."
    yield Flaw(
        title=f"{refused:,.0f} connections were refused",
        evidence=(
            Evidence(name="connections refused", value=refused, unit="connections", probe=probe),
            Evidence(name="connections opened", value=opened, unit="connections", probe=probe),
        ),
        impact=Impact(risk="clients fail, and try again all at once"),
        explanation=f"Since the server started {opened:,.0f} connections were opened, and {refused:,.0f} refused.",
        recommendation=instruction,
        operations=(ChangeApplication(topic="connections", subject="server", instruction=instruction),),
    )
