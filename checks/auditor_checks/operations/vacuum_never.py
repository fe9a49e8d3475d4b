"""A large table that is due for vacuum was never vacuumed.

## What
Large tables without any known vacuum, by hand or by autovacuum, although their dead or inserted rows have passed the
threshold at which autovacuum comes, after the counters have counted for more than a day. Tables whose dead rows are
far beyond it, tables with autovacuum off, and tables that only grow while inserts do not call autovacuum are reported
by other checks.

## Why it matters
No dead row was removed, no page is marked as all-visible, so index-only scans read the table after all, and every row
is still to be frozen, which a forced vacuum will do at a moment that nobody chose.

## When it is fine
The table was restored a moment ago, or it never changes.

## How to fix it
Vacuum and analyse the table once at a quiet hour. If autovacuum should have come and did not, look for what stops it:
too few workers, long transactions, sessions that hold locks on the table.

## Sources
PostgreSQL manual, "Routine Vacuuming" (24.1).
"""

from __future__ import annotations

from collections.abc import Iterator

from auditor.model.catalog import Table
from auditor.model.check import Check
from auditor.model.facts import Facts
from auditor.model.finding import Evidence, Flaw, Impact, Subject, Unknown, Verdict
from auditor.model.operation import VacuumTable
from auditor.model.units import TABLES
from auditor.model.vocabulary import Confidence, Pillar, Severity
from auditor.text import size
from auditor_checks._words import fitting
from auditor_checks.operations._autovacuum import enabled, insert_threshold, is_on, vacuum_threshold, vacuumed

CHECK = Check(
    title="Large table was never vacuumed",
    passed="Every large table that changes was vacuumed",
    pillar=Pillar.OPERATIONS,
    severity=Severity.MEDIUM,
    confidence=Confidence.LIKELY,
    unit=TABLES,
    needs=("tables", "table-usage", "settings"),
    engines=("postgresql",),
)


def judge(
    table: Table, facts: Facts, *,
    min_rows: float = 100_000, min_days: float = 1.0, far_beyond: float = 2.0, high_rows: float = 10_000_000,
) -> Iterator[Verdict]:  # fmt: skip
    """Report the table if a large part of it is due and was never vacuumed."""
    if not is_on(facts.setting("autovacuum") or "on"):
        return  # the whole server is without it: that is one finding, not one per table
    due = [
        leaf
        for leaf in facts.leaves(table)
        if facts.rows(leaf) >= min_rows and enabled(leaf) and not vacuumed(leaf) and _due(leaf, facts, far_beyond)
    ]
    if not due:
        return
    days = facts.stats_days
    if days is None or days < min_days:
        yield Unknown(
            reason=f"{due[0].path} was not vacuumed since the counters began, but they began too recently to tell"
        )
        return
    worst = max(due, key=lambda leaf: (facts.rows(leaf), leaf.key))
    rows, own = facts.rows(worst), worst.bytes
    usage = worst.usage
    dead, inserted = (0, 0) if usage is None else (usage.dead_rows, usage.inserted_since_vacuum or 0)
    yield Flaw(
        title=fitting(f"{worst.name} was never vacuumed"),
        related=tuple(Subject(kind="partition", name=leaf.path) for leaf in due if leaf is not table)[:20],
        severity=Severity.HIGH if rows >= high_rows else Severity.MEDIUM,
        evidence=(
            Evidence(name="rows", value=round(rows), unit="rows", probe="tables"),
            Evidence(name="dead rows", value=dead, unit="rows", probe="table-usage"),
            Evidence(name="rows inserted and never vacuumed", value=inserted, unit="rows", probe="table-usage"),
            Evidence(name="days counted", value=round(days, 1), unit="days", probe="table-usage"),
            Evidence(name="age", value=worst.transaction_age, unit="transactions", probe="ages"),
        ),
        impact=Impact(rows=round(rows), risk="a long forced vacuum later; index-only scans that read the table"),
        explanation=(
            f"{worst.path} ({rows:,.0f} rows, {size(own)}) is due with {dead:,} dead and {inserted:,} inserted rows, "
            f"yet no vacuum of it is known in {days:.0f} days."
        ),
        recommendation=(
            "Vacuum and analyse it at a quiet hour, then find out what keeps autovacuum away: too few workers, long "
            "transactions, or sessions that lock the table."
        ),
        operations=tuple(VacuumTable(schema=leaf.schema, table=leaf.name) for leaf in due),
    )


def _due(table: Table, facts: Facts, far_beyond: float) -> bool:
    usage, threshold = table.usage, vacuum_threshold(table, facts)
    if usage is None or threshold is None or usage.dead_rows > far_beyond * threshold:
        return False
    inserts = insert_threshold(table, facts)
    grown = inserts is not None and usage.inserted_since_vacuum is not None and usage.inserted_since_vacuum > inserts
    return usage.dead_rows > threshold or grown
