"""Nothing tells which operations are slow.

## What
Databases whose profiler is off, on a server whose log takes an operation for slow only after more than a second, or
keeps only a small sample of the slow ones.

## Why it matters
When users complain there is nothing to look at: what takes half a second a thousand times a minute is nowhere to be
found, nor is this audit able to judge it.

## When it is fine
Something else records the operations: an agent of a monitoring service, or the drivers of the application.

## How to fix it
Lower the limit of the log to 100 milliseconds, its default, with the profiler still off. The change takes no time.

## Sources
MongoDB manual, "operationProfiling.slowOpThresholdMs" (default 100) and "slowOpSampleRate" (default 1.0).
"""

from __future__ import annotations

from collections.abc import Iterator

from auditor.model.check import Check
from auditor.model.facts import Facts
from auditor.model.finding import Evidence, Flaw, Impact
from auditor.model.operation import SetSetting
from auditor.model.units import TRACES
from auditor.model.vocabulary import Confidence, Pillar, Severity
from auditor.model.workload import Trace

CHECK = Check(
    title="Nothing tells which operations are slow",
    passed="Slow operations are recorded",
    pillar=Pillar.OPERATIONS,
    severity=Severity.LOW,
    confidence=Confidence.LIKELY,
    unit=TRACES,
    needs=("profiler",),
    engines=("mongodb",),
)
_SETTING = "operationProfiling.slowOpThresholdMs"


def judge(trace: Trace, facts: Facts, *, most_ms: float = 1_000, least_share: float = 0.05) -> Iterator[Flaw]:
    """Report a database whose slow operations neither the profiler nor the log keeps."""
    limit = trace.slower_than_ms
    if trace.level == "all" or limit is None or (limit <= most_ms and trace.sampled >= least_share):
        return
    yield Flaw(
        evidence=(
            Evidence(name="an operation is slow from", value=limit, unit="milliseconds", probe="profiler"),
            Evidence(name="share of the slow ones that is kept", value=trace.sampled, unit="share", probe="profiler"),
            Evidence(name="level of the profiler", value=trace.level, probe="profiler"),
        ),
        impact=Impact(risk="what is slow is found by users"),
        explanation=(
            f"In {trace.database} an operation is recorded from {limit:,.0f} ms, and of these {trace.sampled:.0%}."
        ),
        recommendation="Lower the limit to 100 ms and keep all of them, with the profiler off.",
        operations=(
            SetSetting(
                name=_SETTING, value="100", previous=facts.setting(_SETTING) or f"{limit:.0f}",
            ),
        ),
    )  # fmt: skip
