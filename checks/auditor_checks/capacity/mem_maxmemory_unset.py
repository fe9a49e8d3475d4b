"""Nothing limits the memory that the server takes.

## What
maxmemory is 0 on a primary: the server takes memory until the machine has none.

## Why it matters
Then the kernel kills the process, or the machine swaps and every command takes a hundred times longer. With a limit the
server evicts keys or refuses writes, which clients can handle.

## When it is fine
The data cannot grow, and the machine is many times larger: graded low. A limit that a container sets is not visible to
the server, and ends in the process being killed as well.

## How to fix it
CONFIG SET maxmemory takes effect at once: set it above present use, and leave room for fragmentation, for buffers, and
for what forks copy. Choose maxmemory-policy first: under noeviction writes are refused at the limit.

## Sources
Redis documentation, "Key eviction: Maxmemory configuration directive"; "Redis administration: Memory".
"""

from __future__ import annotations

from collections.abc import Iterator

from auditor.model.check import Check
from auditor.model.facts import Facts
from auditor.model.finding import Evidence, Flaw, Impact, Subject, Unknown, Verdict
from auditor.model.operation import MoveToCluster, SetSetting
from auditor.model.server import Node
from auditor.model.units import PRIMARIES
from auditor.model.vocabulary import Pillar, Severity
from auditor.text import size
from auditor_checks._nodes import REDIS, counted_by, number, pays_for_copies

CHECK = Check(
    title="Nothing limits the memory that the server takes",
    passed="The memory that the server takes is limited",
    pillar=Pillar.CAPACITY,
    severity=Severity.MEDIUM,
    unit=PRIMARIES,
    needs=("info",),
    engines=REDIS,
)
NAME = "maxmemory"
SIZES = ("used_memory", "used_memory_peak", "total_system_memory")
FORKING, PLAIN = 0.6, 0.75
"""Which share of the machine is left to the data where the server forks, and where it does not."""


def judge(node: Node, facts: Facts, *, low_share: float = 0.01, high_share: float = 0.5) -> Iterator[Verdict]:
    """Read the limit, and grade by the share of the machine that is in use."""
    if NAME not in node.counters or facts.target.managed:
        yield Unknown(reason="the limit is the operator's choice, or not visible")
        return
    if number(node, NAME) > 0:
        return
    used, peak, machine = (number(node, name) for name in SIZES)
    part = used / machine if machine else 0.0
    limit = machine * (FORKING if pays_for_copies(node, facts) else PLAIN)
    fits = limit > 1.2 * peak
    yield Flaw(
        severity=Severity.HIGH if part >= high_share else Severity.LOW if part < low_share else Severity.MEDIUM,
        subject=Subject(kind="setting", name=NAME),
        evidence=(
            *counted_by(node, (
                (NAME, "bytes"), *((name, "bytes") for name in SIZES),
            )),
            Evidence(name="maxmemory_policy", value=node.states.get("maxmemory_policy"), probe="info"),
        ),
        impact=Impact(risk="the kernel ends the server when the machine has no memory left"),
        explanation=f"The server uses {size(used)}"
        + (f" of the machine's {size(machine)}" if machine else "") + ", and nothing limits it.",
        recommendation=f"Set it to {size(limit)} or less, whatever else runs on the machine included."
        if fits else "Give the machine more memory or spread the keys first, then set a limit.",
        operations=(SetSetting(name=NAME, value=str(int(limit)), previous="0"),) if fits else (MoveToCluster(),),
    )  # fmt: skip
