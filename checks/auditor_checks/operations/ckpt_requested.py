"""Checkpoints are forced by the volume of writes instead of by the clock.

## What
Most checkpoints since the counters began were requested because max_wal_size was reached, not timed.

## Why it matters
Forced checkpoints come in bursts that saturate the disk, and after each one every page is written in full again: the
log grows because the log may not grow.

## When it is fine
A bulk load is running, or there were only a few checkpoints: these are not judged.

## How to fix it
Raise max_wal_size until timed checkpoints are the rule; a reload is enough. The price is disk space and a longer
crash recovery.

## Sources
PostgreSQL manual, "WAL Configuration"; views pg_stat_checkpointer (17 and newer) and pg_stat_bgwriter.
"""

from __future__ import annotations

from collections.abc import Iterator

from auditor.model.check import Check
from auditor.model.facts import Facts
from auditor.model.finding import Evidence, Flaw, Subject, Unknown, Verdict
from auditor.model.operation import SetSetting
from auditor.model.units import SERVER
from auditor.model.vocabulary import Pillar, Severity
from auditor.text import size

CHECK = Check(
    title="Checkpoints are forced by the volume of writes",
    passed="Checkpoints come by the clock",
    pillar=Pillar.OPERATIONS,
    severity=Severity.MEDIUM,
    unit=SERVER,
    needs=("checkpoints", "settings"),
    engines=("postgresql",),
)
NAME = "max_wal_size"


def judge(_server: Facts, facts: Facts, *, share: float = 0.5, minimum: float = 20) -> Iterator[Verdict]:
    """Compare requested with timed checkpoints, where there were enough of them."""
    checkpoints = facts.server.checkpoints
    if checkpoints is None:
        yield Unknown(reason="the checkpoint counters are not visible")
        return
    total = checkpoints.requested + checkpoints.timed
    if total < minimum or checkpoints.requested / total < share:
        return
    now = facts.setting_bytes(NAME) or 1024**3
    yield Flaw(
        title=f"{checkpoints.requested} of {total} checkpoints were forced by the volume of writes",
        subject=Subject(kind="setting", name=NAME),
        evidence=(
            Evidence(
                name="checkpoints requested", value=checkpoints.requested, unit="checkpoints", probe="checkpoints"
            ),
            Evidence(name="checkpoints by the clock", value=checkpoints.timed, unit="checkpoints", probe="checkpoints"),
            Evidence(name=NAME, value=now, unit="bytes", probe="settings"),
        ),
        explanation=f"{checkpoints.requested / total:.0%} of the checkpoints came early ({NAME} is {size(now)}).",
        recommendation=f"Raise {NAME}, for instance to {size(now * 4)}, and look again after a week; mind the disk.",
        operations=(SetSetting(name=NAME, value=f"{now * 4 // 1024 // 1024}MB", previous=facts.setting(NAME)),),
    )
