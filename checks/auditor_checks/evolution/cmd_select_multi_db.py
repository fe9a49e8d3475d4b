"""Keys are spread over several numbered databases.

## What
A numbered database beside the first that has keys.

## Why it matters
Numbered databases share memory, limit, eviction policy, persistence, accounts and the one thread: they separate nothing
but names. A cluster has only the first of them (before Valkey 9), and many tools look at the first alone.

## When it is fine
A single server stays one, and the numbers are used as folders on purpose.

## How to fix it
Give what belongs to another program a server of its own, or names with a prefix in the first database.

## Sources
Redis documentation, "SELECT": databases are not the way to separate applications, and clusters have none but the first.
"""

from __future__ import annotations

from collections.abc import Iterator

from auditor.model.check import Check
from auditor.model.facts import Facts
from auditor.model.finding import Evidence, Flaw
from auditor.model.keyspace import LogicalDatabase
from auditor.model.operation import MoveKeys
from auditor.model.units import LOGICAL_DATABASES
from auditor.model.vocabulary import Confidence, Pillar, Severity
from auditor.text import count

CHECK = Check(
    title="Keys are spread over several numbered databases",
    passed="All keys are in one numbered database",
    pillar=Pillar.EVOLUTION,
    severity=Severity.LOW,
    confidence=Confidence.CERTAIN,
    unit=LOGICAL_DATABASES,
    needs=("info",),
    engines=("redis",),
)

_NAMED = 10


def judge(database: LogicalDatabase, facts: Facts) -> Iterator[Flaw]:
    """Report every database that has keys beside another of more keys."""
    others = [one for one in facts.keyspace.databases if one.number != database.number and one.keys]
    first = max((database, *others), key=lambda one: (one.keys, -one.number))
    if not others or not database.keys or first is database:
        return
    patterns = [one for one in facts.keyspace.patterns if one.database == database.number]
    moved = tuple(one.name for one in patterns[:_NAMED])
    clustered = facts.target.flavour == "Valkey" and int(facts.target.version.partition(".")[0] or 0) >= 9
    yield Flaw(
        title=f"Database {database.number} has keys beside database {first.number}",
        severity=Severity.INFO if clustered else Severity.LOW,
        evidence=(
            Evidence(name=f"keys in database {database.number}", value=database.keys, unit="keys", probe="info"),
            Evidence(name=f"keys in database {first.number}", value=first.keys, unit="keys", probe="info"),
            Evidence(name="databases with keys", value=len(others) + 1, unit="databases", probe="info"),
        ),
        explanation=(
            f"Database {database.number} has {count(database.keys, 'key')}, and database {first.number} "
            f"{count(first.keys, 'key')}: they share everything but their names."
        ),
        recommendation="Give them a server of their own, or a prefix in the same database.",
        operations=(
            (MoveKeys(patterns=moved, database=database.number, purpose=f"database {database.number}"),)
            if moved
            else ()
        ),
    )
