"""The profiler keeps every operation.

## What
Databases whose profiler is at level 2 and keeps more than a small sample.

## Why it matters
Each operation, the quickest too, is written once more into a collection that holds a few minutes of it, with the values
that it had: names, addresses and tokens of users among them.

## When it is fine
For as long as somebody looks at it, or on a server for tests.

## How to fix it
Level 1 with a limit in milliseconds and a sample keeps what is of use. The change takes no time.

## Sources
MongoDB manual, "Database Profiler": profiling can degrade performance and expose unencrypted query data.
"""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from auditor.model.check import Check
from auditor.model.facts import Facts
from auditor.model.finding import Evidence, Flaw, Impact
from auditor.model.operation import ChangeApplication
from auditor.model.units import TRACES
from auditor.model.vocabulary import Pillar, Severity
from auditor.model.workload import Trace

CHECK = Check(
    title="The profiler keeps every operation",
    passed="No profiler keeps every operation",
    pillar=Pillar.OPERATIONS,
    severity=Severity.MEDIUM,
    unit=TRACES,
    needs=("profiler",),
    engines=("mongodb",),
)


def judge(
    trace: Trace,
    facts: Facts,  # noqa: ARG001 -- every judge has it
    *,
    min_share: float = 0.1,
) -> Iterator[Flaw]:
    """Report a database that keeps all, or a large sample of all."""
    if trace.level != "all" or trace.sampled < min_share:
        return
    database = msgspec.json.encode(trace.database).decode()
    yield Flaw(
        evidence=(
            Evidence(name="level", value=2, probe="profiler"),
            Evidence(name="share that is kept", value=trace.sampled, unit="share", probe="profiler"),
            Evidence(name="operations kept now", value=trace.entries, unit="operations", probe="profiler"),
            Evidence(name="size of what is kept", value=trace.bytes, unit="bytes", probe="profiler"),
            Evidence(name="its limit", value=trace.bytes_maximum, unit="bytes", probe="profiler"),
        ),
        impact=Impact(risk="each operation is written twice, with its values in clear"),
        explanation=f"The profiler of {trace.database} is at level 2: each operation is kept, however quick.",
        recommendation="Keep slow operations only, and a sample of them.",
        operations=(
            ChangeApplication(
                topic="profiler", subject=trace.database,
                instruction=f"Run db.getSiblingDB({database}).setProfilingLevel(1, {{slowms: 100, sampleRate: 0.1}}).",
            ),
        ),
    )  # fmt: skip
