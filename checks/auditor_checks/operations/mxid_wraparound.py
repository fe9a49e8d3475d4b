"""A database comes close to multixact wraparound.

## What
Databases whose oldest row lock group (multixact) has used more than half of the 2^31 that the server can tell apart;
from four fifths on the finding is critical. The oldest tables of the audited database are named.

## Why it matters
At the limit the server refuses every command that would lock rows for several transactions at once, which foreign key
checks do all the time, until the database has been vacuumed.

## When it is fine
Never.

## How to fix it
As for transaction wraparound. If the age grows fast, many transactions share row locks: look for foreign key checks
against few hot rows, and for savepoints around updates of locked rows.

## Sources
PostgreSQL manual, "Multixacts and Wraparound" (24.1.5.1).
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
    title="Multixact wraparound is near",
    passed="Multixact wraparound is far away",
    pillar=Pillar.OPERATIONS,
    severity=Severity.CRITICAL,
    unit=DATABASES,
    needs=("databases",),
    engines=("postgresql",),
)


def judge(database: Database, facts: Facts, *, warn_ratio: float = 0.5, stop_ratio: float = 0.8) -> Iterator[Verdict]:
    """Report the database by the share of multixact numbers that its oldest row has used."""
    if database.multixact_age is None:
        yield Unknown(reason=f"the multixact age of {database.name} is not known")
        return
    yield from wraparound(
        database, facts, database.multixact_age, lambda table: table.multixact_age,
        word="multixact", warn=warn_ratio, stop=stop_ratio,
    )  # fmt: skip
