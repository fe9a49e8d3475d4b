"""No replica follows this server.

## What
A primary that has no replica connected and no active physical replication slot.

MongoDB: A server without a replica set, or a set in which one member alone holds the data.

Redis: A primary that no replica follows; that of a cluster is what cluster-replica-missing tells of. A cache is graded
low.

## Why it matters
When the machine fails, service is down until a backup has been restored and rolled forward: hours for a large
database. A replica makes that minutes, and allows to upgrade and maintain the primary without downtime.

## When it is fine
The provider keeps a second server outside this one's sight (managed services are not judged), the storage itself is
replicated, or the database may be down for as long as a restore takes.

## How to fix it
Add a replica on another machine, and rehearse the switch-over.

MongoDB: A server that stands alone becomes a replica set by one restart; then two members are added while it works.

## Sources
PostgreSQL manual, "High Availability, Load Balancing, and Replication"; view pg_stat_replication. MongoDB manual,
"Convert a Standalone Self-Managed mongod to a Replica Set". Redis documentation, "Redis replication".
"""

from __future__ import annotations

from collections.abc import Iterator

from auditor.model.check import Check
from auditor.model.facts import Facts
from auditor.model.finding import Evidence, Flaw, Impact, Unknown, Verdict
from auditor.model.operation import AddReplica
from auditor.model.server import Node
from auditor.model.units import SERVER
from auditor.model.vocabulary import Confidence, Pillar, Severity
from auditor_checks._nodes import durable_share, is_cache, keys_of, number
from auditor_checks.availability._members import with_data

CHECK = Check(
    title="No replica follows the server",
    passed="A replica follows the server",
    pillar=Pillar.AVAILABILITY,
    severity=Severity.MEDIUM,
    confidence=Confidence.LIKELY,
    unit=SERVER,
    needs=("replicas|members|info", "server|info"),
    engines=("postgresql", "mysql", "mariadb", "mongodb", "redis"),
)


def judge(_server: Facts, facts: Facts, *, large_bytes: float = 100e9) -> Iterator[Verdict]:
    """Look for physical replicas of a primary."""
    if facts.target.managed:
        yield Unknown(reason="standbys of a managed service are outside the server's sight")
        return
    if facts.server.nodes:
        yield from _primary(facts.server.nodes[0], facts, large_bytes)
        return
    if facts.server.role is not None:
        yield from _members(facts, large_bytes)
        return
    if facts.server.in_recovery or any(not replica.logical for replica in facts.server.replicas):
        return
    if any(slot.kind == "physical" and slot.active for slot in facts.server.slots):
        return
    sizes = [database.bytes for database in facts.server.databases if database.bytes is not None]
    total = sum(sizes) if sizes or facts.server.databases else facts.total_bytes or 0
    yield Flaw(
        severity=Severity.HIGH if total >= large_bytes else Severity.MEDIUM,
        evidence=(
            Evidence(name="replicas connected", value=0, unit="replicas", probe="replicas"),
            Evidence(name="size of what would be restored", value=total, unit="bytes",
                     probe="databases" if facts.server.databases else "sizes"),
        ),
        impact=Impact(risk="downtime for as long as a restore takes"),
        explanation="Nothing follows this server, so its failure means a restore from backup before service resumes.",
        recommendation="Add a replica on another machine, and rehearse the switch-over.",
        operations=(AddReplica(),),
    )  # fmt: skip


def _members(facts: Facts, large_bytes: float) -> Iterator[Verdict]:
    """Count the copies where servers are members of sets; one that stands alone has no other either."""
    copies = with_data(facts)
    if len(copies) > 1:
        return
    alone, total = facts.server.role == "standalone", facts.total_bytes or 0
    yield Flaw(
        title="The server stands alone" if alone else "One member alone holds the data",
        severity=Severity.HIGH if total >= large_bytes else Severity.MEDIUM,
        evidence=(
            Evidence(name="members with data", value=len(copies), unit="members", probe="members"),
            Evidence(name="role of the server", value=facts.server.role, probe="server"),
            Evidence(name="size of what would be restored", value=total, unit="bytes", probe="collection-sizes"),
        ),
        impact=Impact(risk="downtime for as long as a restore takes"),
        explanation="Nothing follows this server, so its failure means a restore from backup before service resumes."
        + (" It has no transactions and no change streams either." if alone else ""),
        recommendation="Start it as a replica set, which takes one restart, and add two members on other machines."
        if alone
        else "Add two members with data on other machines.",
        operations=(AddReplica(),),
    )


def _primary(node: Node, facts: Facts, large_bytes: float) -> Iterator[Verdict]:
    """Look at a primary that holds keys: whether anything follows it, and whether its keys may be lost."""
    if facts.server.in_recovery or facts.server.shards or number(node, "connected_slaves") or not keys_of(facts):
        return
    cache, held = is_cache(facts), number(node, "used_memory_dataset")
    yield Flaw(
        severity=Severity.LOW if cache else Severity.HIGH if held >= large_bytes / 10 else Severity.MEDIUM,
        evidence=(
            Evidence(name="replicas", value=0, unit="replicas", probe="info"),
            Evidence(name="data without a copy", value=int(held), unit="bytes", probe="info"),
            Evidence(name="share of keys held for good", value=round(durable_share(facts), 3), probe="keyspace"),
        ),
        impact=Impact(risk="all callers miss at once until the cache is warm" if cache
                      else "downtime until the server is back and has loaded its data"),
        explanation="When this server fails, "
        + ("the cache starts empty and what is behind it takes the whole load." if cache
           else "service is down until it is back, and what is not on its disk is lost."),
        recommendation="Add a replica on another machine, and let Sentinel promote it.",
        operations=(AddReplica(),),
    )  # fmt: skip
