"""The data is kept as an older version wants it.

## What
The feature compatibility version is lower than the version of the server.

## Why it matters
The server holds back what it can do, and the next upgrade is refused until this one is finished. Forgotten after an
upgrade it stays for years.

## When it is fine
In the days after an upgrade, while a way back is wanted.

## How to fix it
When the version has proved itself, set the compatibility version to its own. The way back is then gone.

## Sources
MongoDB manual, setFeatureCompatibilityVersion; the release notes of each version, "Upgrade Procedures".
"""

from __future__ import annotations

from collections.abc import Iterator

from auditor.model.check import Check
from auditor.model.facts import Facts
from auditor.model.finding import Evidence, Flaw, Impact, Subject, Unknown, Verdict
from auditor.model.operation import SetSetting
from auditor.model.units import SERVER
from auditor.model.vocabulary import Pillar, Severity
from auditor_checks._settings import evidence_of

CHECK = Check(
    title="An upgrade was not finished",
    passed="The upgrade to the server's version is finished",
    pillar=Pillar.EVOLUTION,
    severity=Severity.LOW,
    unit=SERVER,
    needs=("parameters", "server"),
    engines=("mongodb",),
)
NAME = "setParameter.featureCompatibilityVersion.version"


def judge(_server: Facts, facts: Facts) -> Iterator[Verdict]:
    """Compare both versions by their first two numbers."""
    value = facts.setting(NAME)
    if value is None or facts.capabilities.own_versions:
        yield Unknown(reason="the feature compatibility version is not visible")
        return
    own = ".".join(facts.target.version.split(".")[:2])
    if _numbers(value) >= _numbers(own):
        return
    yield Flaw(
        subject=Subject(kind="setting", name=NAME),
        title=f"The server is version {own} and keeps to {value}",
        severity=Severity.MEDIUM if _numbers(own)[0] - _numbers(value)[0] > 1 else Severity.LOW,
        evidence=(evidence_of(NAME, facts), Evidence(name="version", value=facts.target.version, probe="server")),
        impact=Impact(risk="the next upgrade is refused"),
        explanation=f"Version {own} runs in the ways of {value}, and does not use what came since.",
        recommendation=f"When {own} has proved itself, set the feature compatibility version to {own}.",
        operations=(SetSetting(name=NAME, value=own, previous=value),),
    )


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in version.split(".") if part.isdigit())
