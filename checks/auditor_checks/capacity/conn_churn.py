"""Connections are opened for every little piece of work.

## What
The rate of new connections since the counters began, at least a day ago.

PostgreSQL: Counted from version 14 on.

Redis: Only where there are few commands for each connection.

## Why it matters
Rates of some per second are a sure sign that nothing pools.

PostgreSQL, MySQL, MariaDB, MongoDB: Each connection is a new process or thread, an authentication (which the SCRAM
method makes expensive on purpose) and cold caches: tens of milliseconds before the first statement.

Redis: A connection takes the client two or three journeys through the network, more with TLS, and the only thread as
long as dozens of commands.

## When it is fine
Many short jobs by design, at a rate that the server does not feel: rates below the limit are not judged.

## How to fix it
Keep connections open in the application, in a pool of fixed size.

PostgreSQL, MySQL, MariaDB: Or put a pooler in front of the server.

MongoDB, Redis: Make one client when the application starts and keep it for all requests; it holds the pool.

## Sources
PostgreSQL manual, view pg_stat_database (sessions); "How Connections Are Established"; PgBouncer documentation.
MongoDB manual, serverStatus: connections.totalCreated. Redis documentation, "Connection pools and multiplexing"; INFO:
total_connections_received.
"""

from __future__ import annotations

from collections.abc import Iterator

from auditor.model.check import Check
from auditor.model.facts import Facts
from auditor.model.finding import Evidence, Flaw, Subject, Unknown, Verdict
from auditor.model.operation import ChangeApplication, IntroducePooler
from auditor.model.units import DATABASE
from auditor.model.vocabulary import Pillar, Severity

CHECK = Check(
    title="Connections are opened for every little piece of work",
    passed="Connections are kept open",
    pillar=Pillar.CAPACITY,
    severity=Severity.MEDIUM,
    unit=DATABASE,
    needs=("databases|status|server-status|info",),
    engines=("postgresql", "mysql", "mariadb", "mongodb", "redis"),
)
VERSION = 140000
ONE_CLIENT = "Make one client when the application starts and keep it: it holds the pool of connections."


_RECEIVED, _COMMANDS = "total_connections_received", "total_commands_processed"


def judge(
    _database: Facts,
    facts: Facts,
    *,
    per_second: float = 2,
    high_per_second: float = 20,
    min_days: float = 1,
    most_commands: float = 50,
) -> Iterator[Verdict]:
    """Divide the sessions by the time in which they were counted."""
    if facts.target.engine == "redis":
        yield from _received(facts, per_second, high_per_second, min_days, most_commands)
        return
    if facts.target.engine == "postgresql" and facts.version < VERSION:
        yield Unknown(reason="the server counts sessions since version 14")
        return
    total = facts.activity.sessions_total if facts.activity is not None else None
    probe = facts.activity_probe
    if total is None or facts.stats_days is None:
        yield Unknown(reason="the counters of the database are not visible")
        return
    if facts.stats_days < min_days:
        yield Unknown(reason=f"sessions have been counted for {facts.stats_days:.1f} days; {min_days:g} are needed")
        return
    rate = total / max(1.0, facts.stats_days * 86400)  # servers count whole seconds
    pooled = facts.server.role is not None  # by the clients' own libraries, and nothing stands in between
    if rate < per_second:
        return
    yield Flaw(
        title=f"{rate:,.1f} new connections a second",
        severity=Severity.HIGH if rate >= high_per_second else Severity.MEDIUM,
        evidence=(
            Evidence(name="sessions", value=total, unit="sessions", probe=probe),
            Evidence(name="days counted", value=round(facts.stats_days, 1), unit="days", probe=probe),
            Evidence(name="new sessions", value=round(rate, 2), unit="per second", probe=probe),
        ),
        explanation=f"{total:,} sessions were opened in {facts.stats_days:.1f} days, {rate:,.1f} a second on average.",
        recommendation=ONE_CLIENT if pooled else "Keep connections open in the application, or introduce a pooler.",
        operations=(
            ChangeApplication(topic="connections", subject="server", instruction=ONE_CLIENT)
            if pooled
            else IntroducePooler(),
        ),
    )


def _received(facts: Facts, rate: float, high_rate: float, min_days: float, most: float) -> Iterator[Verdict]:
    """Compare the connections with the time and with the commands: a reset of the counters makes no rate higher."""
    days = facts.counted_days((_RECEIVED, _COMMANDS), min_days)
    if isinstance(days, Unknown):
        yield days
        return
    received, commands = facts.server.counters[_RECEIVED], facts.server.counters[_COMMANDS]
    found = received / max(1.0, days * 86400)
    if found < rate or commands >= most * received:
        return
    yield Flaw(
        subject=Subject(kind="server", name="server"),
        title=f"{found:,.1f} new connections a second, for {commands / received:,.1f} commands each",
        severity=Severity.MEDIUM if found >= high_rate else Severity.LOW,
        evidence=(
            Evidence(name="connections", value=int(received), unit="connections", probe="info"),
            Evidence(name="commands", value=int(commands), unit="commands", probe="info"),
            Evidence(name="days counted", value=round(days, 1), unit="days", probe="info"),
            Evidence(name="new connections", value=round(found, 2), unit="per second", probe="info"),
            Evidence(name="commands of a connection", value=round(commands / received, 2), probe="info"),
        ),
        explanation=(
            f"{received:,.0f} connections were opened in {days:.1f} days, {found:,.1f} a second on average, for "
            f"{commands / received:,.1f} commands each."
        ),
        recommendation=ONE_CLIENT,
        operations=(ChangeApplication(topic="connections", subject="server", instruction=ONE_CLIENT),),
    )
