"""Most of the write-ahead log is whole pages, and they are not compressed.

## What
wal_compression is off, much log is written, and most of it is the full images of pages that each first change of a page
after a checkpoint leaves there.

## Why it matters
The images compress well, often to a half or less. Uncompressed they take the bandwidth of the disk, the network to each
replica, and the space of the archive.

## When it is fine
The processor is what is short. On file systems that never tear a page (ZFS) full_page_writes may be off instead.

## How to fix it
Switch wal_compression on (lz4 or zstd from version 15, if the server was built with them); a reload is enough. Fewer
checkpoints (a larger max_wal_size) make fewer images in the first place.

## Sources
PostgreSQL manual, "Write Ahead Log: Settings": wal_compression, full_page_writes; view pg_stat_wal.
"""

from __future__ import annotations

from collections.abc import Iterator

from auditor.model.check import Check
from auditor.model.facts import Facts
from auditor.model.finding import Evidence, Flaw, Subject, Unknown, Verdict
from auditor.model.operation import SetSetting
from auditor.model.units import SERVER
from auditor.model.vocabulary import Confidence, Pillar, Severity
from auditor.text import size

CHECK = Check(
    title="Most of the log is uncompressed page images",
    passed="Log is compressed, or page images are a small part of it",
    pillar=Pillar.OPERATIONS,
    severity=Severity.LOW,
    confidence=Confidence.LIKELY,
    unit=SERVER,
    needs=("settings", "log-statistics"),
    engines=("postgresql",),
)
NAME = "wal_compression"
PAGE = 8192


def judge(
    _server: Facts, facts: Facts, *, share: float = 0.6, daily_bytes: float = 20e9, min_days: float = 1
) -> Iterator[Verdict]:
    """Compare the bytes of full images with those of the whole log, where there is much of it."""
    setting, log = facts.setting(NAME), facts.server.log_statistics
    if setting is None or log is None:
        yield Unknown(reason=f"{NAME} or the counters of the log are not visible")
        return
    window = facts.age(log.since)
    days = window.total_seconds() / 86400 if window is not None else 0.0
    if setting != "off" or days < min_days or not log.bytes or log.bytes / days < daily_bytes:
        return
    images = min(log.full_pages * (facts.setting_number("block_size") or PAGE), log.bytes)
    if images / log.bytes < share:
        return
    yield Flaw(
        title=f"Up to {images / log.bytes:.0%} of the log is uncompressed page images",
        subject=Subject(kind="setting", name=NAME),
        evidence=(
            Evidence(name=NAME, value=setting, probe="settings"),
            Evidence(name="log written", value=log.bytes, unit="bytes", probe="log-statistics"),
            Evidence(name="page images in it", value=log.full_pages, unit="pages", probe="log-statistics"),
            Evidence(name="days counted", value=round(days, 1), unit="days", probe="log-statistics"),
        ),
        explanation=(
            f"{size(log.bytes / days)} of log are written a day; {log.full_pages:,} full page images are up to "
            f"{images / log.bytes:.0%} of it."
        ),
        recommendation="Switch it on; a reload is enough.",
        operations=(SetSetting(name=NAME, value="on", previous=setting),),
    )
