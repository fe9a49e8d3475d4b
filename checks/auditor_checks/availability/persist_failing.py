"""Saving to disk fails.

## What
The last snapshot, the last rewrite of the append-only file, or the last write to that file ended in an error.

## Why it matters
What is on disk is old or incomplete. With stop-writes-on-bgsave-error, the default, the server also refuses all writes
(MISCONF) after a failed snapshot; with a log that cannot be written it does so in any case.

## When it is fine
Never: even where the data may be lost, writes are refused.

## How to fix it
Read the server's log. The usual causes are a full disk, a folder that may not be written, and a fork that the kernel
refuses for want of memory (vm.overcommit_memory = 0). Then run BGSAVE or BGREWRITEAOF and see that the state becomes
ok.

## Sources
Redis documentation, INFO: rdb_last_bgsave_status, aof_last_bgrewrite_status, aof_last_write_status; "Redis
administration".
"""

from __future__ import annotations

from collections.abc import Iterator

from auditor.model.check import Check
from auditor.model.facts import Facts
from auditor.model.finding import Evidence, Flaw, Impact, Unknown, Verdict
from auditor.model.operation import ChangeApplication
from auditor.model.server import Node
from auditor.model.units import NODES
from auditor.model.vocabulary import Pillar, Severity
from auditor_checks._nodes import REDIS, counted_by, follows, setting, setting_of

CHECK = Check(
    title="Saving to disk fails",
    passed="The last attempts to save to disk were successful",
    pillar=Pillar.AVAILABILITY,
    severity=Severity.CRITICAL,
    unit=NODES,
    needs=("info",),
    engines=REDIS,
)
STATES = {
    "rdb_last_bgsave_status": "the last snapshot",
    "aof_last_write_status": "the last write to the append-only file",
    "aof_last_bgrewrite_status": "the last rewrite of the append-only file",
}


def judge(node: Node, facts: Facts) -> Iterator[Verdict]:
    """Read how the last attempts ended."""
    if not any(name in node.states for name in STATES):
        yield Unknown(reason="how the last attempts to save ended is not visible")
        return
    failed = [name for name in STATES if node.states.get(name, "ok") != "ok"]
    if not failed:
        return
    refuses = "aof_last_write_status" in failed or (
        "rdb_last_bgsave_status" in failed and setting_of(node, facts, "stop-writes-on-bgsave-error") == "yes"
        and bool((setting_of(node, facts, "save") or "").strip()) and not follows(node)
    )  # fmt: skip
    refused = facts.workload.errors.get("MISCONF", 0)
    what = " and ".join(STATES[name] for name in failed)
    yield Flaw(
        title=f"{what[0].upper()}{what[1:]} failed" + (", and writes are refused" if refuses else ""),
        severity=Severity.CRITICAL if refuses else Severity.HIGH,
        evidence=(
            *(Evidence(name=name, value=node.states[name], probe="info") for name in failed),
            setting(node, facts, "stop-writes-on-bgsave-error"),
            *counted_by(node, (("rdb_changes_since_last_save", "changes"),)),
            Evidence(name="commands refused (MISCONF)", value=refused, unit="commands", probe="info"),
        ),
        impact=Impact(risk="writes are refused" if refuses else "what is on disk is old"),
        explanation=f"The server says that {what} failed"
        + (", and refuses writes until one is successful." if refuses else "."),
        recommendation="Read its log, mend the cause (disk, permissions, memory for the fork), then save again.",
        operations=(
            ChangeApplication(
                topic="persistence", subject="server",
                instruction="Read the log of the server for why saving failed: a full disk, a folder that may not be "
                "written, or a fork that was refused. Mend it, run BGSAVE, and see that INFO persistence says ok.",
            ),
        ),
    )  # fmt: skip
