"""JavaScript can run in the server, and nobody uses it.

## What
The server has its JavaScript engine on, and since it started no statement used $where, $function, $accumulator or
mapReduce.

## Why it matters
Code that clients send and the server runs is the worst thing that an injected value can become, and the engine is a
large piece of software with flaws of its own.

## When it is fine
A job that runs less often than the counters have counted uses it.

## How to fix it
Switch it off at the next restart (security.javascriptEnabled: false), one member after the other.

## Sources
MongoDB manual, "Security Checklist: Run MongoDB with Secure Configuration Options"; serverStatus:
metrics.operatorCounters (from version 5.0 on).
"""

from __future__ import annotations

from collections.abc import Iterator

from auditor.model.check import Check
from auditor.model.facts import Facts
from auditor.model.finding import Evidence, Flaw, Impact, Subject, Unknown, Verdict
from auditor.model.operation import SetSetting
from auditor.model.units import SERVER
from auditor.model.vocabulary import Confidence, Pillar, Severity
from auditor_checks._settings import evidence_of, is_off

CHECK = Check(
    title="JavaScript can run in the server, and nobody uses it",
    passed="JavaScript is off or used",
    pillar=Pillar.SECURITY,
    severity=Severity.LOW,
    confidence=Confidence.LIKELY,
    unit=SERVER,
    needs=("options", "server-status"),
    engines=("mongodb",),
)
NAME = "security.javascriptEnabled"
USES = (
    "metrics.operatorCounters.match.$where",
    "metrics.operatorCounters.expressions.$function",
    "metrics.operatorCounters.groupAccumulators.$accumulator",
    "metrics.commands.mapReduce.total",
)


def judge(_server: Facts, facts: Facts, *, min_days: float = 14) -> Iterator[Verdict]:
    """Look for uses since the start, where that was long enough ago."""
    if is_off(facts.setting(NAME)):
        return
    days = facts.counted_days(USES, min_days)
    if isinstance(days, Unknown):
        yield days
        return
    if any(facts.counter(name) for name in USES):
        return
    yield Flaw(
        subject=Subject(kind="setting", name=NAME),
        evidence=(
            evidence_of(NAME, facts),
            *(Evidence(name=name.rpartition("metrics.")[2], value=0, unit="calls", probe="server-status")
              for name in USES),
            Evidence(name="days counted", value=round(days, 1), unit="days", probe="server-status"),
        ),
        impact=Impact(risk="an injected value runs as code"),
        explanation=f"In {days:.0f} days nothing ran JavaScript in the server, which would let it.",
        recommendation="Switch it off when the members are next restarted.",
        operations=(SetSetting(name=NAME, value="false", previous=facts.setting(NAME), restart=True),),
    )  # fmt: skip
