"""Whoever connects to the replica may change its data.

## What
A server that follows a source takes changes from others as well.

MySQL, MariaDB: read_only is off. On MySQL, super_read_only off is noted at a lower grade.

Redis: A replica has replica-read-only no.

## Why it matters
A client that connects to the wrong server changes rows that the source does not know of: replication stops with the
next conflict, or the servers differ without anybody noticing.

## When it is fine
Two sources write to different tables on purpose.

## How to fix it
Make the replica read-only, in the configuration too, and let the failover switch it.

MySQL, MariaDB: The setting is read_only; super_read_only on MySQL.

## Sources
MySQL manual, read_only and super_read_only; MariaDB documentation, "Read-Only Replicas". Redis
documentation, "Redis replication: Read-only replica".
"""

from __future__ import annotations

from collections.abc import Iterator

from auditor.model.check import Check
from auditor.model.facts import Facts
from auditor.model.finding import Evidence, Verdict
from auditor.model.units import SERVER
from auditor.model.vocabulary import Pillar, Severity
from auditor_checks._settings import PRODUCTS, invisible, is_off, setting_flaw

CHECK = Check(
    title="A replica can be written to",
    passed="Replicas are read-only",
    pillar=Pillar.AVAILABILITY,
    severity=Severity.HIGH,
    unit=SERVER,
    needs=(
        "settings|config",
        "sources|info",
    ),
    engines=(*PRODUCTS, "redis"),
)


def judge(_server: Facts, facts: Facts) -> Iterator[Verdict]:
    """Read the settings of a server that follows another."""
    if not facts.server.sources:
        return
    if facts.server.nodes:
        yield from _of_keys(facts)
        return
    read_only, super_read_only = facts.setting("read_only"), facts.setting("super_read_only")
    following = Evidence(name="sources", value=len(facts.server.sources), unit="sources", probe="sources")
    if read_only is None:
        yield invisible("read_only")
    elif is_off(read_only):
        yield setting_flaw(
            facts,
            "read_only",
            "ON",
            evidence=(following,),
            explanation="This server follows a source, and takes changes from everybody else as well.",
            recommendation="Switch it on; that takes no restart.",
            risk="the replica's data is not its source's, and replication breaks",
        )
    elif super_read_only is not None and is_off(super_read_only):
        yield setting_flaw(
            facts,
            "super_read_only",
            "ON",
            evidence=(following,),
            severity=Severity.LOW,
            title="Administrators can write to a replica",
            explanation="read_only does not concern accounts that may do everything.",
            recommendation="Switch super_read_only on as well; that takes no restart.",
            risk="a mistake of an administrator makes the replica differ",
        )


def _of_keys(facts: Facts) -> Iterator[Verdict]:
    """Read the setting, which has an older name as well."""
    name = next((name for name in ("replica-read-only", "slave-read-only") if name in facts.settings), None)
    if name is None:
        yield invisible("replica-read-only")
    elif is_off(facts.setting(name)):
        yield setting_flaw(
            facts, name, "yes",
            evidence=(Evidence(name="sources", value=len(facts.server.sources), unit="sources", probe="info"),),
            explanation="This server follows a primary, and takes writes of clients as well.",
            recommendation="Switch it on; that takes no restart. What was written here may be lost.",
            risk="the replica's keys are not its primary's, and nobody else gets what is written here",
        )  # fmt: skip
