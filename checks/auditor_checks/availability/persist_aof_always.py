"""Every write waits for the disk.

## What
The append-only file is on and appendfsync is always.

## Why it matters
Each write is answered only when the disk has it, and all other commands wait in the same queue. On most disks that is
milliseconds instead of microseconds. The latency events aof-fsync-always show what it costs here.

## When it is fine
Losing one second of acknowledged writes is worse than being slow, and the disk has a cache that survives a power cut.

## How to fix it
CONFIG SET appendfsync everysec: a crash of the machine may then lose about one second. A crash of the process alone
loses nothing.

## Sources
Redis documentation, "Redis persistence": how durable is the append only file.
"""

from __future__ import annotations

from collections.abc import Iterator

from auditor.model.check import Check
from auditor.model.facts import Facts
from auditor.model.finding import Evidence, Flaw, Impact, Subject, Verdict
from auditor.model.operation import SetSetting
from auditor.model.server import Node
from auditor.model.units import PRIMARIES
from auditor.model.vocabulary import Confidence, Pillar, Severity
from auditor_checks._nodes import REDIS, setting, setting_of

CHECK = Check(
    title="Every write waits for the disk",
    passed="Writes do not wait for the disk one by one",
    pillar=Pillar.AVAILABILITY,
    severity=Severity.LOW,
    confidence=Confidence.POSSIBLE,
    unit=PRIMARIES,
    needs=("config",),
    engines=REDIS,
)


def judge(node: Node, facts: Facts, *, milliseconds: float = 10) -> Iterator[Verdict]:
    """Read the setting; a measured wait of so many ``milliseconds`` makes it more than a matter of taste."""
    if setting_of(node, facts, "appendonly") != "yes" or setting_of(node, facts, "appendfsync") != "always":
        return
    waits = [event for event in facts.workload.latency if event.name == "aof-fsync-always"]
    longest = max((event.maximum_ms for event in waits), default=0.0)
    slow = longest >= milliseconds
    yield Flaw(
        severity=Severity.MEDIUM if slow else Severity.LOW,
        confidence=Confidence.LIKELY if slow else Confidence.POSSIBLE,
        subject=Subject(kind="setting", name="appendfsync"),
        evidence=(
            setting(node, facts, "appendonly"), setting(node, facts, "appendfsync"),
            *([Evidence(name="longest wait for the disk", value=longest, unit="milliseconds", probe="latency")]
              if waits else []),
        ),
        impact=Impact(risk="all commands wait while one write waits for the disk"),
        explanation="Each write is answered when the disk has it, and all other commands queue behind it.",
        recommendation="Set appendfsync to everysec unless one lost second of writes is worse than slow answers.",
        operations=(SetSetting(name="appendfsync", value="everysec", previous="always"),),
    )  # fmt: skip
