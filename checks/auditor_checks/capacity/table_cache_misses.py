"""The cache of open tables is too small.

## What
Tables are taken out of the cache of open tables for want of room, many times a minute.

## Why it matters
Opening a table reads its definition and takes locks that others wait for.

## When it is fine
Something walks over all tables: a dump, or a tool that reads the information schema.

## How to fix it
Raise table_open_cache, and the limit of open files with it; the setting takes no restart.

## Sources
MySQL manual, "How MySQL Opens and Closes Tables".
"""

from __future__ import annotations

from collections.abc import Iterator

from auditor.model.check import Check
from auditor.model.facts import Facts
from auditor.model.finding import Evidence, Unknown, Verdict
from auditor.model.units import SERVER
from auditor.model.vocabulary import Pillar, Severity
from auditor_checks._settings import PRODUCTS, setting_flaw

CHECK = Check(
    title="Tables are opened again and again",
    passed="Tables stay open",
    pillar=Pillar.CAPACITY,
    severity=Severity.LOW,
    unit=SERVER,
    needs=(
        "settings",
        "status",
    ),
    engines=PRODUCTS,
)
NAMES = ("table_open_cache_hits", "table_open_cache_misses", "table_open_cache_overflows")


def judge(
    _server: Facts, facts: Facts, *, per_minute: float = 60, min_days: float = 0.1, share: float = 0.05
) -> Iterator[Verdict]:
    """Divide what was thrown out by the time in which it was counted; it has to be a part of all openings, too."""
    days = facts.counted_days(NAMES, min_days)
    if isinstance(days, Unknown):
        yield days
        return
    hits, misses, thrown = (facts.counter(name) or 0.0 for name in NAMES)
    rate = thrown / (days * 1440)
    if not thrown or rate < per_minute or misses < share * (hits + misses):
        return
    room = facts.setting_number("table_open_cache")
    yield setting_flaw(
        facts,
        "table_open_cache",
        f"{int(2 * (room or 2000))}",
        title=f"{rate:,.0f} tables a minute are closed for want of room",
        evidence=(
            Evidence(name="tables closed for want of room", value=thrown, unit="tables", probe="status"),
            Evidence(
                name="share of openings that missed the cache",
                value=round(misses / (hits + misses), 4),
                unit="share",
                probe="status",
            ),
            Evidence(name="days counted", value=round(days, 2), unit="days", probe="status"),
        ),
        explanation=f"The cache has room for {room or 0:,.0f} tables; {thrown:,.0f} were closed to make room.",
        recommendation="Double it, and the limit of open files with it; that takes no restart.",
        risk="statements wait while tables are opened",
    )
