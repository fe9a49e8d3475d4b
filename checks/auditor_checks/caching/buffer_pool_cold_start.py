"""The buffer pool starts empty.

## What
innodb_buffer_pool_dump_at_shutdown or innodb_buffer_pool_load_at_startup is off, and the buffer pool is not small.

## Why it matters
After a restart each page comes from the disk once more: a server with a large cache is slow for minutes or hours, in a
failover as well.

## When it is fine
The data is small, or the disk so fast that it does not show.

## How to fix it
Switch both on; the one for the start takes effect with the next one.

## Sources
MySQL manual, "Saving and Restoring the Buffer Pool State"; MariaDB documentation, "InnoDB Buffer Pool".
"""

from __future__ import annotations

from collections.abc import Iterator

from auditor.model.check import Check
from auditor.model.facts import Facts
from auditor.model.finding import Evidence, Verdict
from auditor.model.units import SERVER
from auditor.model.vocabulary import Pillar, Severity
from auditor.text import size
from auditor_checks._settings import PRODUCTS, invisible, is_off, setting_flaw

CHECK = Check(
    title="The cache is empty after each restart",
    passed="The cache is filled again after a restart",
    pillar=Pillar.CACHING,
    severity=Severity.LOW,
    unit=SERVER,
    needs=("settings",),
    engines=PRODUCTS,
)


def judge(_server: Facts, facts: Facts, *, min_bytes: float = 2**30) -> Iterator[Verdict]:
    """Read both settings where the buffer pool is large enough to matter."""
    room = facts.setting_number("innodb_buffer_pool_size")
    if room is None:
        yield invisible("innodb_buffer_pool_size")
        return
    for name in ("innodb_buffer_pool_dump_at_shutdown", "innodb_buffer_pool_load_at_startup"):
        if room >= min_bytes and is_off(facts.setting(name)):
            yield setting_flaw(
                facts,
                name,
                "ON",
                restart=name.endswith("startup"),
                title=f"{name} is off",
                evidence=(Evidence(name="innodb_buffer_pool_size", value=room, unit="bytes", probe="settings"),),
                explanation=f"After a restart {size(room)} of cache are filled page by page from the disk.",
                recommendation="Switch it on.",
                risk="slow minutes or hours after each restart or failover",
            )
