"""Continuous archiving fails.

## What
Archiving is on, but the last failure is newer than the last success, or nothing was ever archived although attempts
failed.

## Why it matters
Backups cannot be rolled forward past the gap, and the log piles up on the server's own disk until it is full, which
stops the server.

## When it is fine
The archive was down for minutes and has caught up since: then the last success is newer and nothing is reported.

## How to fix it
Read the server's log for the command's error, mend it, and watch last_archived_time move. Watch the disk until then.

## Sources
PostgreSQL manual, view pg_stat_archiver; "Setting Up WAL Archiving".
"""

from __future__ import annotations

from collections.abc import Iterator

from auditor.model.check import Check
from auditor.model.facts import Facts, moment
from auditor.model.finding import Evidence, Flaw, Impact
from auditor.model.operation import ChangeApplication
from auditor.model.units import SERVER
from auditor.model.vocabulary import Pillar, Severity

CHECK = Check(
    title="Continuous archiving fails",
    passed="Continuous archiving does not fail",
    pillar=Pillar.AVAILABILITY,
    severity=Severity.CRITICAL,
    unit=SERVER,
    needs=("archiver", "settings"),
    engines=("postgresql",),
)


def judge(_server: Facts, facts: Facts) -> Iterator[Flaw]:
    """Compare the last failure with the last success."""
    archiver = facts.server.archiver
    if archiver is None or facts.setting("archive_mode") == "off" or archiver.last_failed_at is None:
        return
    failed, archived = moment(archiver.last_failed_at), moment(archiver.last_archived_at)
    if failed is None or (archived is not None and archived >= failed):
        return
    yield Flaw(
        title=f"Continuous archiving fails: {archiver.failed} failed attempts",
        evidence=(
            Evidence(name="failed attempts", value=archiver.failed, unit="attempts", probe="archiver"),
            Evidence(name="files archived", value=archiver.archived, unit="files", probe="archiver"),
            Evidence(name="last failure", value=archiver.last_failed_at, probe="archiver"),
            Evidence(name="last success", value=archiver.last_archived_at, probe="archiver"),
            Evidence(name="log kept on the server", value=facts.server.log_bytes, unit="bytes", probe="log-directory"),
        ),
        impact=Impact(risk="a gap in the backups, then a full disk that stops the server"),
        explanation=(
            f"The last attempt failed at {archiver.last_failed_at}; "
            f"the last success was {archiver.last_archived_at or 'never'}. The log piles up on the server meanwhile."
        ),
        recommendation="Find the command's error in the server's log and mend it; watch the free disk space.",
        operations=(
            ChangeApplication(
                topic="archiving",
                subject="server",
                instruction="Find the archive command's error in the server's log and mend it.",
            ),
        ),
    )
