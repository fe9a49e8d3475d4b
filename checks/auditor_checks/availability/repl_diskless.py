"""Each copy for a replica goes through the primary's disk.

## What
Replicas follow, repl-diskless-sync is off, and there is much data.

## Why it matters
For each full copy the primary writes a file and reads it again. With a slow disk that takes minutes in which the
buffers for the replica grow, and competes with its own saving.

## When it is fine
The disk is quicker than the network, or several replicas come one after the other and share the file.

## How to fix it
CONFIG SET repl-diskless-sync yes: the copy goes from memory to the network. It is the default since version 7.0.

## Sources
Redis documentation, "Redis replication: Diskless replication"; redis.conf: repl-diskless-sync.
"""

from __future__ import annotations

from collections.abc import Iterator

from auditor.model.check import Check
from auditor.model.facts import Facts
from auditor.model.finding import Evidence, Flaw, Impact, Subject, Verdict
from auditor.model.operation import SetSetting
from auditor.model.server import Node
from auditor.model.units import PRIMARIES
from auditor.model.vocabulary import Pillar, Severity
from auditor.text import size
from auditor_checks._nodes import REDIS, counted_by, number, setting, setting_of

CHECK = Check(
    title="Copies for replicas go through the disk",
    passed="Copies for replicas go over the network alone",
    pillar=Pillar.AVAILABILITY,
    severity=Severity.LOW,
    unit=PRIMARIES,
    needs=("info", "config"),
    engines=REDIS,
)
NAME = "repl-diskless-sync"


def judge(node: Node, facts: Facts, *, min_bytes: float = 1e9) -> Iterator[Verdict]:
    """Read the setting of a primary with replicas and at least ``min_bytes`` of data."""
    held, replicas = number(node, "used_memory"), number(node, "connected_slaves")
    if not replicas or setting_of(node, facts, NAME) != "no" or held < min_bytes:
        return
    yield Flaw(
        subject=Subject(kind="setting", name=NAME),
        evidence=(
            setting(node, facts, NAME), *counted_by(node, (("used_memory", "bytes"), ("sync_full", "copies"))),
            Evidence(name="replicas", value=int(replicas), unit="replicas", probe="info"),
        ),
        impact=Impact(risk="long copies, and a busy disk meanwhile"),
        explanation=f"A copy of {size(held)} is written to disk before it is sent to a replica.",
        recommendation="Switch it on; that takes no restart.",
        operations=(SetSetting(name=NAME, value="yes", previous="no"),),
    )  # fmt: skip
