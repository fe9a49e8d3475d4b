"""A part of the key space has no replica.

## What
A primary of a cluster that owns slots and has no replica that works; where one has failed, cluster-node-failed tells of
it.

## Why it matters
When this server fails, nobody takes over: its part of the keys is gone until it is back. With
cluster-require-full-coverage, the default, the whole cluster refuses commands until then.

## When it is fine
A cache that may lose a part of its keys, with full coverage switched off; that is graded low.

## How to fix it
Start one more server, let it join (CLUSTER MEET) and follow this one (CLUSTER REPLICATE). Where other primaries have
two replicas, cluster-allow-replica-migration moves one by itself.

## Sources
Redis documentation, "Scale with Redis Cluster: Redis Cluster master-replica model"; "Redis cluster specification:
Replica migration". Valkey documentation, "Cluster tutorial".
"""

from __future__ import annotations

from collections.abc import Iterator

from auditor.model.check import Check
from auditor.model.facts import Facts
from auditor.model.finding import Evidence, Flaw, Impact, Unknown, Verdict
from auditor.model.operation import AddReplica
from auditor.model.server import Node
from auditor.model.vocabulary import Pillar, Severity
from auditor_checks._nodes import REDIS, SHARDS, is_cache, number
from auditor_checks._settings import evidence_of

CHECK = Check(
    title="A part of the key space has no replica",
    passed="Every part of the key space has a replica",
    pillar=Pillar.AVAILABILITY,
    severity=Severity.HIGH,
    unit=SHARDS,
    needs=("cluster",),
    engines=REDIS,
)


def judge(node: Node, facts: Facts) -> Iterator[Verdict]:
    """Count the replicas of a primary that the cluster knows to be well."""
    if facts.target.managed:
        yield Unknown(reason="a managed service replaces servers by itself")
        return
    if node.replicas is None:
        yield Unknown(reason="the replicas of this primary are not visible")
        return
    if node.replicas or number(node, "cluster.replicas_failed"):
        return
    stops = facts.setting("cluster-require-full-coverage") != "no"
    alone = sum(one.replicas == 0 for one in SHARDS.items(facts))
    yield Flaw(
        severity=Severity.LOW if is_cache(facts) and not stops else Severity.HIGH,
        evidence=(
            Evidence(name="slots", value=node.slots, unit="slots", probe="cluster"),
            Evidence(name="replicas", value=0, unit="replicas", probe="cluster"),
            Evidence(name="primaries without a replica", value=alone, unit="servers", probe="cluster"),
            evidence_of("cluster-require-full-coverage", facts),
        ),
        impact=Impact(risk="its failure stops the whole cluster" if stops else "its failure takes its keys away"),
        explanation=f"Nobody takes over the {node.slots or 0:,} slots of this server when it fails"
        + (", and the cluster refuses all commands until it is back." if stops else "."),
        recommendation="Add a replica on another machine.",
        operations=(AddReplica(name="server" if node.name == "0" else f"server {node.name}"),),
    )  # fmt: skip
