"""One synchronous standby: its failure stops all commits.

## What
Commits wait for a synchronous standby, and at most as many candidates are connected as are required.

## Why it matters
When that standby or the network to it fails, every commit waits until it is back: the redundancy has become a second
way to fail.

## When it is fine
No committed transaction may ever be lost, even at the price of an outage.

## How to fix it
Name more candidates than are required: synchronous_standby_names = 'ANY 1 (a, b)'.

## Sources
PostgreSQL manual, "Synchronous Replication".
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from auditor.model.check import Check
from auditor.model.facts import Facts
from auditor.model.finding import Evidence, Flaw, Impact, Subject
from auditor.model.operation import AddReplica
from auditor.model.units import SERVER
from auditor.model.vocabulary import Pillar, Severity

CHECK = Check(
    title="Failure of one synchronous standby stops all commits",
    passed="Commits survive the failure of a synchronous standby",
    pillar=Pillar.AVAILABILITY,
    severity=Severity.HIGH,
    unit=SERVER,
    needs=("settings", "replicas"),
    engines=("postgresql",),
)
NAME = "synchronous_standby_names"


def judge(_server: Facts, facts: Facts) -> Iterator[Flaw]:
    """Count the candidates that are connected against those that are required."""
    names = facts.setting(NAME)
    if not names or facts.setting("synchronous_commit") in ("off", "local"):
        return
    found = re.match(r"\s*(?:ANY|FIRST)?\s*(\d+)\s*\(", names, re.IGNORECASE)
    required = int(found[1]) if found else 1
    candidates = [replica for replica in facts.server.replicas if replica.sync in ("sync", "quorum", "potential")]
    if len(candidates) > required:
        return
    yield Flaw(
        subject=Subject(kind="setting", name=NAME),
        related=tuple(Subject(kind="replication", name=replica.name) for replica in candidates),
        evidence=(
            Evidence(name=NAME, value=names, probe="settings"),
            Evidence(name="standbys required", value=required, unit="standbys", probe="settings"),
            Evidence(name="candidates connected", value=len(candidates), unit="standbys", probe="replicas"),
        ),
        impact=Impact(risk="all commits wait while one standby is away"),
        explanation=f"{required} synchronous standbys are required and {len(candidates)} candidates are connected.",
        recommendation="Add another candidate and require any one of them.",
        operations=(AddReplica(),),
    )
