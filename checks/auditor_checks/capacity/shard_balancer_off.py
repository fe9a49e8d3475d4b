"""The balancer of a cluster with several shards is off.

## What
The balancer was stopped for the whole cluster, or single collections are left out of it.

## Why it matters
New documents then stay where they were written: one shard fills up and answers most queries while the others idle. It
is often forgotten after a backup or a migration.

## When it is fine
For the time of a backup; or the collections are shared out beforehand, by hashed keys or zones, and stay even.

## How to fix it
Start the balancer again, within a window at night if moving disturbs by day.

## Sources
MongoDB manual, "Manage Sharded Cluster Balancer"; config.settings, config.collections.
"""

from __future__ import annotations

from collections.abc import Iterator

from auditor.model.check import Check
from auditor.model.facts import Facts
from auditor.model.finding import Evidence, Flaw, Impact, Subject, Verdict
from auditor.model.operation import ChangeApplication
from auditor.model.units import SERVER
from auditor.model.vocabulary import Pillar, Severity
from auditor_checks._words import counted
from auditor_checks.capacity._sharding import SHARED_OUT, is_shared_out

CHECK = Check(
    title="Balancer of the cluster is off",
    passed="Balancer of the cluster is on, or there is nothing to balance",
    pillar=Pillar.CAPACITY,
    severity=Severity.MEDIUM,
    unit=SERVER,
    needs=("sharding",),
)


def judge(_server: Facts, facts: Facts) -> Iterator[Verdict]:
    """Read the switch of the cluster, and those of collections."""
    if not is_shared_out(facts):
        return
    shared = list(SHARED_OUT.items(facts))
    left_out = [table for table in shared if table.documents is not None and not table.documents.balanced]
    if facts.server.balancing is not False and not left_out:
        return
    stopped = facts.server.balancing is False
    yield Flaw(
        title=None if stopped else f"The balancer leaves out {counted(len(left_out), 'collection')}",
        severity=Severity.MEDIUM if stopped else Severity.LOW,
        related=tuple(Subject(kind="collection", name=table.path) for table in left_out[:20]),
        evidence=(
            Evidence(name="balancer", value="off" if stopped else "on", probe="sharding"),
            Evidence(name="shards", value=len(facts.server.shards), unit="shards", probe="sharding"),
            Evidence(name="collections that are shared out", value=len(shared), unit="collections", probe="sharding"),
            Evidence(name="of these left out", value=len(left_out), unit="collections", probe="sharding"),
        ),
        impact=Impact(risk="one shard fills up while others idle"),
        explanation=f"Of {counted(len(shared), 'collection')} that are shared out, "
        + ("none is balanced." if stopped else f"{len(left_out)} are left out."),
        recommendation="Start the balancer again, within a window if moving disturbs by day.",
        operations=(
            ChangeApplication(
                topic="balancer", subject="server",
                instruction="Start the balancer again: sh.startBalancer(), and sh.enableBalancing() for a collection.",
            ),
        ),
    )  # fmt: skip
