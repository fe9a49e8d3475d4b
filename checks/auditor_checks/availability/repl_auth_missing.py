"""The primary could not follow another one, because it has no password for it.

## What
A primary that has replicas and lets nobody in without a login, while its own masterauth is empty.

## Why it matters
After a failover the old primary becomes a replica of the new one and needs masterauth to follow it. Without, it is
refused (NOAUTH), stays behind for good, and the group has one copy less without anybody noticing.

## When it is fine
Nobody ever promotes a replica: the replicas serve reads alone.

## How to fix it
CONFIG SET masterauth, and masteruser where an account is made for replication, on every server of the group, with
CONFIG REWRITE after it; nothing restarts.

## Sources
Redis documentation, "Redis replication: Setting a replica to authenticate to a master"; "High availability with Redis
Sentinel: Configuring Sentinel instances with authentication".
"""

from __future__ import annotations

from collections.abc import Iterator

from auditor.model.check import Check
from auditor.model.facts import Facts
from auditor.model.finding import Evidence, Flaw, Impact, Unknown, Verdict
from auditor.model.operation import ChangeApplication
from auditor.model.server import Node
from auditor.model.units import PRIMARIES
from auditor.model.vocabulary import Pillar, Severity
from auditor_checks._nodes import REDIS, number, setting, setting_of
from auditor_checks.security._acl import is_open

CHECK = Check(
    title="The primary has no password to follow another one",
    passed="Primaries could follow another one after a failover",
    pillar=Pillar.AVAILABILITY,
    severity=Severity.HIGH,
    unit=PRIMARIES,
    needs=("config", "info", "acl"),
    engines=REDIS,
)


def judge(node: Node, facts: Facts) -> Iterator[Verdict]:
    """Compare what a login needs with what the server would offer."""
    replicas = number(node, "connected_slaves")
    if not replicas or is_open(facts):
        return
    password = setting_of(node, facts, "masterauth")
    if password is None or facts.target.managed:
        yield Unknown(reason="masterauth is not visible, or the service sets it")
        return
    if password:
        return
    yield Flaw(
        evidence=(
            setting(node, facts, "masterauth"),
            Evidence(name="default needs a password", value=True, probe="acl"),
            Evidence(name="replicas", value=int(replicas), unit="replicas", probe="info"),
        ),
        impact=Impact(risk="after a failover the old primary follows nobody"),
        explanation="Servers of this group ask for a login, and this one has none to offer when it becomes a replica.",
        recommendation="Set masterauth on every server of the group, before the next failover.",
        operations=(
            ChangeApplication(
                topic="replication-login", subject="server",
                instruction="Set masterauth (and masteruser, where replication has an account) on every server of the "
                "group by CONFIG SET, then CONFIG REWRITE; try it with a planned failover.",
            ),
        ),
    )  # fmt: skip
