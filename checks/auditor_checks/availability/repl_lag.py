"""A replica is far behind.

## What
Replicas whose replayed position lies more bytes of log behind than the limit. Bytes are judged, not time: on an idle
primary the time since the last replayed transaction grows although nothing is missing.

## Why it matters
Reads from the replica are stale, and failing over to it loses what it lacks or waits until it has caught up.

## When it is fine
A deliberately delayed replica, or one that is just being built.

## How to fix it
Find what holds it: the network, its disk, a single-threaded replay, or a long query on it that replay must wait for.

## Sources
PostgreSQL manual, view pg_stat_replication; "Handling Query Conflicts". MongoDB manual, replSetGetStatus. Redis
documentation, INFO: slave0 (offset), master_last_io_seconds_ago.
"""

from __future__ import annotations

from collections.abc import Iterator

from auditor.model.check import Check
from auditor.model.facts import Facts
from auditor.model.finding import Evidence, Flaw, Impact, Unknown, Verdict
from auditor.model.operation import ChangeApplication
from auditor.model.server import Member, Replica, Source
from auditor.model.units import REPLICAS, SOURCES, Unit
from auditor.model.vocabulary import Pillar, Severity
from auditor.text import duration, size
from auditor_checks._words import fitting

FLOWING = frozenset({None, "streaming", "catchup", "online"})
FOLLOWING = frozenset({"secondary", "recovering"})
BOTH_SIDES = Unit(
    plural="replicas, and sources of which this server is one",
    items=lambda f: [*f.server.replicas, *f.server.sources, *(m for m in f.server.members if m.state in FOLLOWING)],
    subject=lambda item: SOURCES.subject(item) if isinstance(item, Source) else REPLICAS.subject(item),
)
CHECK = Check(
    title="Replica is far behind",
    passed="Replicas keep up",
    pillar=Pillar.AVAILABILITY,
    severity=Severity.MEDIUM,
    unit=BOTH_SIDES,
    needs=("replicas|members|info",),
)


def judge(
    replica: Replica | Source | Member, _facts: Facts, *,
    max_bytes: float = 256e6, high_bytes: float = 10e9, max_seconds: float = 60, high_seconds: float = 3600,
) -> Iterator[Verdict]:  # fmt: skip
    """Compare the replica's lag with the limits: in bytes as its source sees it, or in seconds as it sees itself."""
    if isinstance(replica, Source):
        yield from _behind(replica, max_seconds, high_seconds)
        return
    if isinstance(replica, Member):
        yield from _member_behind(replica, max_seconds, high_seconds)
        return
    if replica.lag_bytes is None:
        yield Unknown(reason="the positions of replicas are not visible", grant=None)
        return
    if replica.lag_bytes < max_bytes or replica.state not in FLOWING:
        return
    yield Flaw(
        title=fitting(f"Replica {replica.name} is {size(replica.lag_bytes)} behind"),
        severity=Severity.HIGH if replica.lag_bytes >= high_bytes else Severity.MEDIUM,
        evidence=(
            Evidence(name="log not replayed yet", value=replica.lag_bytes, unit="bytes", probe="replicas|info"),
            Evidence(name="state", value=replica.state, probe="replicas|info"),
        ),
        impact=Impact(risk="stale reads, and loss or delay in a failover"),
        explanation=f"{size(replica.lag_bytes)} of log has not been replayed on {replica.name}.",
        recommendation="Find what holds the replay: network, disk, or a long query on the replica.",
        operations=(
            ChangeApplication(
                topic="replica-lag", subject=replica.name,
                instruction="Find what holds the replay: network, disk, or a long query on the replica.",
            ),
        ),
    )  # fmt: skip


def _behind(source: Source, max_seconds: float, high_seconds: float) -> Iterator[Verdict]:
    """Report the audited replica by the seconds that it says it is behind, beyond those that somebody wants."""
    if source.lag_seconds is None:
        yield Unknown(reason="a replica whose threads do not all run cannot tell how far it is behind")
        return
    late = source.lag_seconds - source.delay_seconds
    if late < max_seconds:
        return
    yield Flaw(
        title=f"This replica is {duration(late)} behind its source",
        severity=Severity.HIGH if late >= high_seconds else Severity.MEDIUM,
        evidence=(
            Evidence(name="behind the source", value=source.lag_seconds, unit="seconds", probe="sources|info"),
            Evidence(name="delay that is configured", value=source.delay_seconds, unit="seconds", probe="sources|info"),
        ),
        impact=Impact(risk="stale reads, and loss or delay in a failover"),
        explanation=f"What happened on the source within the last {duration(late)} is not to be seen here.",
        recommendation="Find what holds the applier: tables without a key, one worker only, long transactions, disk.",
        operations=(
            ChangeApplication(
                topic="replica-lag", subject=source.name or "source",
                instruction="Find what holds the applier: tables without a key, one worker only, long transactions.",
            ),
        ),
    )  # fmt: skip


def _member_behind(member: Member, max_seconds: float, high_seconds: float) -> Iterator[Verdict]:
    """Report a member of a set by the seconds between its newest change and the primary's."""
    if member.lag_seconds is None:
        yield Unknown(reason=f"how far {member.name} is behind is not known")
        return
    late = member.lag_seconds - member.delay_seconds
    if late < max_seconds:
        return
    instruction = "Find what holds it: disk, network, a machine that is weaker than the primary's, long reads."
    yield Flaw(
        title=f"{member.name.capitalize()} is {duration(late)} behind",
        severity=Severity.HIGH if late >= high_seconds else Severity.MEDIUM,
        evidence=(
            Evidence(name="behind the primary", value=member.lag_seconds, unit="seconds", probe="members"),
            Evidence(name="delay that is configured", value=member.delay_seconds, unit="seconds", probe="members"),
            Evidence(name="state", value=member.state, probe="members"),
        ),
        impact=Impact(risk="stale reads, and loss or delay in a failover"),
        explanation=f"What the primary wrote within the last {duration(late)} is not to be seen on {member.name}.",
        recommendation=instruction,
        operations=(ChangeApplication(topic="replica-lag", subject=member.name, instruction=instruction),),
    )
