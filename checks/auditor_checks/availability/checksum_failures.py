"""Reads found damaged pages.

## What
Databases that have counted checksum failures since their statistics began.

## Why it matters
Stored data is damaged: by the disk, the controller, the file system or memory. More damage is likely, and backups
taken since may hold it.

## When it is fine
Never.

## How to fix it
Take the machine out of service: switch to a replica whose data is sound, find the damaged relations (pg_checksums,
amcheck), restore them, and replace the hardware. Keep the old backups.

## Sources
PostgreSQL manual, view pg_stat_database, columns checksum_failures and checksum_last_failure (12 and newer).
"""

from __future__ import annotations

from collections.abc import Iterator

from auditor.model.check import Check
from auditor.model.facts import Facts
from auditor.model.finding import Evidence, Flaw, Impact, Unknown, Verdict
from auditor.model.operation import ChangeApplication
from auditor.model.server import Database
from auditor.model.units import DATABASES
from auditor.model.vocabulary import Pillar, Severity
from auditor_checks._words import fitting

CHECK = Check(
    title="Reads found damaged pages",
    passed="No read found a damaged page",
    pillar=Pillar.AVAILABILITY,
    severity=Severity.CRITICAL,
    unit=DATABASES,
    needs=("databases",),
)


def judge(database: Database, _facts: Facts) -> Iterator[Verdict]:
    """Report a database with checksum failures."""
    if database.checksum_failures is None:
        yield Unknown(reason="data checksums are off, so damage is not noticed")
    elif database.checksum_failures > 0:
        yield Flaw(
            title=fitting(f"{database.checksum_failures} reads found damaged pages in {database.name}"),
            evidence=(
                Evidence(name="failures", value=database.checksum_failures, unit="pages", probe="databases"),
            ),
            impact=Impact(risk="stored data is damaged, and backups may hold the damage"),
            explanation=f"{database.checksum_failures} pages of {database.name} did not match their checksums.",
            recommendation="Switch to a sound replica, find and restore the damaged relations, replace the hardware.",
            operations=(
                ChangeApplication(
                    topic="damaged-pages", subject=database.name,
                    instruction="Switch to a sound replica, find the damaged relations with amcheck, and restore them.",
                ),
            ),
        )  # fmt: skip
