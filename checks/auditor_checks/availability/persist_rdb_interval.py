"""A crash loses all writes since the last snapshot, and these are many.

## What
Snapshots are the only copy on disk, and more changes than the limit were made since the last one, which is longer ago
than the limit.

## Why it matters
A crash of the process or of the machine loses them, although clients were told that they were done.

## When it is fine
What is held is a cache (not reported), or a replica that would take over has these writes.

## How to fix it
CONFIG SET appendonly yes: a crash then loses about one second. Snapshots can stay for backups. Where that is too much,
save more often.

## Sources
Redis documentation, "Redis persistence: RDB disadvantages"; INFO: rdb_changes_since_last_save, rdb_last_save_time.
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
from auditor.text import duration
from auditor_checks._nodes import REDIS, counted_by, is_durable, number, of_keys, setting, setting_of

CHECK = Check(
    title="Many writes are only in memory",
    passed="Writes reach the disk soon",
    pillar=Pillar.AVAILABILITY,
    severity=Severity.MEDIUM,
    confidence=Confidence.LIKELY,
    unit=PRIMARIES,
    needs=("info", "config"),
    engines=REDIS,
)
CHANGES = "rdb_changes_since_last_save"


def judge(node: Node, facts: Facts, *, changes: float = 10_000, seconds: float = 900) -> Iterator[Verdict]:
    """Read how much was changed since the last snapshot, and how long ago that was."""
    if facts.target.managed:
        yield Unknown(reason="how a managed service keeps its data is outside the server's sight")
        return
    save = setting_of(node, facts, "save")
    if setting_of(node, facts, "appendonly") == "yes" or not (save or "").strip() or not is_durable(facts):
        return
    ago, open_ = facts.now.timestamp() - number(node, "rdb_last_save_time"), number(node, CHANGES)
    if open_ < changes or ago < seconds or number(node, "rdb_bgsave_in_progress"):
        return
    replicas = int(number(node, "connected_slaves"))
    yield Flaw(
        title=f"{open_:,.0f} changes of the last {duration(ago)} are only in memory",
        severity=Severity.LOW if replicas else Severity.MEDIUM,
        evidence=(
            *counted_by(node, ((CHANGES, "changes"),)),
            Evidence(name="since the last snapshot", value=round(ago), unit="seconds", probe="info"),
            setting(node, facts, "save"), setting(node, facts, "appendonly"),
            Evidence(name="replicas", value=replicas, unit="replicas", probe="info"), *of_keys(facts),
        ),
        impact=Impact(risk="a crash loses writes that were acknowledged"),
        explanation=f"{open_:,.0f} changes were made since the last snapshot, {duration(ago)} ago; a crash loses them.",
        recommendation="Switch the append-only file on, which takes no restart.",
        operations=(SetSetting(name="appendonly", value="yes", previous="no"),),
    )  # fmt: skip
