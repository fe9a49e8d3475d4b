"""A logical slot is lost when a replica takes over.

## What
Logical replication slots without the failover flag, on a primary that has physical replicas (version 17 and newer).

## Why it matters
A slot exists on one server only. After a failover its subscriber finds no slot: it has to copy all tables again, or
goes on with a gap in the changes that nobody notices.

## When it is fine
The subscriber can be filled again at any time, or the high-availability tool keeps the slots on the replicas itself
(Patroni's permanent slots).

## How to fix it
Set the flag (ALTER SUBSCRIPTION … SET (failover = true) on a disabled subscription), switch sync_replication_slots on
at the replica that takes over, and let the primary wait for it (synchronized_standby_slots). Then rehearse a failover.

## Sources
PostgreSQL manual, "Logical Replication Failover"; "Replication Slot Synchronization".
"""

from __future__ import annotations

from collections.abc import Iterator

from auditor.model.check import Check
from auditor.model.facts import Facts
from auditor.model.finding import Evidence, Flaw, Impact
from auditor.model.operation import ChangeApplication
from auditor.model.server import Slot
from auditor.model.units import SLOTS
from auditor.model.vocabulary import Confidence, Pillar, Severity
from auditor_checks._words import counted, fitting

CHECK = Check(
    title="Logical slot is lost when a replica takes over",
    passed="Logical slots survive a failover",
    pillar=Pillar.AVAILABILITY,
    severity=Severity.MEDIUM,
    confidence=Confidence.LIKELY,
    unit=SLOTS,
    needs=("slots", "replicas"),
    engines=("postgresql",),
)


def judge(slot: Slot, facts: Facts) -> Iterator[Flaw]:
    """Read the flag of a logical slot where there is a replica that could take over."""
    replicas = [replica for replica in facts.server.replicas if not replica.logical]
    if slot.kind != "logical" or slot.temporary or slot.failover is not False:
        return
    if not replicas or facts.server.in_recovery:
        return
    yield Flaw(
        title=fitting(f"Logical slot {slot.name} is lost when a replica takes over"),
        evidence=(
            Evidence(name="failover", value=False, probe="slots"),
            Evidence(name="plugin", value=slot.plugin, probe="slots"),
            Evidence(name="physical replicas", value=len(replicas), unit="replicas", probe="replicas"),
        ),
        impact=Impact(risk="the subscriber has to copy everything again, or misses changes"),
        explanation=f"{slot.name} exists on this server only; {counted(len(replicas), 'replica')} will not have it.",
        recommendation="Set the slot's failover flag and let the replica synchronise slots.",
        operations=(
            ChangeApplication(
                topic="failover-slots",
                subject=slot.name,
                instruction=(
                    f"Set failover for the slot {slot.name} at its subscription, and sync_replication_slots on the "
                    "replica that takes over."
                ),
            ),
        ),
    )
