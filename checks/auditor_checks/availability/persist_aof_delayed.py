"""Writes were held up because the disk is too slow for the append-only file.

## What
aof_delayed_fsync counts how often a write had to wait because the disk had not finished the flush of the second before.

## Why it matters
With everysec the flush is done in the background. When one takes longer than two seconds, the main thread waits, and so
does every client.

## When it is fine
A few times in months, during a backup of the machine.

## How to fix it
Give the append-only file a disk of its own or a quicker one. no-appendfsync-on-rewrite yes avoids the wait while the
file is rewritten, at the price of more lost writes in a crash then.

## Sources
Redis documentation, "Diagnosing latency issues: Latency due to AOF and disk I/O"; INFO: aof_delayed_fsync.
"""

from __future__ import annotations

from collections.abc import Iterator

from auditor.model.check import Check
from auditor.model.facts import Facts
from auditor.model.finding import Flaw, Impact, Verdict
from auditor.model.operation import ChangeApplication
from auditor.model.server import Node
from auditor.model.units import NODES
from auditor.model.vocabulary import Pillar, Severity
from auditor_checks._nodes import REDIS, counted_by, number, setting

CHECK = Check(
    title="The disk is too slow for the append-only file",
    passed="The disk keeps up with the append-only file",
    pillar=Pillar.AVAILABILITY,
    severity=Severity.MEDIUM,
    unit=NODES,
    needs=("info",),
    engines=REDIS,
)
DELAYED = "aof_delayed_fsync"


def judge(node: Node, facts: Facts, *, delayed: float = 5, many: float = 1000) -> Iterator[Verdict]:
    """Read the counter, which exists only where the file does."""
    if number(node, "aof_enabled") == 0 or number(node, DELAYED) < delayed:
        return
    times = number(node, DELAYED)
    yield Flaw(
        title=f"Writes waited for the append-only file {times:,.0f} times",
        severity=Severity.HIGH if times >= many else Severity.MEDIUM,
        evidence=(
            *counted_by(node, ((DELAYED, "times"), ("aof_pending_bio_fsync", "flushes"))),
            setting(node, facts, "appendfsync"), setting(node, facts, "no-appendfsync-on-rewrite"),
        ),
        impact=Impact(risk="all clients wait while the disk is busy"),
        explanation=f"The flush of the append-only file took longer than two seconds {times:,.0f} times since the "
        "counters began, and everybody waited.",
        recommendation="Give the append-only file a quicker disk, or one of its own.",
        operations=(
            ChangeApplication(
                topic="aof-disk", subject="server",
                instruction="Put the append-only file on a quicker disk or on one of its own; find what else writes "
                "there: snapshots, the rewrite of the file, backups, other servers.",
            ),
        ),
    )  # fmt: skip
