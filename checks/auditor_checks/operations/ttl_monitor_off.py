"""Nothing expires although indexes say so.

## What
The parameter ttlMonitorEnabled is off while indexes have an expiry.

## Why it matters
What should be gone stays: collections grow, and data is kept for longer than was promised. When it is switched on
again, everything that is overdue is deleted at once.

## When it is fine
For the hours of an import or a repair.

## How to fix it
Delete what is overdue in batches, then switch it on; that takes no restart.

## Sources
MongoDB manual, "TTL Indexes"; the parameter ttlMonitorEnabled.
"""

from __future__ import annotations

from collections.abc import Iterator

from auditor.model.check import Check
from auditor.model.facts import Facts
from auditor.model.finding import Evidence, Flaw, Impact, Subject, Verdict
from auditor.model.operation import SetSetting
from auditor.model.units import SERVER
from auditor.model.vocabulary import Pillar, Severity
from auditor_checks._settings import evidence_of, invisible, is_off

CHECK = Check(
    title="Nothing expires although indexes say so",
    passed="What expires is deleted",
    pillar=Pillar.OPERATIONS,
    severity=Severity.HIGH,
    unit=SERVER,
    needs=("parameters", "indexes"),
    engines=("mongodb",),
)
NAME = "setParameter.ttlMonitorEnabled"


def judge(_server: Facts, facts: Facts) -> Iterator[Verdict]:
    """Read the parameter, and look for indexes and collections that count on it."""
    if facts.setting(NAME) is None:
        yield invisible(NAME)
        return
    expiring = [index for index in facts.indexes if index.expire_seconds is not None]
    kept = [table for table in facts.tables if table.documents is not None and table.documents.expire_seconds]
    if not is_off(facts.setting(NAME)) or not (expiring or kept):
        return
    yield Flaw(
        subject=Subject(kind="setting", name=NAME),
        related=tuple(Subject(kind="index", name=index.path) for index in expiring[:20]),
        evidence=(
            evidence_of(NAME, facts),
            Evidence(name="indexes with an expiry", value=len(expiring), unit="indexes", probe="indexes"),
            Evidence(name="collections with an expiry", value=len(kept), unit="collections", probe="collections"),
        ),
        impact=Impact(risk="data stays for longer than was promised, and disks fill up"),
        explanation=f"{len(expiring)} indexes and {len(kept)} collections have an expiry, and nothing carries it out.",
        recommendation="Delete what is overdue in batches, then switch the monitor on.",
        operations=(SetSetting(name=NAME, value="true", previous="false"),),
    )
