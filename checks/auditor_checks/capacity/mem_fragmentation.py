"""Memory is fragmented.

## What
The process has far more memory from the operating system than it uses for data: the ratio and the absolute difference
are both above their limits.

## Why it matters
The memory is paid for and holds nothing. It comes from deleting or rewriting many values of different sizes.

## When it is fine
A peak is just over, and the memory will be used again; small servers, where the ratio means nothing (not reported).

## How to fix it
With jemalloc CONFIG SET activedefrag yes moves values together while clients go on; otherwise let a replica take over,
which starts with compact memory.

## Sources
Redis documentation, "Memory optimization: Memory allocation"; MEMORY STATS; redis.conf: activedefrag.
"""

from __future__ import annotations

from collections.abc import Iterator

from auditor.model.check import Check
from auditor.model.facts import Facts
from auditor.model.finding import Evidence, Flaw, Impact, Verdict
from auditor.model.operation import ChangeApplication, SetSetting
from auditor.model.server import Node
from auditor.model.units import NODES
from auditor.model.vocabulary import Confidence, Pillar, Severity
from auditor.text import size
from auditor_checks._nodes import REDIS, counted_by, number, setting, setting_of

CHECK = Check(
    title="Memory is fragmented",
    passed="Memory is not fragmented",
    pillar=Pillar.CAPACITY,
    severity=Severity.LOW,
    confidence=Confidence.LIKELY,
    unit=NODES,
    needs=("info",),
    engines=REDIS,
)
RATIO, LOST = "mem_fragmentation_ratio", "mem_fragmentation_bytes"


def judge(
    node: Node, facts: Facts, *, ratio: float = 1.5, min_bytes: float = 200e6, high: float = 4e9
) -> Iterator[Verdict]:
    """Compare the memory that the system gave with what is used."""
    found, lost = number(node, RATIO), number(node, LOST)
    if found < ratio or lost < min_bytes:
        return
    peak, used = number(node, "used_memory_peak"), number(node, "used_memory")
    jemalloc = node.states.get("mem_allocator", "").startswith("jemalloc")
    defrag = setting_of(node, facts, "activedefrag")
    possible = jemalloc and defrag == "no"
    yield Flaw(
        title=f"{size(lost)} of memory hold nothing",
        severity=Severity.MEDIUM if lost >= high else Severity.LOW,
        evidence=(
            *counted_by(node, (
                (RATIO, None), (LOST, "bytes"), ("used_memory", "bytes"), ("used_memory_rss", "bytes"),
                ("used_memory_peak", "bytes"), ("allocator_frag_bytes", "bytes"),
            )),
            Evidence(name="mem_allocator", value=node.states.get("mem_allocator"), probe="info"),
            setting(node, facts, "activedefrag"),
        ),
        impact=Impact(bytes=int(lost)),
        explanation=f"{size(used)} are used, and the process has {found:.1f} times as much from the system"
        + (f"; it once used {size(peak)}." if peak > 1.5 * used else "."),
        recommendation="Switch active defragmentation on, which takes no restart." if possible
        else "Let a replica take over: it starts with compact memory.",
        operations=(SetSetting(name="activedefrag", value="yes", previous="no"),) if possible else (
            ChangeApplication(
                topic="fragmentation", subject="server",
                instruction="At a quiet time let a replica take over and restart the old primary as its replica.",
            ),
        ),
    )  # fmt: skip
