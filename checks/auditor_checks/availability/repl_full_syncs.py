"""Replicas copy everything again instead of going on where they were.

## What
Attempts to go on after a short interruption failed (sync_partial_err), and full copies were sent in their place, more
than there are replicas.

## Why it matters
A full copy forks the server, takes memory for what changes meanwhile, fills the network, and leaves the replica without
service or with old data until it has loaded everything. When the backlog is too small this repeats with each hiccup.

## When it is fine
Replicas were added or rebuilt on purpose.

## How to fix it
Make repl-backlog-size as large as what is written in the longest interruption that is usual, an hour of writes where
there is memory for it; see that client-output-buffer-limit replica does not cut the copy off.

## Sources
Redis documentation, "Redis replication: How Redis replication works"; INFO: sync_full, sync_partial_ok,
sync_partial_err.
"""

from __future__ import annotations

from collections.abc import Iterator

from auditor.model.check import Check
from auditor.model.facts import Facts
from auditor.model.finding import Evidence, Flaw, Impact, Verdict
from auditor.model.operation import SetSetting
from auditor.model.server import Node
from auditor.model.units import PRIMARIES
from auditor.model.vocabulary import Pillar, Severity
from auditor.text import size
from auditor_checks._nodes import REDIS, counted_by, number, setting_of

CHECK = Check(
    title="Replicas copy everything again",
    passed="Replicas go on where they were",
    pillar=Pillar.AVAILABILITY,
    severity=Severity.MEDIUM,
    unit=PRIMARIES,
    needs=("info",),
    engines=REDIS,
)
FULL, PARTIAL, FAILED = "sync_full", "sync_partial_ok", "sync_partial_err"
BACKLOG = "repl-backlog-size"


def judge(node: Node, facts: Facts, *, syncs: float = 3) -> Iterator[Verdict]:
    """Count failed attempts to go on, and full copies beyond the first of each replica."""
    failed, full, replicas = number(node, FAILED), number(node, FULL), number(node, "connected_slaves")
    if failed < syncs or full - replicas < syncs:
        return
    current = setting_of(node, facts, BACKLOG)
    wanted = max(64 * 1024 * 1024, 4 * int(current or 0))
    yield Flaw(
        title=f"Replicas copied everything {full:,.0f} times",
        evidence=(
            *counted_by(node, ((FULL, "copies"), (FAILED, "attempts"), (PARTIAL, "attempts"))),
            Evidence(name="replicas", value=int(replicas), unit="replicas", probe="info"),
            *counted_by(node, (("repl_backlog_size", "bytes"),)),
        ),
        impact=Impact(risk="forks, traffic and replicas without data after each interruption"),
        explanation=f"{failed:,.0f} times a replica came back and what it had missed was no longer in the backlog of "
        f"{size(number(node, 'repl_backlog_size'))}; {full:,.0f} full copies were sent.",
        recommendation="Make the backlog larger than what is written in an interruption.",
        operations=(SetSetting(name=BACKLOG, value=str(wanted), previous=current),),
    )  # fmt: skip
