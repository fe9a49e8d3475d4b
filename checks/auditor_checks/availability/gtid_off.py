"""Replicas find their place by files and offsets.

## What
MySQL: a binary log is written and gtid_mode is not ON. MariaDB, which always numbers transactions: gtid_strict_mode is
off, so that a replica accepts numbers out of order. Only noted where nobody replicates.

## Why it matters
In a failover somebody has to find the place in another server's files: it takes long, and goes wrong by skipping or
repeating transactions.

## When it is fine
Nothing replicates, and never will.

## How to fix it
On MySQL raise gtid_mode step by step, which takes no restart; on MariaDB switch the strict mode on, on replicas first.

## Sources
MySQL manual, "Enabling GTID Transactions Online"; MariaDB documentation, "Global Transaction ID".
"""

from __future__ import annotations

from collections.abc import Iterator

from auditor.model.check import Check
from auditor.model.facts import Facts
from auditor.model.finding import Evidence, Verdict
from auditor.model.units import SERVER
from auditor.model.vocabulary import Pillar, Severity
from auditor_checks._settings import PRODUCTS, invisible, is_off, is_on, setting_flaw

CHECK = Check(
    title="Transactions have no global identifiers",
    passed="Transactions have global identifiers",
    pillar=Pillar.AVAILABILITY,
    severity=Severity.MEDIUM,
    unit=SERVER,
    needs=("settings",),
    engines=PRODUCTS,
)


def judge(_server: Facts, facts: Facts) -> Iterator[Verdict]:
    """Read the setting of the product, and whether anybody replicates."""
    logs, mode, strict = (facts.setting(name) for name in ("log_bin", "gtid_mode", "gtid_strict_mode"))
    if logs is None:
        yield invisible("log_bin")
    replicates = bool(facts.server.replicas or facts.server.sources or facts.server.in_recovery)
    quiet = None if replicates else Severity.LOW
    if not is_on(logs) and not replicates:
        return
    if mode is not None and mode.upper() != "ON":
        yield setting_flaw(
            facts,
            "gtid_mode",
            "ON",
            severity=quiet,
            title=f"gtid_mode is {mode}",
            evidence=(Evidence(name="replicas and sources", value=replicates, probe="replicas"),),
            explanation="A replica finds its place in the binary log of its source by file and offset.",
            recommendation="Set enforce_gtid_consistency, then raise gtid_mode step by step on all servers.",
            risk="a failover takes long, and may lose or repeat transactions",
        )
    elif mode is None and is_off(strict):
        yield setting_flaw(
            facts,
            "gtid_strict_mode",
            "ON",
            severity=Severity.LOW if replicates else Severity.INFO,
            title="gtid_strict_mode is OFF",
            evidence=(Evidence(name="replicas and sources", value=replicates, probe="replicas"),),
            explanation="A replica accepts transactions whose numbers are out of order.",
            recommendation="Switch it on, on replicas first; that takes no restart.",
            risk="binary logs of servers differ, so that none can take the other's place",
        )
