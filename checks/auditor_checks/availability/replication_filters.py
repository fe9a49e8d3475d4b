"""A replica has rules by which it leaves changes out.

## What
A source is followed with rules for databases, tables or domains that are taken or ignored.

## Why it matters
The replica lacks what the rules leave out, rules for databases depend on the default database of each statement, and
nothing tells of it: as a backup or for a failover such a replica is not whole.

## When it is fine
The replica serves a part of the data on purpose, and is counted neither as a backup nor for a failover.

## How to fix it
Leave the rules out and make the replica anew, or write down what it is for.

## Sources
MySQL manual, "How Servers Evaluate Replication Filtering Rules"; MariaDB documentation, "Replication Filters".
"""

from __future__ import annotations

from collections.abc import Iterator

from auditor.model.check import Check
from auditor.model.facts import Facts
from auditor.model.finding import Evidence, Flaw, Impact, Verdict
from auditor.model.operation import ChangeApplication
from auditor.model.server import Source
from auditor.model.units import SOURCES
from auditor.model.vocabulary import Pillar, Severity
from auditor_checks._settings import PRODUCTS
from auditor_checks._words import counted

CHECK = Check(
    title="A replica leaves changes out",
    passed="Replicas take every change",
    pillar=Pillar.AVAILABILITY,
    severity=Severity.MEDIUM,
    unit=SOURCES,
    needs=("sources",),
    engines=PRODUCTS,
)


def judge(source: Source, _facts: Facts) -> Iterator[Verdict]:
    """Report a source that is followed by rules."""
    if not source.filters:
        return
    yield Flaw(
        evidence=(Evidence(name="rules", value=source.filters, unit="rules", probe="sources"),),
        impact=Impact(risk="rows that are missing when this server takes over"),
        explanation=f"{counted(source.filters, 'rule')} decide which changes of the source are taken.",
        recommendation="Make a replica that takes everything for backups and for a failover.",
        operations=(
            ChangeApplication(
                topic="replication-filters",
                subject=source.name or "source",
                instruction="Document what the replica leaves out, or take the rules away and make it anew.",
            ),
        ),
    )
