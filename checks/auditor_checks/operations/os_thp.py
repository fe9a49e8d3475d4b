"""The server does not keep the system from giving it huge pages.

## What
disable-thp is no on a server that forks: it saves snapshots, rewrites its append-only file, or has replicas. Whether
the machine uses transparent huge pages at all cannot be seen from the server.

## Why it matters
After a fork every change copies the page that it is in. With pages of 2 MB instead of 4 kB a few changes copy the whole
memory: commands wait for it, and memory may run out.

## When it is fine
/sys/kernel/mm/transparent_hugepage/enabled of the machine is never or madvise.

## How to fix it
Leave the setting at its default, yes, which takes a restart; or write madvise into the file above.

## Sources
Redis documentation, "Diagnosing latency issues: Latency induced by transparent huge pages". redis.conf, disable-thp.
"""

from __future__ import annotations

from collections.abc import Iterator

from auditor.model.check import Check
from auditor.model.facts import Facts
from auditor.model.finding import Evidence, Verdict
from auditor.model.units import SERVER
from auditor.model.vocabulary import Confidence, Pillar, Severity
from auditor_checks._nodes import REDIS, pays_for_copies
from auditor_checks._settings import evidence_of, invisible, is_off, setting_flaw

CHECK = Check(
    title="The server does not keep huge pages away",
    passed="The server keeps huge pages away, or does not fork",
    pillar=Pillar.OPERATIONS,
    severity=Severity.LOW,
    confidence=Confidence.POSSIBLE,
    unit=SERVER,
    needs=("config", "info"),
    engines=REDIS,
)
NAME = "disable-thp"


def judge(_server: Facts, facts: Facts) -> Iterator[Verdict]:
    """Read the setting where the server forks."""
    value = facts.setting(NAME)
    if value is None:
        yield invisible(NAME)
        return
    if not is_off(value) or not any(pays_for_copies(node, facts) for node in facts.server.nodes):
        return
    used = facts.counter("used_memory")
    yield setting_flaw(
        facts, NAME, "yes", restart=True,
        evidence=(
            evidence_of("save", facts), evidence_of("appendonly", facts),
            Evidence(name="memory in use", value=None if used is None else int(used), unit="bytes", probe="info"),
        ),
        explanation="The server forks, and lets the system give it huge pages, if that does so.",
        recommendation="Leave disable-thp at yes; or set the machine to madvise.",
        risk="commands wait, and memory doubles, while a snapshot is written",
    )  # fmt: skip
