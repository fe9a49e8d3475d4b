"""The servers of the cluster have unequal parts.

## What
A primary owns far more slots than its equal share, or holds far more bytes than the others do on average.

## Why it matters
The largest server decides when the cluster is full, and is the first to be slow, while others have room.

## When it is fine
Machines of different sizes, on purpose; or the cluster is being reshaped just now.

## How to fix it
Move slots from the largest to the smallest while clients go on: redis-cli --cluster rebalance. Bytes that are unequal
over equal slots come from hash tags or from big keys, which have to be spread first.

## Sources
Redis documentation, "Scale with Redis Cluster: Reshard the cluster"; redis-cli --cluster check (threshold of 2 %).
"""

from __future__ import annotations

from collections.abc import Iterator

from auditor.model.check import Check
from auditor.model.facts import Facts
from auditor.model.finding import Evidence, Flaw, Impact, Verdict
from auditor.model.operation import ChangeApplication
from auditor.model.server import Node
from auditor.model.vocabulary import Pillar, Severity
from auditor.text import size
from auditor_checks._nodes import REDIS, SHARDS, number

CHECK = Check(
    title="The servers of the cluster have unequal parts",
    passed="The servers of the cluster have about equal parts",
    pillar=Pillar.CAPACITY,
    severity=Severity.MEDIUM,
    unit=SHARDS,
    needs=("cluster", "info"),
    engines=REDIS,
)


def judge(
    node: Node, facts: Facts, *, share: float = 0.2, bytes_share: float = 0.5, min_bytes: float = 100e6
) -> Iterator[Verdict]:
    """Compare a primary with the mean of all: in slots by ``share``, in bytes of data by ``bytes_share``."""
    shards = [one for one in facts.server.nodes if one.slots]
    if len(shards) < 2 or not node.slots:
        return
    mean = sum(one.slots or 0 for one in shards) / len(shards)
    sizes = [number(one, "used_memory_dataset") for one in shards if "used_memory_dataset" in one.counters]
    held, typical = number(node, "used_memory_dataset"), sum(sizes) / max(1, len(sizes))
    by_slots = node.slots / mean - 1
    by_bytes = held / typical - 1 if typical >= min_bytes and len(sizes) == len(shards) else 0.0
    if by_slots <= share and by_bytes <= bytes_share:
        return
    uneven = by_bytes > bytes_share
    more = f"{by_slots:.0%} more slots" if by_slots > share else f"{by_bytes:.0%} more data"
    yield Flaw(
        title=f"A server of the cluster has {more} than the mean",
        severity=Severity.MEDIUM if uneven or by_slots > 3 * share else Severity.LOW,
        evidence=(
            Evidence(name="slots", value=node.slots, unit="slots", probe="cluster"),
            Evidence(name="mean of all", value=round(mean), unit="slots", probe="cluster"),
            Evidence(name="data", value=int(held), unit="bytes", probe="info"),
            Evidence(name="mean of all", value=int(typical), unit="bytes", probe="info"),
        ),
        impact=Impact(risk="this server is full and slow before the others"),
        explanation=f"It owns {node.slots:,} slots and holds {size(held)}; the mean is {mean:,.0f} and "
        f"{size(typical)}.",
        recommendation="Spread big keys and hash tags, then rebalance the slots by weight."
        if uneven else "Rebalance the slots while clients go on.",
        operations=(
            ChangeApplication(
                topic="rebalance", subject="server",
                instruction="Run redis-cli --cluster rebalance with --cluster-simulate first, then at a quiet time.",
            ),
        ),
    )  # fmt: skip
