"""How close the two counters of transactions are to the point where the server stops taking writes."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from auditor.model.catalog import Table
from auditor.model.facts import Facts
from auditor.model.finding import Evidence, Flaw, Impact, Subject
from auditor.model.operation import AnyOperation, ChangeApplication, VacuumTable
from auditor.model.server import Database
from auditor.model.vocabulary import Severity
from auditor_checks._words import fitting, percent

LIMIT = 2**31
"""The age at which a counter of 32 bits, half of it past and half of it future, comes round (manual, 24.1.5)."""


def wraparound(
    database: Database, facts: Facts, age: int, age_of: Callable[[Table], int | None], *,
    word: str, warn: float, stop: float,
) -> Iterator[Flaw]:  # fmt: skip
    """Report a database whose oldest row has used more than a share ``warn`` of the counter; from ``stop`` critical."""
    ratio = age / LIMIT
    if ratio < warn:
        return
    tables = facts.storage_tables if database.current else ()
    aged = [(own, table) for table in tables if (own := age_of(table)) is not None and own / LIMIT >= warn]
    worst = [table for _, table in sorted(aged, key=lambda pair: (-pair[0], pair[1].key))[:10]]
    operations: tuple[AnyOperation, ...] = tuple(
        VacuumTable(schema=table.schema, table=table.name, freeze=True) for table in worst
    ) or (
        ChangeApplication(
            topic="wraparound", subject=database.name,
            instruction=f"Vacuum the database {database.name} with freezing, its oldest tables first.",
        ),
    )  # fmt: skip
    left = LIMIT - age
    yield Flaw(
        title=fitting(f"Database {database.name} has used {percent(ratio)} of its {word} ids"),
        related=tuple(Subject(kind="table", name=table.path) for table in worst),
        severity=Severity.CRITICAL if ratio >= stop else Severity.HIGH,
        evidence=(
            Evidence(name="age of the oldest row", value=age, unit=f"{word}s", probe="databases"),
            Evidence(name="share of the limit", value=round(ratio, 4), unit="share", probe="databases"),
            Evidence(name="oldest table", value=worst[0].path if worst else None, probe="ages"),
            Evidence(name="left", value=left, unit=f"{word}s", probe="databases"),
        ),
        impact=Impact(risk="the server stops taking writes until the database has been vacuumed"),
        explanation=(
            f"The oldest row of {database.name} is {age:,} {word}s old; after {left:,} more the server refuses every "
            f"write. Autovacuum has not kept up with freezing"
            + (f": {worst[0].path} is the oldest table." if worst else ".")
        ),
        recommendation=(
            "End what holds an old snapshot (long transactions, prepared transactions, unused slots), then vacuum the "
            "oldest tables with freezing, one after the other."
        ),
        operations=operations,
    )
