"""Transactions go through a file on their way to the binary log.

## What
A noticeable share of the transactions was too large for binlog_cache_size and was written to a temporary file first.

## Why it matters
Each such transaction is written to the disk twice before it commits.

## When it is fine
A load has just run.

## How to fix it
Make the transactions smaller, or give the cache of each session more room.

## Sources
MySQL manual, "The Binary Log": Binlog_cache_use and Binlog_cache_disk_use.
"""

from __future__ import annotations

from collections.abc import Iterator

from auditor.model.check import Check
from auditor.model.facts import Facts
from auditor.model.finding import Evidence, Unknown, Verdict
from auditor.model.units import SERVER
from auditor.model.vocabulary import Pillar, Severity
from auditor.text import size
from auditor_checks._settings import PRODUCTS, setting_flaw
from auditor_checks._words import percent

CHECK = Check(
    title="Transactions do not fit into the binary log's cache",
    passed="Transactions fit into the binary log's cache",
    pillar=Pillar.CAPACITY,
    severity=Severity.LOW,
    unit=SERVER,
    needs=(
        "settings",
        "status",
    ),
    engines=PRODUCTS,
)


def judge(_server: Facts, facts: Facts, *, share: float = 0.05, minimum: float = 1_000) -> Iterator[Verdict]:
    """Compare the transactions that went to disk with all."""
    spilled, used = facts.counter("binlog_cache_disk_use"), facts.counter("binlog_cache_use")
    if spilled is None or used is None:
        yield Unknown(reason="the counters of the binary log's cache are not visible")
        return
    if used < minimum or spilled < share * used:
        return
    room = facts.setting_number("binlog_cache_size")
    yield setting_flaw(
        facts,
        "binlog_cache_size",
        f"{int(room or 32768) * 4}",
        title=f"{percent(spilled / used)} of the transactions pass through a file",
        evidence=(
            Evidence(name="transactions through a file", value=spilled, unit="transactions", probe="status"),
            Evidence(name="transactions in the cache", value=used, unit="transactions", probe="status"),
        ),
        explanation=f"{spilled:,.0f} of {used:,.0f} transactions were larger than binlog_cache_size ({size(room)}).",
        recommendation="Make transactions smaller; then give the cache more room, which takes no restart.",
        risk="slow commits of large transactions",
    )
