"""The failure of one server stops the whole cluster.

## What
cluster-require-full-coverage is on, and a primary with slots has no replica that works.

## Why it matters
With the setting, no server answers as long as one slot is not served (CLUSTERDOWN). Nobody takes over the slots of a
primary without a replica, so that its failure takes the keys of all others away as well.

## When it is fine
The application cannot work with a part of its keys. Where every primary has a replica, nothing is reported: the setting
then counts for seconds.

## How to fix it
Add the replicas. Until then CONFIG SET cluster-require-full-coverage no on every server keeps the other slots going;
clients must then expect errors for single keys.

## Sources
Redis documentation, "Scale with Redis Cluster: Redis Cluster configuration parameters".
"""

from __future__ import annotations

from collections.abc import Iterator

from auditor.model.check import Check
from auditor.model.facts import Facts
from auditor.model.finding import Evidence, Verdict
from auditor.model.vocabulary import Pillar, Severity
from auditor_checks._nodes import CLUSTER, REDIS, SHARDS
from auditor_checks._settings import invisible, setting_flaw

CHECK = Check(
    title="The failure of one server stops the whole cluster",
    passed="No failure of one server stops the whole cluster for long",
    pillar=Pillar.AVAILABILITY,
    severity=Severity.LOW,
    unit=CLUSTER,
    needs=("cluster", "config"),
    engines=REDIS,
)
NAME = "cluster-require-full-coverage"


def judge(_cluster: Facts, facts: Facts) -> Iterator[Verdict]:
    """Read the setting where it matters: while nobody takes over for a primary."""
    value, shards = facts.setting(NAME), SHARDS.items(facts)
    alone = sum(one.replicas == 0 for one in shards)
    if value is None or facts.target.managed:
        yield invisible(NAME)
    elif value == "yes" and alone and len(list(shards)) > 1:
        yield setting_flaw(
            facts, NAME, "no",
            evidence=(Evidence(name="primaries without a replica", value=alone, unit="servers", probe="cluster"),),
            explanation=f"{alone} primaries have no replica; when one of them fails, all servers refuse commands.",
            recommendation="Add the replicas; until then let the other slots go on.",
            risk="the failure of one server stops all of them",
        )  # fmt: skip
