"""Each command is a journey of its own.

## What
Commands that the server executed for each time that it read from a connection, at a rate of a thousand a second or
more on average since it started. One command a read means that nobody uses pipelines. Commands in scripts count as
well, so that the ratio looks better than it is.

## Why it matters
A command takes the server a microsecond or two; reading a request and writing an answer are calls of the system that
take longer. With long pipelines a server manages about ten times as many commands. And the client waits for a whole
journey through the network each time.

## When it is fine
Many clients that each ask for one thing.

## How to fix it
Send commands that do not depend on each other's answers in one pipeline, or use those for many keys (MGET, MSET,
HMGET). Many libraries can do it by themselves for commands of the same moment (auto-pipelining).

## Sources
Redis documentation, "Redis pipelining"; INFO: total_commands_processed, total_reads_processed (from version 6.0 on).
"""

from __future__ import annotations

from collections.abc import Iterator

from auditor.model.check import Check
from auditor.model.facts import Facts
from auditor.model.finding import Evidence, Flaw, Unknown, Verdict
from auditor.model.operation import ChangeApplication
from auditor.model.server import Node
from auditor.model.units import PRIMARIES
from auditor.model.vocabulary import Confidence, Pillar, Severity
from auditor_checks._nodes import REDIS, counted_by

CHECK = Check(
    title="Each command is a journey of its own",
    passed="Commands come in pipelines, or few come",
    pillar=Pillar.QUERIES,
    severity=Severity.LOW,
    confidence=Confidence.LIKELY,
    unit=PRIMARIES,
    needs=("info",),
    engines=REDIS,
)
_COMMANDS, _READS = "total_commands_processed", "total_reads_processed"
_ADVICE = "Send commands that do not depend on each other's answers in one pipeline, or use MGET, MSET and HMGET."


def judge(
    node: Node,
    facts: Facts,  # noqa: ARG001 -- every judge has it
    *,
    per_second: float = 1_000,
    medium_per_second: float = 20_000,
    ratio: float = 1.2,
    min_days: float = 1,
) -> Iterator[Verdict]:
    """Divide the commands by the reads."""
    commands, reads = node.counters.get(_COMMANDS), node.counters.get(_READS)
    seconds = node.counters.get("uptime_in_seconds")
    if commands is None or not reads or seconds is None:
        yield Unknown(reason=f"the server has no counter {_READS}, or does not show it")
        return
    if seconds < min_days * 86400:
        yield Unknown(reason=f"the server has counted for {seconds / 86400:.1f} days; {min_days:g} are needed")
        return
    rate = commands / max(1.0, seconds)
    if rate < per_second or commands >= ratio * reads:
        return
    yield Flaw(
        title=f"{rate:,.0f} commands a second come one by one",
        severity=Severity.MEDIUM if rate >= medium_per_second else Severity.LOW,
        evidence=(
            *counted_by(node, ((_COMMANDS, "commands"), (_READS, "reads"))),
            Evidence(name="commands in a read", value=round(commands / reads, 3), unit="commands", probe="info"),
            Evidence(name="commands", value=round(rate, 1), unit="per second", probe="info"),
        ),
        explanation=(
            f"The server read {reads:,.0f} times from connections and found {commands:,.0f} commands there: "
            f"{commands / reads:.2f} at a time."
        ),
        recommendation=_ADVICE,
        operations=(ChangeApplication(topic="pipelining", subject="server", instruction=_ADVICE),),
    )
