"""Nothing tells what holds the server up apart from commands.

## What
The latency monitor is off (latency-monitor-threshold is 0, the default).

## Why it matters
The list of slow commands shows commands only. Forks for snapshots, writes to a slow disk, waves of expiry and of
eviction hold all clients up as well; LATENCY LATEST, HISTORY and DOCTOR have nothing to say about them, and this audit
cannot judge them.

## When it is fine
Something outside measures the latency all the time, as redis-cli --latency-history does.

## How to fix it
Set latency-monitor-threshold to 100 milliseconds, or to what clients bear. The change takes no time and costs next to
nothing.

## Sources
Redis documentation, "Redis latency monitoring"; Valkey documentation, "Latency monitoring".
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
    title="The latency monitor is off",
    passed="The latency monitor is on",
    pillar=Pillar.OPERATIONS,
    severity=Severity.LOW,
    unit=SERVER,
    needs=("config",),
    engines=REDIS,
)
NAME = "latency-monitor-threshold"


def judge(_server: Facts, facts: Facts) -> Iterator[Verdict]:
    """Read from when on a delay is noted."""
    limit = facts.setting_number(NAME)
    if limit is None:
        yield invisible(NAME)
    elif limit <= 0:
        yield setting_flaw(
            facts, NAME, "100", risk="stalls that no command causes are not noted",
            explanation="The latency monitor is off: long forks, disk writes, expiry and eviction leave no trace.",
            recommendation="Set it to 100 milliseconds, or to what clients bear.",
        )  # fmt: skip
