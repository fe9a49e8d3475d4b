"""The machine has no memory for the copy that saving makes.

## What
The server forks to save, to rewrite its log or to bring a replica up. What it may use, and what it copied while it did
so before (copy on write), are more than the machine has.

## Why it matters
While the copy is written, every page that changes is duplicated: in the worst case twice the memory is needed. Where it
is not there, the kernel kills the process or refuses the fork.

## When it is fine
Writes are rare while it saves, so that little is copied.

## How to fix it
Lower maxmemory, use a machine with more memory, or let a replica on another machine save.

## Sources
Redis documentation, "Redis FAQ: Background saving fails with a fork() error on Linux"; INFO: rdb_last_cow_size.
"""

from __future__ import annotations

from collections.abc import Iterator

from auditor.model.check import Check
from auditor.model.facts import Facts
from auditor.model.finding import Evidence, Flaw, Impact, Unknown, Verdict
from auditor.model.operation import ChangeApplication
from auditor.model.server import Node
from auditor.model.units import NODES
from auditor.model.vocabulary import Confidence, Pillar, Severity
from auditor.text import size
from auditor_checks._nodes import REDIS, counted_by, number, pays_for_copies

CHECK = Check(
    title="The machine has no memory for the copy that saving makes",
    passed="The machine has memory for the copy that saving makes",
    pillar=Pillar.CAPACITY,
    severity=Severity.HIGH,
    confidence=Confidence.LIKELY,
    unit=NODES,
    needs=("info", "config"),
    engines=REDIS,
)
COPIED = ("rdb_last_cow_size", "aof_last_cow_size", "current_cow_peak")
UNSEEN = 0.3
"""The share of the memory that is taken to be copied where no fork was seen yet."""


def judge(node: Node, facts: Facts, *, share: float = 0.9) -> Iterator[Verdict]:
    """Add the largest copy that was seen, in proportion, to what the server may use."""
    machine, rss, used = (number(node, name) for name in ("total_system_memory", "used_memory_rss", "used_memory"))
    if not machine or facts.target.managed:
        yield Unknown(reason="the memory of the machine is not visible")
        return
    if not pays_for_copies(node, facts) or not rss:
        return
    may_use = max(rss, number(node, "maxmemory") * max(1.0, rss / used if used else 1.0) if used > 1e8 else 0.0)
    seen = max(number(node, name) for name in COPIED)
    copy = may_use * (min(1.0, seen / rss) if seen else UNSEEN)
    if may_use + copy <= share * machine:
        return
    now = rss + (seen or rss * UNSEEN) > share * machine
    yield Flaw(
        severity=Severity.HIGH if now else Severity.MEDIUM,
        evidence=(
            *counted_by(node, (
                ("used_memory_rss", "bytes"), ("maxmemory", "bytes"), ("total_system_memory", "bytes"),
                *((name, "bytes") for name in COPIED),
            )),
            Evidence(name="memory that it may use", value=int(may_use), unit="bytes", probe="info"),
            Evidence(name="copy to be expected", value=int(copy), unit="bytes", probe="info"),
        ),
        impact=Impact(risk="the kernel ends the server while it saves, or refuses the fork"),
        explanation=f"It may use {size(may_use)} and copy {size(copy)} while saving; the machine has {size(machine)}.",
        recommendation="Lower maxmemory, use a larger machine, or let a replica elsewhere save.",
        operations=(
            ChangeApplication(
                topic="fork-memory", subject="server",
                instruction="Lower maxmemory, move the server to a machine with more memory, or let a replica "
                "elsewhere write the snapshots.",
            ),
        ),
    )  # fmt: skip
