"""A server of the cluster has failed.

## What
A member that the others agree is down, a primary that could not be reached by the audit, or a replica that is down.

## Why it matters
What it held is served by its replica, if there is one, and has one copy less than planned. Who is known and gone for
good slows elections and confuses clients that learn the cluster's shape.

## When it is fine
It is being restarted just now.

## How to fix it
Bring it back, or have all others forget it (CLUSTER FORGET) and put a new replica in its place.

## Sources
Redis documentation, CLUSTER NODES (flags fail, fail?); CLUSTER FORGET.
"""

from __future__ import annotations

from collections.abc import Iterator

from auditor.model.check import Check
from auditor.model.facts import Facts
from auditor.model.finding import Evidence, Flaw, Impact, Unknown, Verdict
from auditor.model.operation import ChangeApplication
from auditor.model.server import Node
from auditor.model.vocabulary import Pillar, Severity
from auditor_checks._nodes import CLUSTER_MEMBERS, REDIS, number

CHECK = Check(
    title="A server of the cluster has failed",
    passed="Every server of the cluster answers",
    pillar=Pillar.AVAILABILITY,
    severity=Severity.HIGH,
    unit=CLUSTER_MEMBERS,
    needs=("cluster",),
    engines=REDIS,
)


def judge(node: Node, _facts: Facts) -> Iterator[Verdict]:
    """Read how the target sees a member and its replicas, and whether it could be asked."""
    state, copies = node.states.get("cluster_member"), number(node, "cluster.replicas_failed")
    unreached = node.states.get("asked") == "no"
    if state == "failed":
        harm = "has failed" + (f" and owns {node.slots:,} slots" if node.slots else "")
        severity = Severity.CRITICAL if node.slots else Severity.MEDIUM
    elif copies:
        harm, severity = f"has lost {copies:,.0f} of its replicas", Severity.HIGH
    elif state == "suspected" and node.slots:
        harm, severity = "does not answer one of the others", Severity.MEDIUM
    elif unreached and node.slots:
        yield Unknown(reason="a primary of the cluster could not be reached from here")
        return
    else:
        return
    yield Flaw(
        title=f"A server of the cluster {harm}",
        severity=severity,
        evidence=(
            Evidence(name="state", value=state, probe="cluster"),
            Evidence(name="slots", value=node.slots, unit="slots", probe="cluster"),
            Evidence(name="replicas that follow", value=node.replicas, unit="replicas", probe="cluster"),
            Evidence(name="replicas that failed", value=int(copies), unit="replicas", probe="cluster"),
        ),
        impact=Impact(risk="one more failure loses a part of the keys"),
        explanation=f"As the target sees it, this server {harm}.",
        recommendation="Bring it back; if it is gone for good, have the others forget it, and add a replica.",
        operations=(
            ChangeApplication(
                topic="cluster-member", subject=f"server {node.name}",
                instruction="Bring the server back; if it is gone for good, run CLUSTER FORGET on all others within a "
                "minute and add a replica in its place.",
            ),
        ),
    )  # fmt: skip
