"""A database comes close to transaction wraparound.

## What
Databases whose oldest unfrozen row has used more than half of the 2^31 transactions that the server can tell apart;
from four fifths on the finding is critical. The oldest tables of the audited database are named. An age around
``autovacuum_freeze_max_age`` (200 million by default) is the normal start of freezing and is not reported.

## Why it matters
At the limit the server refuses every command that needs a transaction number until the database has been vacuumed: an
outage of hours or days on large tables.

## When it is fine
Never.

## How to fix it
Find what keeps rows from being frozen: an old snapshot held by a session, a prepared transaction, a slot or a
replica, or autovacuum workers that are too few or too slow. End it, then vacuum the oldest tables with freezing, the
oldest first.

## Sources
PostgreSQL manual, "Preventing Transaction ID Wraparound Failures" (24.1.5).
"""

from __future__ import annotations

from collections.abc import Iterator

from auditor.model.check import Check
from auditor.model.facts import Facts
from auditor.model.finding import Unknown, Verdict
from auditor.model.server import Database
from auditor.model.units import DATABASES
from auditor.model.vocabulary import Pillar, Severity
from auditor_checks.operations._wraparound import wraparound

CHECK = Check(
    title="Transaction wraparound is near",
    passed="Transaction wraparound is far away",
    pillar=Pillar.OPERATIONS,
    severity=Severity.CRITICAL,
    unit=DATABASES,
    needs=("databases",),
    engines=("postgresql",),
)


def judge(database: Database, facts: Facts, *, warn_ratio: float = 0.5, stop_ratio: float = 0.8) -> Iterator[Verdict]:
    """Report the database by the share of transaction numbers that its oldest row has used."""
    if database.transaction_age is None:
        yield Unknown(reason=f"the age of {database.name} is not known")
        return
    yield from wraparound(
        database, facts, database.transaction_age, lambda table: table.transaction_age,
        word="transaction", warn=warn_ratio, stop=stop_ratio,
    )  # fmt: skip
