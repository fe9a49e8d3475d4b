"""The append-only file is not rewritten.

## What
The append-only file is on, and nothing makes it smaller: auto-aof-rewrite-percentage is 0, or the file is far larger
than the setting allows.

## Why it matters
The file holds every write ever made. It fills the disk, after which writes are refused, and a restart replays all of
it: minutes to hours without service.

## When it is fine
A job runs BGREWRITEAOF at quiet times: then the file is not much larger than its base.

## How to fix it
CONFIG SET auto-aof-rewrite-percentage 100; run BGREWRITEAOF once at a quiet time, with room for a copy on the disk and
memory for the fork.

## Sources
Redis documentation, "Redis persistence: Log rewriting"; INFO: aof_current_size, aof_base_size.
"""

from __future__ import annotations

from collections.abc import Iterator

from auditor.model.check import Check
from auditor.model.facts import Facts
from auditor.model.finding import Flaw, Impact, Unknown, Verdict
from auditor.model.operation import ChangeApplication, SetSetting
from auditor.model.server import Node
from auditor.model.units import NODES
from auditor.model.vocabulary import Pillar, Severity
from auditor.text import size
from auditor_checks._nodes import REDIS, counted_by, number, setting, setting_of

CHECK = Check(
    title="The append-only file is not rewritten",
    passed="The append-only file is rewritten when it grows",
    pillar=Pillar.AVAILABILITY,
    severity=Severity.MEDIUM,
    unit=NODES,
    needs=("info", "config"),
    engines=REDIS,
)
PERCENTAGE, MINIMUM = "auto-aof-rewrite-percentage", "auto-aof-rewrite-min-size"
CURRENT, BASE = "aof_current_size", "aof_base_size"


def judge(node: Node, facts: Facts, *, factor: float = 3, min_bytes: float = 64e6) -> Iterator[Verdict]:
    """Compare the file with what it was when it was written last: ``factor`` times the growth that is allowed."""
    if number(node, "aof_enabled") == 0:
        return
    percentage = setting_of(node, facts, PERCENTAGE)
    if percentage is None:
        yield Unknown(reason=f"{PERCENTAGE} is not visible")
        return
    never, current, base = percentage == "0", number(node, CURRENT), number(node, BASE)
    allowed = max(base, 1) * (1 + factor * float(percentage) / 100)
    outgrown = current >= min_bytes and current > allowed and number(node, "aof_rewrite_in_progress") == 0
    if (never and current <= 2 * max(base, min_bytes / 4)) or (not never and not outgrown):
        return
    yield Flaw(
        title=f"The append-only file of {size(current)} is never rewritten" if never
        else f"The append-only file grew from {size(base)} to {size(current)} without a rewrite",
        severity=Severity.MEDIUM if never or number(node, "aof_rewrites_consecutive_failures") == 0 else Severity.HIGH,
        evidence=(
            setting(node, facts, PERCENTAGE), setting(node, facts, MINIMUM),
            *counted_by(node, ((CURRENT, "bytes"), (BASE, "bytes"), ("aof_rewrites_consecutive_failures", "times"))),
        ),
        impact=Impact(bytes=int(max(0.0, current - base)), risk="the disk fills, and a restart takes long"),
        explanation=f"The file was {size(base)} when it was written last, is {size(current)} now, and "
        + ("nothing rewrites it by itself." if never else f"should have been rewritten at {percentage} % growth."),
        recommendation="Let the server rewrite it when it doubles, and rewrite it once at a quiet time.",
        operations=(SetSetting(name=PERCENTAGE, value="100", previous=percentage),) if never else (
            ChangeApplication(
                topic="aof-rewrite", subject="server",
                instruction="Run BGREWRITEAOF at a quiet time and read in the log why it did not happen by itself.",
            ),
        ),
    )  # fmt: skip
