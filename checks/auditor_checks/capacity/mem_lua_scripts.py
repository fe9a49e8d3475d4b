"""Scripts are made anew for each call.

## What
The server holds hundreds of cached scripts, or had to drop some: the text of scripts differs from call to call, because
values are written into it.

## Why it matters
Each text is compiled once and kept. Servers before version 7.4 keep all of them until a restart; newer ones keep the
last 500 of those sent by EVAL, and compile again and again.

## When it is fine
An application has many scripts that it knows by name: a few hundred at most.

## How to fix it
Pass values as KEYS and ARGV so that the text stays the same; load it once and call it by EVALSHA, or as a function.

## Sources
Redis documentation, "Scripting with Lua: Script parameterization; Eval scripts in Redis: Script cache"; INFO:
number_of_cached_scripts, evicted_scripts.
"""

from __future__ import annotations

from collections.abc import Iterator

from auditor.model.check import Check
from auditor.model.facts import Facts
from auditor.model.finding import Evidence, Flaw, Impact, Verdict
from auditor.model.operation import ChangeApplication
from auditor.model.server import Node
from auditor.model.units import PRIMARIES
from auditor.model.vocabulary import Confidence, Pillar, Severity
from auditor_checks._nodes import REDIS, counted_by, number

CHECK = Check(
    title="Scripts are made anew for each call",
    passed="Few different scripts are used",
    pillar=Pillar.CAPACITY,
    severity=Severity.MEDIUM,
    confidence=Confidence.LIKELY,
    unit=PRIMARIES,
    needs=("info",),
    engines=REDIS,
)
CACHED, EVICTED = "number_of_cached_scripts", "evicted_scripts"


def judge(node: Node, facts: Facts, *, scripts: float = 500) -> Iterator[Verdict]:
    """Count the scripts that are kept and those that were dropped."""
    cached, evicted = number(node, CACHED), number(node, EVICTED)
    if cached < scripts and evicted < scripts:
        return
    calls = sum(one.calls for one in facts.workload.commands if one.name in ("eval", "eval_ro"))
    memory = number(node, "used_memory_scripts_eval") or number(node, "used_memory_lua")
    yield Flaw(
        title=f"{cached + evicted:,.0f} different scripts were sent",
        evidence=(
            *counted_by(node, ((CACHED, "scripts"), (EVICTED, "scripts"), ("used_memory_scripts_eval", "bytes"),
                               ("used_memory_lua", "bytes"))),
            Evidence(name="calls of EVAL", value=calls, unit="calls", probe="info"),
        ),
        impact=Impact(bytes=int(memory), risk="memory that grows, and compilation in the main thread"),
        explanation=f"{cached:,.0f} scripts are cached and {evicted:,.0f} were dropped: values stand in their text.",
        recommendation="Pass values as KEYS and ARGV, so that the text stays the same.",
        operations=(
            ChangeApplication(
                topic="scripts", subject="server",
                instruction="Pass values to scripts as KEYS and ARGV instead of writing them into the text; load each "
                "script once (SCRIPT LOAD, FUNCTION LOAD) and call it by EVALSHA or FCALL.",
            ),
        ),
    )  # fmt: skip
