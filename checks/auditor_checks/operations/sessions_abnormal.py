"""Many sessions end otherwise than by being closed.

## What
The share of sessions of the database that were abandoned (the client was gone), ended by a fatal error, or killed,
since the counters began (version 14 and newer).

## Why it matters
Abandoned sessions are crashed clients, or a network or pooler that cuts idle connections: the server notices late, and
until then their transactions hold locks. Fatal errors are timeouts and shut-downs that users have seen as errors.

## When it is fine
Workers that are killed by design, such as jobs with a hard time limit.

## How to fix it
Find which: abandoned ones by the lines "could not receive data from client" in the log (log_disconnections helps),
fatal ones by their messages. Let clients close their connections, and let keepalives come more often than the network
cuts.

## Sources
PostgreSQL manual, view pg_stat_database: sessions_abandoned, sessions_fatal, sessions_killed.
"""

from __future__ import annotations

from collections.abc import Iterator

from auditor.model.check import Check
from auditor.model.facts import Facts
from auditor.model.finding import Evidence, Flaw, Unknown, Verdict
from auditor.model.operation import ChangeApplication
from auditor.model.units import DATABASE
from auditor.model.vocabulary import Pillar, Severity
from auditor_checks._words import percent

CHECK = Check(
    title="Many sessions end otherwise than by being closed",
    passed="Sessions are closed by their clients",
    pillar=Pillar.OPERATIONS,
    severity=Severity.LOW,
    unit=DATABASE,
    needs=("databases|status",),
    engines=("postgresql", "mysql", "mariadb"),
)
VERSION = 140000


def judge(_database: Facts, facts: Facts, *, share: float = 0.1, minimum: float = 100) -> Iterator[Verdict]:
    """Compare the sessions that ended abnormally with all of them."""
    if facts.target.engine == "postgresql" and facts.version < VERSION:
        yield Unknown(reason="the server counts how sessions ended since version 14")
        return
    database, probe = facts.activity, facts.activity_probe
    if database is None or database.sessions_total is None:
        yield Unknown(reason="the counters of the database are not visible")
        return
    ends = {
        "abandoned": database.sessions_abandoned or 0,
        "ended by a fatal error": database.sessions_fatal or 0,
        "killed": database.sessions_killed or 0,
    }
    total, abnormal = database.sessions_total, sum(ends.values())
    if abnormal < minimum or abnormal < total * share:
        return
    most = max(ends, key=lambda end: ends[end])
    yield Flaw(
        title=f"{percent(abnormal / total)} of the sessions were not closed, most were {most}",
        evidence=(
            Evidence(name="sessions", value=total, unit="sessions", probe=probe),
            *(Evidence(name=end, value=number, unit="sessions", probe=probe) for end, number in ends.items()),
        ),
        explanation=f"{abnormal:,} of {total:,} sessions were not closed by their client: {ends[most]:,} were {most}.",
        recommendation="Find the clients that go away, or what cuts their connections.",
        operations=(
            ChangeApplication(
                topic="abnormal-sessions",
                subject=facts.target.name,
                instruction=f"Find out why sessions are {most} (the log tells) and close them properly.",
            ),
        ),
    )
