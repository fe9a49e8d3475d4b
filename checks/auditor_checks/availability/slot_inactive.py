"""A replication slot has no consumer.

## What
Slots that nobody is connected to, are not temporary, and keep log.

## Why it matters
A slot keeps every log file since its consumer's last position. Without a consumer that grows until the disk is full
and the server stops. Logical slots also keep dead rows of the catalog from being cleaned.

## When it is fine
The consumer is being rebuilt or restarts right now: the amount kept is then small, and the grade low.

## How to fix it
Bring the consumer back, or drop the slot. Until that is decided, limit what slots may keep (max_slot_wal_keep_size).

## Sources
PostgreSQL manual, view pg_replication_slots; "Replication Slots".
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
from auditor.text import size

CHECK = Check(
    title="Replication slot has no consumer",
    passed="Every replication slot has a consumer",
    pillar=Pillar.AVAILABILITY,
    severity=Severity.HIGH,
    unit=SLOTS,
    needs=("slots",),
)


def judge(slot: Slot, facts: Facts, *, high_bytes: float = 1e9, critical_bytes: float = 50e9) -> Iterator[Flaw]:
    """Report an inactive slot, graded by the log that it keeps."""
    if slot.active or slot.temporary or slot.status == "lost":
        return
    kept = slot.retained_bytes
    unbounded = facts.setting("max_slot_wal_keep_size") in (None, "-1")
    severity = Severity.MEDIUM
    if kept is not None and kept >= critical_bytes and unbounded:
        severity = Severity.CRITICAL
    elif kept is not None and kept >= high_bytes:
        severity = Severity.HIGH
    yield Flaw(
        title=f"Replication slot {slot.name} has no consumer and keeps {size(kept)} of log",
        severity=severity,
        evidence=(
            Evidence(name="log kept", value=kept, unit="bytes", probe="slots"),
            Evidence(name="kind", value=slot.kind, probe="slots"),
            Evidence(name="inactive since", value=slot.inactive_since, probe="slots"),
            Evidence(name="limit on what slots keep", value=facts.setting("max_slot_wal_keep_size"), probe="settings"),
        ),
        impact=Impact(bytes=kept, risk="a full disk that stops the server" if unbounded else "the slot is invalidated"),
        explanation=(
            f"Nobody reads from the {slot.kind} slot {slot.name}, and it keeps {size(kept)} of log"
            f"{', without any limit' if unbounded else ''}."
        ),
        recommendation="Bring its consumer back, or drop the slot once nobody is known to need it.",
        operations=(DropSlot(name=slot.name),),
    )
