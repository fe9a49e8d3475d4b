"""The query cache makes statements wait for each other.

## What
query_cache_type is not OFF and query_cache_size is above zero. MySQL has no query cache since version 8.

## Why it matters
One lock guards the whole cache: on several cores statements wait for it, and each write to a table throws away all that
is cached of it.

## When it is fine
One client, hardly any writes, always the same queries: then the hits, which are part of the evidence, are many.

## How to fix it
Set query_cache_type to OFF and the size to 0, which takes no restart, and watch.

## Sources
MariaDB documentation, "Query Cache": it does not scale on many cores, and is off by default since 10.1.7.
"""

from __future__ import annotations

from collections.abc import Iterator

from auditor.model.check import Check
from auditor.model.facts import Facts
from auditor.model.finding import Evidence, Verdict
from auditor.model.units import SERVER
from auditor.model.vocabulary import Pillar, Severity
from auditor.text import size
from auditor_checks._settings import PRODUCTS, is_off, setting_flaw

CHECK = Check(
    title="The query cache is on",
    passed="No query cache makes statements wait",
    pillar=Pillar.CACHING,
    severity=Severity.MEDIUM,
    unit=SERVER,
    needs=("settings",),
    engines=PRODUCTS,
)


def judge(_server: Facts, facts: Facts) -> Iterator[Verdict]:
    """Read both settings, and how often the cache served."""
    kind, room = facts.setting("query_cache_type"), facts.setting_number("query_cache_size")
    if kind is None or is_off(kind) or not room:
        return
    hits, prunes = facts.counter("qcache_hits"), facts.counter("qcache_lowmem_prunes")
    yield setting_flaw(
        facts,
        "query_cache_type",
        "OFF",
        severity=Severity.LOW if kind.upper() in ("DEMAND", "2") else Severity.MEDIUM,
        evidence=(
            Evidence(name="query_cache_size", value=room, unit="bytes", probe="settings"),
            Evidence(name="hits since the start", value=hits, unit="queries", probe="status"),
            Evidence(name="entries dropped for want of room", value=prunes, unit="entries", probe="status"),
        ),
        explanation=f"The query cache holds up to {size(room)} behind a single lock.",
        recommendation="Switch it off, which takes no restart, and compare latencies under load.",
        risk="statements on several cores wait for one lock",
    )
