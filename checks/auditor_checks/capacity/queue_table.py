"""A table serves as a queue without being set up for it.

## What
Tables through which rows pass: nearly as many rows are deleted as inserted, many times as many as are there at a
time, and a statement takes them with SKIP LOCKED, or the name says queue, job, task or outbox. Reported when the
table has neither a vacuum threshold of its own nor stays free of dead rows.

## Why it matters
Each message leaves a dead row in the table and in every index at the very place where the next one is searched. With
the default thresholds, and at the first long transaction, taking a message reads through thousands of dead ones.

## When it is fine
A few messages a minute.

## How to fix it
Let autovacuum come after a fixed small number of dead rows, keep transactions short, and index only what is still to
be done. At high rates rotate partitions, or use a message broker.

## Sources
PostgreSQL manual, "SELECT … FOR UPDATE SKIP LOCKED" and "The Autovacuum Daemon" (24.1.6). Brandur Leach, "Postgres
Job Queues & Failure By MVCC".
"""

from __future__ import annotations

from collections.abc import Iterator

from auditor.model.catalog import Table
from auditor.model.check import Check
from auditor.model.facts import Facts
from auditor.model.finding import Evidence, Flaw, Impact
from auditor.model.operation import SetTableOptions
from auditor.model.units import TABLES
from auditor.model.vocabulary import Confidence, Pillar, Severity
from auditor_checks._names import singulars, words
from auditor_checks._words import fitting

CHECK = Check(
    title="Table serves as a queue without being set up for it",
    passed="Tables that serve as queues are set up for it",
    pillar=Pillar.CAPACITY,
    severity=Severity.LOW,
    confidence=Confidence.LIKELY,
    unit=TABLES,
    needs=("tables", "table-usage"),
    engines=("postgresql",),
)

_WORDS = {"queue", "job", "task", "outbox", "inbox", "message"}
_TUNED = ("autovacuum_vacuum_scale_factor", "autovacuum_vacuum_threshold")


def judge(
    table: Table, facts: Facts, *,
    min_passed: float = 10_000, passing: float = 0.8, turnover: float = 5.0, dead_ratio: float = 1.0,
    medium_dead: float = 100_000,
) -> Iterator[Flaw]:  # fmt: skip
    """Report a table through which rows pass and which nobody has tuned for that."""
    usage = table.usage
    if usage is None or usage.inserted < min_passed or usage.deleted < passing * usage.inserted:
        return
    rows = facts.rows(table)
    taken = any(entry.parsed.skips_locked for entry in facts.statement_uses.get(table.key, ()))
    named = any(singulars(word) & _WORDS for word in words(table.name))
    tuned = any(option in table.options for option in _TUNED)
    if usage.inserted < turnover * rows or not (taken or named) or (tuned and usage.dead_rows <= dead_ratio * rows):
        return
    yield Flaw(
        title=fitting(f"{table.name} serves as a queue without being set up for it"),
        severity=Severity.MEDIUM if usage.dead_rows >= medium_dead else Severity.LOW,
        confidence=Confidence.LIKELY if taken else Confidence.POSSIBLE,
        evidence=(
            Evidence(name="rows inserted", value=usage.inserted, unit="rows", probe="table-usage"),
            Evidence(name="rows deleted", value=usage.deleted, unit="rows", probe="table-usage"),
            Evidence(name="rows in it", value=round(rows), unit="rows", probe="tables"),
            Evidence(name="dead rows", value=usage.dead_rows, unit="rows", probe="table-usage"),
            Evidence(name="taken with SKIP LOCKED", value=taken, probe="statements"),
        ),
        impact=Impact(rows=usage.dead_rows, risk="taking a message reads through dead ones"),
        explanation=(
            f"{usage.inserted:,} rows went into {table.path} and {usage.deleted:,} out again; {rows:,.0f} are in it, "
            f"beside {usage.dead_rows:,} dead ones. Autovacuum comes to it by the general rule."
        ),
        recommendation=(
            "Let autovacuum come after a fixed small number of dead rows, keep transactions short, and index only what "
            "is still to be done."
        ),
        operations=(
            SetTableOptions(
                schema=table.schema, table=table.name,
                options={"autovacuum_vacuum_scale_factor": "0", "autovacuum_vacuum_threshold": "1000"},
            ),
        ),
    )  # fmt: skip
