"""The backlog covers only seconds of writes.

## What
What replicas can miss without a full copy, repl-backlog-size, divided by the mean rate at which changes were sent to
them.

## Why it matters
A replica that was away for longer, for a restart, a network problem or an upgrade, copies everything again: a fork, a
copy over the network, and no current data meanwhile.

## When it is fine
The data is so small that a full copy takes a second.

## How to fix it
CONFIG SET repl-backlog-size to the rate times the longest usual interruption; it takes effect at once and costs that
memory.

## Sources
Redis documentation, redis.conf: repl-backlog-size; INFO: total_net_repl_output_bytes.
"""

from __future__ import annotations

from collections.abc import Iterator

from auditor.model.check import Check
from auditor.model.facts import Facts
from auditor.model.finding import Evidence, Flaw, Impact, Unknown, Verdict
from auditor.model.operation import SetSetting
from auditor.model.server import Node
from auditor.model.units import PRIMARIES
from auditor.model.vocabulary import Confidence, Pillar, Severity
from auditor.text import duration, size
from auditor_checks._nodes import REDIS, counted_by, number, setting_of

CHECK = Check(
    title="The backlog covers only seconds of writes",
    passed="The backlog covers a short interruption",
    pillar=Pillar.AVAILABILITY,
    severity=Severity.MEDIUM,
    confidence=Confidence.LIKELY,
    unit=PRIMARIES,
    needs=("info", "config"),
    engines=REDIS,
)
BACKLOG, SENT = "repl-backlog-size", "total_net_repl_output_bytes"


def judge(
    node: Node, facts: Facts, *, seconds: float = 60, hours: float = 1, min_bytes: float = 100e6
) -> Iterator[Verdict]:
    """Divide the backlog by the mean rate; a server with less than ``min_bytes`` of data copies it quickly."""
    replicas, counted_for = number(node, "connected_slaves"), number(node, "uptime_in_seconds")
    if not replicas or number(node, "used_memory_dataset") < min_bytes:
        return
    if counted_for < hours * 3600:
        yield Unknown(reason=f"it has counted for {duration(counted_for)} only; {hours:g} hours are needed")
        return
    if SENT not in node.counters:
        yield Unknown(reason="this version does not count what is sent to replicas")
        return
    rate = max(0.0, number(node, SENT) / replicas - number(node, "used_memory_dataset")) / max(1.0, counted_for)
    backlog = number(node, "repl_backlog_size")
    if not rate or backlog / rate >= seconds:
        return
    wanted = 1 << max(26, int(rate * 600).bit_length())
    yield Flaw(
        title=f"The backlog covers {duration(backlog / rate)} of writes",
        evidence=(
            *counted_by(node, (("repl_backlog_size", "bytes"), (SENT, "bytes"), ("uptime_in_seconds", "seconds"))),
            Evidence(name="sent to each replica", value=round(rate), unit="bytes per second", probe="info"),
            Evidence(name="replicas", value=int(replicas), unit="replicas", probe="info"),
        ),
        impact=Impact(risk="a replica that was away for longer copies everything"),
        explanation=f"At the mean of {size(rate)} a second the backlog of {size(backlog)} holds "
        f"{duration(backlog / rate)} of writes.",
        recommendation=f"Make it {size(wanted)}, about ten minutes of writes or more.",
        operations=(
            SetSetting(name=BACKLOG, value=str(wanted), previous=setting_of(node, facts, BACKLOG)),
        ),
    )  # fmt: skip
