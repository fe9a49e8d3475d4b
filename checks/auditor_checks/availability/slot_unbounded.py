"""Replication slots may keep log without limit.

## What
There are replication slots, and max_slot_wal_keep_size is -1.

## Why it matters
One consumer that stays away fills the disk with log and stops the server: the replica takes the primary down.

## When it is fine
Losing the consumer is worse than losing the service, and the free disk space is watched.

## How to fix it
Set max_slot_wal_keep_size to what the disk can spare; a reload is enough. From version 18 on,
idle_replication_slot_timeout helps as well.

## Sources
PostgreSQL manual, "Sending Servers": max_slot_wal_keep_size (13 and newer), idle_replication_slot_timeout (18).
"""

from __future__ import annotations

from collections.abc import Iterator

from auditor.model.check import Check
from auditor.model.facts import Facts
from auditor.model.finding import Evidence, Flaw, Impact, Subject
from auditor.model.operation import SetSetting
from auditor.model.units import SERVER
from auditor.model.vocabulary import Pillar, Severity

CHECK = Check(
    title="Replication slots may keep log without limit",
    passed="What replication slots keep is limited",
    pillar=Pillar.AVAILABILITY,
    severity=Severity.MEDIUM,
    unit=SERVER,
    needs=("slots", "settings"),
    engines=("postgresql",),
)
NAME = "max_slot_wal_keep_size"


def judge(_server: Facts, facts: Facts) -> Iterator[Flaw]:
    """Report the missing limit where there are slots that it would bind."""
    slots = [slot for slot in facts.server.slots if not slot.temporary]
    if not slots or facts.setting(NAME) != "-1":
        return
    kept = max(slot.retained_bytes or 0 for slot in slots)
    yield Flaw(
        subject=Subject(kind="setting", name=NAME),
        related=tuple(Subject(kind="replication", name=slot.name) for slot in slots),
        evidence=(
            Evidence(name=NAME, value="-1", probe="settings"),
            Evidence(name="replication slots", value=len(slots), unit="slots", probe="slots"),
            Evidence(name="most log kept by a slot", value=kept, unit="bytes", probe="slots"),
        ),
        impact=Impact(risk="an absent consumer fills the disk and stops the server"),
        explanation=f"{len(slots)} slots may each keep log until the disk is full.",
        recommendation="Set the limit to what the disk can spare, less a reserve; a reload is enough.",
        operations=(SetSetting(name=NAME, value="50GB", previous="-1"),),
    )
