"""A commit shows before a replica has it.

## What
Semi-synchronous replication is on, and it waits after the commit (AFTER_COMMIT, the default on MariaDB), no replica
acknowledges, or it has fallen back.

## Why it matters
With AFTER_COMMIT others see a transaction that no replica has: after a failover it is gone, though it was seen. Without
a replica that acknowledges each commit is as if the feature was off.

## When it is fine
A loss of what was just seen does not matter.

## How to fix it
Set AFTER_SYNC, which takes no restart, and watch the number of replicas that acknowledge.

## Sources
MySQL manual, "Semisynchronous Replication"; MariaDB documentation, "Semisynchronous Replication".
"""

from __future__ import annotations

from collections.abc import Iterator

from auditor.model.check import Check
from auditor.model.facts import Facts
from auditor.model.finding import Evidence, Flaw, Impact, Verdict
from auditor.model.operation import ChangeApplication
from auditor.model.units import SERVER
from auditor.model.vocabulary import Pillar, Severity
from auditor_checks._settings import PRODUCTS, is_on, setting_flaw

CHECK = Check(
    title="Semi-synchronous replication promises less than it seems",
    passed="Semi-synchronous replication waits before a commit shows",
    pillar=Pillar.AVAILABILITY,
    severity=Severity.LOW,
    unit=SERVER,
    needs=(
        "settings",
        "status",
    ),
    engines=PRODUCTS,
)
WORDS = ("source", "master")


def judge(_server: Facts, facts: Facts) -> Iterator[Verdict]:
    """Read the settings of either product's names, and the counters beside them."""
    words = next((w for w in WORDS if f"rpl_semi_sync_{w}_enabled" in facts.settings), None)
    if words is None or not is_on(facts.setting(f"rpl_semi_sync_{words}_enabled")):
        return
    clients = facts.counter(f"rpl_semi_sync_{words}_clients")
    point = f"rpl_semi_sync_{words}_wait_point"
    if (facts.setting(point) or "").upper() == "AFTER_COMMIT":
        yield setting_flaw(
            facts,
            point,
            "AFTER_SYNC",
            explanation="A commit is seen by others before a replica has acknowledged it.",
            recommendation="Set AFTER_SYNC; that takes no restart.",
            risk="after a failover rows are gone that somebody has seen",
        )
    if clients == 0:
        yield Flaw(
            title="No replica acknowledges commits",
            severity=Severity.MEDIUM,
            evidence=(Evidence(name="replicas that acknowledge", value=0, unit="replicas", probe="status"),),
            impact=Impact(risk="commits are on one server only"),
            explanation="Semi-synchronous replication is on, and no replica takes part.",
            recommendation="Switch it on at a replica, or off here.",
            operations=(
                ChangeApplication(
                    topic="semi-synchronous",
                    subject="server",
                    instruction="Let at least one replica acknowledge commits, and alarm when none does.",
                ),
            ),
            discriminator="clients",
        )
