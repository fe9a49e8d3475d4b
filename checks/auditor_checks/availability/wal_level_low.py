"""The write-ahead log holds too little to make a backup or a replica of it.

## What
wal_level is minimal.

## Why it matters
At this level the log only survives a crash of the server. No base backup can be taken while the server runs, nothing
can be archived, no replica can follow, no restore to a point in time is possible; only dumps are left, and the next
migration to another server means downtime.

## When it is fine
The data can be made again from elsewhere, or a load is running that ends with a return to replica.

## How to fix it
Set wal_level to replica, and max_wal_senders above 0, at the next restart; then take a base backup. Set it to logical
if a migration by logical replication is planned, to spare another restart.

## Sources
PostgreSQL manual, "Write Ahead Log: Settings": wal_level; "Making a Base Backup".
"""

from __future__ import annotations

from collections.abc import Iterator

from auditor.model.check import Check
from auditor.model.facts import Facts
from auditor.model.finding import Evidence, Flaw, Impact, Subject, Unknown, Verdict
from auditor.model.operation import SetSetting
from auditor.model.units import SERVER
from auditor.model.vocabulary import Pillar, Severity

CHECK = Check(
    title="Log holds too little for backups and replicas",
    passed="Log holds what backups and replicas need",
    pillar=Pillar.AVAILABILITY,
    severity=Severity.HIGH,
    unit=SERVER,
    needs=("settings",),
    engines=("postgresql",),
)
NAME = "wal_level"


def judge(_server: Facts, facts: Facts) -> Iterator[Verdict]:
    """Read the level."""
    level = facts.setting(NAME)
    if level is None:
        yield Unknown(reason=f"{NAME} is not visible")
        return
    if level != "minimal":
        return
    senders = facts.setting("max_wal_senders")
    change = [SetSetting(name=NAME, value="replica", previous=level, restart=True)]
    if senders == "0":
        change.append(SetSetting(name="max_wal_senders", value="10", previous=senders, restart=True))
    yield Flaw(
        title="wal_level is minimal: no base backup, archive or replica is possible",
        subject=Subject(kind="setting", name=NAME),
        evidence=(
            Evidence(name=NAME, value=level, probe="settings"),
            Evidence(name="max_wal_senders", value=senders, probe="settings"),
        ),
        impact=Impact(risk="all changes since the last dump are lost with the machine"),
        explanation="With wal_level minimal nothing but a dump can be made of this server while it runs.",
        recommendation="Set it to replica (or logical) at the next restart, then take a base backup.",
        operations=tuple(change),
    )
