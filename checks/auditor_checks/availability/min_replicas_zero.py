"""A primary that lost its replicas goes on taking writes.

## What
At least two replicas follow, and min-replicas-to-write is 0.

## Why it matters
When the network parts the primary from its replicas, one of them is promoted, while clients on the old side go on
writing to the old primary. All of that is thrown away when it comes back. min-replicas-to-write bounds it to
min-replicas-max-lag seconds.

## When it is fine
Taking writes at any price is worth more than keeping them: a cache, counters.

## How to fix it
CONFIG SET min-replicas-to-write 1, with min-replicas-max-lag 10. With one replica only, its failure would stop writes:
add a second one first.

## Sources
Redis documentation, "High availability with Redis Sentinel: Example 2: basic setup with three boxes"; "Redis
replication: Allow writes only with N attached replicas".
"""

from __future__ import annotations

from collections.abc import Iterator

from auditor.model.check import Check
from auditor.model.facts import Facts
from auditor.model.finding import Evidence, Unknown, Verdict
from auditor.model.units import SERVER
from auditor.model.vocabulary import Confidence, Pillar, Severity
from auditor_checks._nodes import REDIS, is_durable, of_keys
from auditor_checks._settings import setting_flaw

CHECK = Check(
    title="A primary that lost its replicas goes on taking writes",
    passed="Writes stop when no replica follows, or may be lost",
    pillar=Pillar.AVAILABILITY,
    severity=Severity.LOW,
    confidence=Confidence.POSSIBLE,
    unit=SERVER,
    needs=("info", "config"),
    engines=REDIS,
)
NAMES = ("min-replicas-to-write", "min-slaves-to-write")


def judge(_server: Facts, facts: Facts, *, replicas: float = 2) -> Iterator[Verdict]:
    """Read the setting where enough replicas follow, and what is held is no cache."""
    name = next((name for name in NAMES if name in facts.settings), None)
    if name is None or facts.target.managed:
        yield Unknown(reason=f"{NAMES[0]} is not visible")
        return
    if len(facts.server.replicas) < replicas or facts.setting(name) != "0" or not is_durable(facts):
        return
    yield setting_flaw(
        facts, name, "1",
        evidence=(
            Evidence(name="replicas", value=len(facts.server.replicas), unit="replicas", probe="info"), *of_keys(facts),
        ),
        explanation=f"{len(facts.server.replicas)} replicas follow, and writes go on when none of them does.",
        recommendation="Set it to 1: writes stop when no replica has answered for min-replicas-max-lag seconds.",
        risk="after a failover, what the old primary took meanwhile is lost",
    )  # fmt: skip
