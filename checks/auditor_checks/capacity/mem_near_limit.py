"""Memory is near its limit, and little can be evicted.

## What
What counts towards maxmemory as a share of it, where the policy refuses writes (noeviction) or may only evict keys with
a time to live, and few have one. Where any key may be evicted, a full memory is what a cache is for, and nothing is
reported.

## Why it matters
At the limit every command that needs memory is refused (OOM): the application can no longer write.

## When it is fine
The data has reached its size and does not grow.

## How to fix it
Raise maxmemory while the machine has memory; give keys that need not stay a time to live; spread the keys over more
servers.

## Sources
Redis documentation, "Key eviction"; INFO: used_memory, mem_not_counted_for_evict.
"""

from __future__ import annotations

from collections.abc import Iterator

from auditor.model.check import Check
from auditor.model.facts import Facts
from auditor.model.finding import Evidence, Flaw, Impact, Verdict
from auditor.model.operation import MoveToCluster, SetSetting
from auditor.model.server import Node
from auditor.model.units import PRIMARIES
from auditor.model.vocabulary import Pillar, Severity
from auditor.text import size
from auditor_checks._nodes import REDIS, counted_by, expiring_share, number, of_keys

CHECK = Check(
    title="Memory is near its limit",
    passed="Memory is well below its limit, or the policy makes room",
    pillar=Pillar.CAPACITY,
    severity=Severity.HIGH,
    unit=PRIMARIES,
    needs=("info",),
    engines=REDIS,
)


def judge(
    node: Node, facts: Facts, *, share: float = 0.85, critical_share: float = 0.95, evictable: float = 0.25
) -> Iterator[Verdict]:
    """Compare what counts with the limit; under a volatile policy at least ``evictable`` of the keys should expire."""
    limit = number(node, "maxmemory")
    policy = node.states.get("maxmemory_policy", "noeviction")
    if not limit or policy.startswith("allkeys-"):
        return
    if policy.startswith("volatile-") and expiring_share(facts) >= evictable:
        return
    used = number(node, "used_memory") - number(node, "mem_not_counted_for_evict")
    if used < share * limit:
        return
    refused, machine = facts.workload.errors.get("OOM", 0), number(node, "total_system_memory")
    wanted = int(limit * 1.5)
    room = machine and number(node, "used_memory_rss") + wanted - limit < 0.8 * machine
    yield Flaw(
        title=f"{used / limit:.0%} of maxmemory is in use, and {'nothing' if policy == 'noeviction' else 'little'} "
        "can be evicted",
        severity=Severity.CRITICAL if used >= critical_share * limit or refused else Severity.HIGH,
        evidence=(
            Evidence(name="memory that counts", value=int(used), unit="bytes", probe="info"),
            *counted_by(node, (("maxmemory", "bytes"), ("total_system_memory", "bytes"), ("evicted_keys", "keys"))),
            Evidence(name="maxmemory_policy", value=policy, probe="info"), *of_keys(facts),
            Evidence(name="commands refused (OOM)", value=refused, unit="commands", probe="info"),
        ),
        impact=Impact(risk="writes are refused"),
        explanation=f"{size(used)} of {size(limit)} are in use under the policy {policy}"
        + (f"; {refused:,} commands were refused already." if refused else "; at the limit writes are refused."),
        recommendation=f"Raise maxmemory to {size(wanted)}, then look at what grows." if room
        else "The machine has no room for a higher limit: let keys expire, or spread them over more servers.",
        operations=(SetSetting(name="maxmemory", value=str(wanted), previous=str(int(limit))),) if room
        else (MoveToCluster(),),
    )  # fmt: skip
