"""A replication slot was invalidated: its consumer can never catch up.

## What
Slots whose needed log has been removed, or that were invalidated for another reason.

## Why it matters
The standby or subscriber behind it has stopped for good, perhaps unnoticed: failing over to it would lose data.

## When it is fine
The consumer was given up and only the slot was left.

## How to fix it
Rebuild the standby or the subscription with a new slot, then drop this one.

## Sources
PostgreSQL manual, view pg_replication_slots, columns wal_status and invalidation_reason.
"""

from __future__ import annotations

from collections.abc import Iterator

from auditor.model.check import Check
from auditor.model.facts import Facts
from auditor.model.finding import Evidence, Flaw, Impact
from auditor.model.operation import DropSlot
from auditor.model.server import Slot
from auditor.model.units import SLOTS
from auditor.model.vocabulary import Pillar, Severity

CHECK = Check(
    title="Replication slot was invalidated",
    passed="No replication slot was invalidated",
    pillar=Pillar.AVAILABILITY,
    severity=Severity.HIGH,
    unit=SLOTS,
    needs=("slots",),
)


def judge(slot: Slot, _facts: Facts) -> Iterator[Flaw]:
    """Report a slot that lost its log."""
    if slot.status != "lost" and slot.invalidation is None:
        return
    yield Flaw(
        title=f"Replication slot {slot.name} was invalidated",
        evidence=(
            Evidence(name="status of its log", value=slot.status, probe="slots"),
            Evidence(name="reason", value=slot.invalidation, probe="slots"),
        ),
        impact=Impact(risk="its standby or subscriber has stopped for good"),
        explanation=f"The log that the consumer of {slot.name} still needed is gone; it can never catch up.",
        recommendation="Rebuild the standby or subscription with a new slot, then drop this one.",
        operations=(DropSlot(name=slot.name),),
    )
