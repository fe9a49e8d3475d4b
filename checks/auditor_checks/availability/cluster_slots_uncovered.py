"""A part of the key space is not served.

## What
Slots of the cluster that no server owns, or whose server is failing.

## Why it matters
Commands on keys in these slots end in an error; with cluster-require-full-coverage, the default, all commands do
(CLUSTERDOWN).

## When it is fine
Never, but for the seconds of a failover.

## How to fix it
Bring the failed servers back or promote their replicas (CLUSTER FAILOVER TAKEOVER on one, when its primary is gone for
good); give slots that nobody owns to a primary (redis-cli --cluster fix).

## Sources
Redis documentation, "Redis cluster specification"; CLUSTER INFO.
"""

from __future__ import annotations

from collections.abc import Iterator

from auditor.model.check import Check
from auditor.model.facts import Facts
from auditor.model.finding import Evidence, Flaw, Impact, Verdict
from auditor.model.operation import ChangeApplication
from auditor.model.vocabulary import Pillar, Severity
from auditor_checks._nodes import CLUSTER, REDIS, counted_by
from auditor_checks._settings import evidence_of

CHECK = Check(
    title="A part of the key space is not served",
    passed="All slots are served",
    pillar=Pillar.AVAILABILITY,
    severity=Severity.CRITICAL,
    unit=CLUSTER,
    needs=("cluster",),
    engines=REDIS,
)
SLOTS = 16384
ASSIGNED, WELL, SUSPECTED, FAILED = (
    "cluster_slots_assigned", "cluster_slots_ok", "cluster_slots_pfail", "cluster_slots_fail",
)  # fmt: skip


def judge(_server: Facts, facts: Facts) -> Iterator[Verdict]:
    """Read how many slots the target knows to be served."""
    well = facts.counter(WELL) or 0
    if well >= SLOTS and facts.server.states.get("cluster_state") == "ok":
        return
    missing = SLOTS - well
    full = facts.setting("cluster-require-full-coverage") != "no"
    suspected = facts.counter(FAILED) == 0 and facts.counter(ASSIGNED) == SLOTS and bool(facts.counter(SUSPECTED))
    node = facts.server.nodes[0]
    yield Flaw(
        title=f"{missing:,.0f} of {SLOTS:,} slots are not served" if missing else "The cluster is down",
        severity=Severity.HIGH if suspected else Severity.CRITICAL,
        evidence=(
            *counted_by(node, ((ASSIGNED, "slots"), (WELL, "slots"), (SUSPECTED, "slots"), (FAILED, "slots"))),
            Evidence(name="cluster_state", value=facts.server.states.get("cluster_state"), probe="cluster"),
            evidence_of("cluster-require-full-coverage", facts),
        ),
        impact=Impact(risk="commands end in errors"),
        explanation=f"{missing:,.0f} slots have no server that works"
        + (", and the cluster answers nothing until they have (CLUSTERDOWN)." if full and not suspected else "."),
        recommendation="Bring the failed servers back or promote their replicas; give away slots that nobody owns.",
        operations=(
            ChangeApplication(
                topic="cluster-slots", subject="server",
                instruction="See CLUSTER NODES for which servers failed: bring them back or promote their replicas. "
                "Slots that nobody owns are given to a primary by redis-cli --cluster fix.",
            ),
        ),
    )  # fmt: skip
