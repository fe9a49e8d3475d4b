"""Statements wait for tables that are locked as a whole.

## What
A noticeable share of the locks of tables could not be had at once: tables of engines that lock as a whole, or LOCK
TABLES.

## Why it matters
One writer stops all readers of such a table, and one long read all writers.

## When it is fine
A dump that locks tables has just run.

## How to fix it
Convert the tables to InnoDB; dump with --single-transaction.

## Sources
MySQL manual, "Internal Locking Methods: Table-Level Locking"; Table_locks_waited.
"""

from __future__ import annotations

from collections.abc import Iterator

from auditor.model.check import Check
from auditor.model.facts import Facts
from auditor.model.finding import Evidence, Flaw, Impact, Subject, Unknown, Verdict
from auditor.model.operation import ChangeApplication
from auditor.model.units import SERVER
from auditor.model.vocabulary import Pillar, Severity
from auditor_checks._settings import PRODUCTS
from auditor_checks._words import percent

CHECK = Check(
    title="Statements wait for locks of whole tables",
    passed="Statements hardly wait for whole tables",
    pillar=Pillar.TRANSACTIONS,
    severity=Severity.MEDIUM,
    unit=SERVER,
    needs=("status",),
    engines=PRODUCTS,
)
NAMES = ("table_locks_immediate", "table_locks_waited")
WHOLE = frozenset({"myisam", "aria", "memory", "csv", "archive", "mrg_myisam"})


def judge(
    _server: Facts, facts: Facts, *, share: float = 0.01, minimum: float = 1_000, min_days: float = 0.1
) -> Iterator[Verdict]:
    """Compare the locks that were waited for with all."""
    days = facts.counted_days(NAMES, min_days)
    if isinstance(days, Unknown):
        yield days
        return
    at_once, waited = (facts.counter(name) or 0.0 for name in NAMES)
    if waited < minimum or waited < share * (at_once + waited):
        return
    tables = [t for t in facts.tables if (t.engine or "InnoDB").lower() in WHOLE]
    yield Flaw(
        title=f"{percent(waited / (at_once + waited))} of the locks of tables are waited for",
        related=tuple(Subject(kind="table", name=table.path) for table in tables[:10]),
        evidence=(
            Evidence(name="locks that were waited for", value=waited, unit="locks", probe="status"),
            Evidence(name="locks had at once", value=at_once, unit="locks", probe="status"),
            Evidence(name="tables that lock as a whole", value=len(tables), unit="tables", probe="tables"),
        ),
        impact=Impact(risk="one statement stops all others on its table"),
        explanation=f"{waited:,.0f} locks of whole tables were waited for within {days:.1f} days.",
        recommendation="Convert tables that lock as a whole to InnoDB, and dump without locking tables.",
        operations=(
            ChangeApplication(
                topic="table-locks",
                subject="server",
                instruction="Convert tables that lock as a whole to InnoDB, and take LOCK TABLES out of jobs.",
            ),
        ),
    )
