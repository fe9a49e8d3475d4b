"""Data pages carry no checksums.

## What
The cluster was made without data checksums.

## Why it matters
A page that the storage damaged is read as if it were sound: the damage spreads into backups and replicas until
someone notices wrong results.

## When it is fine
The storage keeps checksums itself and repairs (ZFS, some cloud volumes).

## How to fix it
Enable them offline on a replica (pg_checksums), switch over, then do the same with the old primary. New clusters have
them by default from version 18 on.

## Sources
PostgreSQL manual, initdb --data-checksums; pg_checksums (12 and newer).
"""

from __future__ import annotations

from collections.abc import Iterator

from auditor.model.check import Check
from auditor.model.facts import Facts
from auditor.model.finding import Evidence, Flaw, Subject, Unknown, Verdict
from auditor.model.operation import EnableChecksums
from auditor.model.units import SERVER
from auditor.model.vocabulary import Pillar, Severity

CHECK = Check(
    title="Data pages carry no checksums",
    passed="Data pages carry checksums",
    pillar=Pillar.AVAILABILITY,
    severity=Severity.MEDIUM,
    unit=SERVER,
    needs=("settings",),
    engines=("postgresql",),
)
NAME = "data_checksums"


def judge(_server: Facts, facts: Facts) -> Iterator[Verdict]:
    """Read the preset setting."""
    value = facts.setting(NAME)
    if value is None:
        yield Unknown(reason=f"{NAME} is not visible")
    elif value == "off":
        yield Flaw(
            subject=Subject(kind="setting", name=NAME),
            evidence=(Evidence(name=NAME, value=value, probe="settings"),),
            explanation="A page that the storage damaged would be read as if it were sound.",
            recommendation="Enable checksums on a replica while it is offline, switch over, then do the other server.",
            operations=(EnableChecksums(),),
        )
