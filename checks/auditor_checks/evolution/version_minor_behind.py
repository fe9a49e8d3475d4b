"""The server lacks the newest minor releases of its major version.

## What
A newer minor release of the same major version is known to this program.

## Why it matters
Minor releases hold fixes only: security flaws, crashes, wrong results, corruption. Each one missed is a list of known
bugs that the server still has. Where one of these lets others take the server over, the finding is graded high.

## When it is fine
The release is days old and the next maintenance window is near, or a distribution mends its own packages of the older
release.

## How to fix it
Install the newest minor release and restart: replicas first, then switch over. Data files stay as they are.

## Sources
PostgreSQL project, "Versioning Policy": users should always run the current minor release. What was known, and when
it was read, is in auditor/knowledge/lifecycles.toml.
"""

from __future__ import annotations

from collections.abc import Iterator

from auditor.knowledge import lifecycle_of
from auditor.model.check import Check
from auditor.model.facts import Facts
from auditor.model.finding import Evidence, Flaw, Impact, Unknown, Verdict
from auditor.model.operation import UpgradeServer
from auditor.model.units import SERVER
from auditor.model.vocabulary import Pillar, Severity
from auditor_checks.evolution._lines import calendar

CHECK = Check(
    title="Minor releases with fixes are missing",
    passed="Server runs the newest known minor release",
    pillar=Pillar.EVOLUTION,
    severity=Severity.MEDIUM,
    unit=SERVER,
    needs=("server|info",),
)


def judge(_server: Facts, facts: Facts, *, many: float = 3) -> Iterator[Verdict]:
    """Compare the version with the newest minor release that is known."""
    version = facts.target.version
    product = calendar(facts)
    cycle = lifecycle_of(product, version) if product is not None else None
    minor = cycle.minor(version) if cycle is not None else None
    newest = cycle.minor(cycle.latest) if cycle is not None and cycle.latest is not None else None
    if cycle is None or minor is None or newest is None:
        yield Unknown(reason=f"the minor releases of {facts.target.flavour or 'this version'} are not known here")
        return
    missing = newest - minor
    if missing <= 0:
        return
    fixed = cycle.minor(cycle.fixed) if cycle.fixed is not None else None
    open_to = cycle.advisory if fixed is not None and minor < fixed else None
    yield Flaw(
        title=f"Version {version} lacks {missing} minor release{'s' if missing > 1 else ''}",
        severity=Severity.HIGH if open_to else Severity.MEDIUM if missing >= many else Severity.LOW,
        evidence=(
            Evidence(name="version", value=version, probe="server|info"),
            Evidence(name="newest known minor release", value=cycle.latest),
            Evidence(name="read on", value=str(cycle.read)),
            *([Evidence(name=f"flaw that {cycle.fixed} mends", value=open_to)] if open_to else []),
        ),
        impact=Impact(risk=open_to) if open_to else Impact(),
        explanation=f"{version} lacks the fixes of {missing} later minor releases; the newest known is {cycle.latest}."
        + (f" It is open to {open_to}." if open_to else ""),
        recommendation=f"Update to {cycle.latest} or newer: replicas first, then a switch-over.",
        operations=(UpgradeServer(from_version=version, to_version=cycle.latest or version),),
    )
