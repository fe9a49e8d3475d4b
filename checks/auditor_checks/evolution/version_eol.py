"""The server's major version is out of support, or will be within months.

## What
The end of support of the server's major version, from a table that ships with this program: past, or nearer than the
limit.

## Why it matters
Without support there are no fixes for security flaws and data-corrupting bugs, and auditors count it as a finding. A
major upgrade without downtime needs weeks of preparation, so the date has to be known early.

## When it is fine
A provider or vendor sells extended support for this version, a distribution mends its own packages of it, or the
product is a compatible one with dates of its own that are not known here (those are not judged).

## How to fix it
Plan the major upgrade: a rehearsed upgrade in place, or logical replication into a new server and a switch.

MongoDB: Members are upgraded one after the other, through every major version in between.

Redis: Replicas are upgraded first; then one of them takes over, and the old primary follows it.

## Sources
PostgreSQL project, "Versioning Policy": five years of support per major version. Valkey project, "Releases and
Versioning". The dates and the day on which each
was read are in auditor/knowledge/lifecycles.toml.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from auditor.knowledge import Lifecycle, lifecycle_of, lifecycles
from auditor.model.check import Check
from auditor.model.facts import Facts
from auditor.model.finding import Evidence, Flaw, Impact, Unknown, Verdict
from auditor.model.operation import UpgradeServer
from auditor.model.units import SERVER
from auditor.model.vocabulary import Pillar, Severity
from auditor_checks.evolution._lines import calendar

CHECK = Check(
    title="Server version is at the end of its support",
    passed="Server version is supported",
    pillar=Pillar.EVOLUTION,
    severity=Severity.HIGH,
    unit=SERVER,
    needs=("server|info",),
)


def judge(_server: Facts, facts: Facts, *, months: float = 6) -> Iterator[Verdict]:
    """Compare the version's end of support with the moment of the snapshot."""
    product = calendar(facts)
    if product is None:
        yield Unknown(reason=f"{facts.target.flavour} has a support calendar of its own, which is not known here")
        return
    cycle = lifecycle_of(product, facts.target.version)
    if cycle is None:
        version = facts.target.version
        yield Unknown(reason=f"the support dates of version {version} are not known to this release of the program")
        return
    if cycle.end_of_life is None:
        return
    major = cycle.major
    left = (cycle.end_of_life - facts.now.date()).days
    if left > months * 30:
        return
    newest = max(lifecycles(product), key=_supported)
    state = (
        f"ended on {cycle.end_of_life}, {-left} days ago"
        if left < 0
        else f"ends on {cycle.end_of_life}, in {left} days"
    )
    yield Flaw(
        title=f"Support of version {major} {'ended' if left < 0 else 'ends'} on {cycle.end_of_life}",
        severity=Severity.HIGH if left < 0 else Severity.MEDIUM,
        evidence=(
            Evidence(name="version", value=facts.target.version, probe="server|info"),
            Evidence(name="days of support left", value=left, unit="days", probe="server|info"),
            Evidence(name="end of support read on", value=str(cycle.read), probe=None),
        ),
        impact=Impact(deadline=str(cycle.end_of_life), risk="no fixes for security flaws and corruption bugs"),
        explanation=f"The support of version {major} {state} ({cycle.source}).",
        recommendation=f"Upgrade to version {newest.major}, "
        + (f"which is supported until {newest.end_of_life}." if newest.end_of_life else "which is supported."),
        operations=(UpgradeServer(from_version=facts.target.version, to_version=newest.major, major=True),),
    )


def _supported(cycle: Lifecycle) -> tuple[date, date]:
    """How long a version is supported, without an announced end for longest; of equals the newer one counts."""
    return cycle.end_of_life or date.max, cycle.released or date.min
