"""A move of slots was never finished.

## What
Slots that are marked as being given away or taken over.

## Why it matters
While it lasts, commands on several keys of such a slot may fail (TRYAGAIN), and each command on a key that has moved is
redirected. Tools refuse to rebalance or to add servers.

## When it is fine
The cluster is being reshaped just now.

## How to fix it
Find out that no move is running, then finish it: redis-cli --cluster fix.

## Sources
Redis documentation, CLUSTER SETSLOT; "Redis cluster specification: Cluster live reconfiguration".
"""

from __future__ import annotations

from collections.abc import Iterator

from auditor.model.check import Check
from auditor.model.facts import Facts
from auditor.model.finding import Evidence, Flaw, Impact, Verdict
from auditor.model.operation import ChangeApplication
from auditor.model.server import Node
from auditor.model.vocabulary import Confidence, Pillar, Severity
from auditor_checks._nodes import CLUSTER_MEMBERS, REDIS, number

CHECK = Check(
    title="A move of slots was never finished",
    passed="No move of slots is open",
    pillar=Pillar.OPERATIONS,
    severity=Severity.MEDIUM,
    confidence=Confidence.LIKELY,
    unit=CLUSTER_MEMBERS,
    needs=("cluster",),
    engines=REDIS,
)
LEAVING, COMING = "cluster.slots_leaving", "cluster.slots_coming"


def judge(node: Node, _facts: Facts) -> Iterator[Verdict]:
    """Count the slots that a member marks."""
    leaving, coming = number(node, LEAVING), number(node, COMING)
    if not leaving and not coming:
        return
    yield Flaw(
        title=f"{leaving + coming:,.0f} slots of a server are being moved",
        evidence=(
            Evidence(name="slots given away", value=int(leaving), unit="slots", probe="cluster"),
            Evidence(name="slots taken over", value=int(coming), unit="slots", probe="cluster"),
        ),
        impact=Impact(risk="commands on several keys fail, and the cluster cannot be reshaped"),
        explanation=f"The server marks {leaving:,.0f} slots as leaving and {coming:,.0f} as coming.",
        recommendation="If no move is running, finish it: redis-cli --cluster fix.",
        operations=(
            ChangeApplication(
                topic="open-slots", subject=f"server {node.name}",
                instruction="Find out that no move of slots is running, then finish it: redis-cli --cluster fix.",
            ),
        ),
    )  # fmt: skip
