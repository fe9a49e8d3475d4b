"""One thread does all the work, and is busy.

## What
The main thread used most of its time since the server started, and io-threads is 1.

## Why it matters
Commands are run one after the other, and reading from and writing to sockets takes a good part of that time. When the
thread is busy, every client waits for all others.

## When it is fine
The load is made of slow commands: threads do not help there.

## How to fix it
Set io-threads to half the cores, at most 8, which takes a restart (a replica first, then a failover). Where that is not
enough, spread the keys over more servers.

## Sources
Redis documentation, redis.conf: io-threads; INFO: used_cpu_user_main_thread. Valkey documentation, "Valkey.conf:
io-threads".
"""

from __future__ import annotations

from collections.abc import Iterator

from auditor.model.check import Check
from auditor.model.facts import Facts
from auditor.model.finding import Flaw, Impact, Subject, Unknown, Verdict
from auditor.model.operation import SetSetting
from auditor.model.server import Node
from auditor.model.units import NODES
from auditor.model.vocabulary import Confidence, Pillar, Severity
from auditor.text import duration
from auditor_checks._nodes import REDIS, counted_by, number, setting, setting_of

CHECK = Check(
    title="One thread does all the work, and is busy",
    passed="The main thread has time left, or has help",
    pillar=Pillar.CAPACITY,
    severity=Severity.MEDIUM,
    confidence=Confidence.LIKELY,
    unit=NODES,
    needs=("info", "config"),
    engines=REDIS,
)
NAME = "io-threads"
USED = ("used_cpu_sys_main_thread", "used_cpu_user_main_thread")


def judge(node: Node, facts: Facts, *, share: float = 0.6, hours: float = 1) -> Iterator[Verdict]:
    """Compare the time of the main thread with that since the start."""
    threads, since = setting_of(node, facts, NAME), number(node, "uptime_in_seconds")
    if threads is None or any(name not in node.counters for name in USED):
        yield Unknown(reason="the threads or their time are not visible")
        return
    if threads != "1":
        return
    if since < hours * 3600:
        yield Unknown(reason=f"it has worked for {duration(since)} only; {hours:g} hours are needed")
        return
    busy = sum(number(node, name) for name in USED) / max(1.0, since)
    if busy < share:
        return
    yield Flaw(
        title=f"The main thread is busy {busy:.0%} of the time",
        severity=Severity.HIGH if busy >= 0.85 else Severity.MEDIUM,
        subject=Subject(kind="setting", name=NAME),
        evidence=(
            setting(node, facts, NAME),
            *counted_by(node, (*((name, "seconds") for name in USED), ("uptime_in_seconds", "seconds"))),
        ),
        impact=Impact(risk="every client waits for all others"),
        explanation=f"Since the start, {duration(since)} ago, the only thread was busy {busy:.0%} of the time.",
        recommendation="Give it threads for reading and writing, which takes a restart; else spread the keys.",
        operations=(SetSetting(name=NAME, value="4", previous="1", restart=True),),
    )  # fmt: skip
