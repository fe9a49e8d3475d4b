"""The schema is changed all the time.

## What
Counted statements that change a table's definition (ALTER TABLE) or empty it (TRUNCATE) more than a hundred times a day
on average, over at least a day. Temporary tables, partitions that are attached or detached, and changes that disturb
nobody are left out; LOCK TABLE and VACUUM FULL are another check's matter.

## Why it matters
Each takes a lock that nobody can read beside, waits for the longest statement that runs, and lets everybody queue
behind it meanwhile; plans and caches of all sessions are thrown away.

## When it is fine
Work tables that one job alone uses. Tests.

## How to fix it
Make the change once, in a migration. For work tables, delete the rows or use a partition or a table of the session's
own; for a table that is replaced as a whole, fill a second one and swap the names once.

## Sources
PostgreSQL manual, "Table-Level Locks" (13.3.1); "TRUNCATE"; "ALTER TABLE".
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from auditor.model.check import Check
from auditor.model.facts import Facts
from auditor.model.finding import Evidence, Flaw, Impact, Unknown, Verdict
from auditor.model.operation import ChangeApplication
from auditor.model.units import STATEMENTS
from auditor.model.vocabulary import Confidence, Pillar, Severity
from auditor.model.workload import Statement
from auditor_checks._words import fitting
from auditor_checks.operations._rates import days_counted
from auditor_checks.queries._statements import short

CHECK = Check(
    title="Schema is changed all the time",
    passed="Schema is changed by migrations",
    pillar=Pillar.OPERATIONS,
    severity=Severity.LOW,
    confidence=Confidence.LIKELY,
    unit=STATEMENTS,
    needs=("statements", "statements-info"),
    engines=("postgresql",),
)
# Settings and statistics of a table or column, and validation, are changed under a lock that disturbs nobody.
_CHANGES = re.compile(
    r"\s*(?P<verb>truncate(?:\s+table)?|alter\s+table(?:\s+if\s+exists)?)\s+(?:only\s+)?(?P<table>[\w.\"]+)"
    r"(?!.*\b(?:(?:attach|detach)\s+partition|validate\s+constraint|set\s+statistics|set\s*\(|reset\s*\())",
    re.IGNORECASE | re.DOTALL,
)


def judge(statement: Statement, facts: Facts, *, daily: float = 100, min_days: float = 1) -> Iterator[Verdict]:
    """Divide the calls by the time in which they were counted."""
    match = _CHANGES.match(statement.text)
    if match is None or statement.calls < daily or match["table"].replace('"', "") not in _names(facts):
        return
    days = days_counted(statement, facts, min_days)
    if isinstance(days, Unknown):
        yield days
        return
    rate = statement.calls / days
    if rate < daily:
        return
    word = " ".join(match["verb"].upper().split()[:2])
    table = match["table"]
    yield Flaw(
        title=fitting(f"{word} of {table} is called {rate:,.0f} times a day"),
        evidence=(
            Evidence(name="statement", value=short(statement.text), probe="statements"),
            Evidence(name="calls", value=statement.calls, unit="calls", probe="statements"),
            Evidence(name="days counted", value=round(days, 1), unit="days", probe="statements"),
            Evidence(name="longest", value=statement.maximum_ms, unit="milliseconds", probe="statements"),
        ),
        impact=Impact(milliseconds=statement.total_ms, risk="everybody queues behind it while it waits for its lock"),
        explanation=f"{word} locks {table} against everybody, {rate:,.0f} times a day.",
        recommendation="Make the change once, in a migration; give jobs work tables of their own.",
        operations=(
            ChangeApplication(
                topic="frequent-changes",
                subject=statement.id,
                instruction=f"Find who calls {word} on {table} so often, and do it without changing the schema.",
            ),
        ),
    )


def _names(facts: Facts) -> frozenset[str]:
    """What a statement may call the tables that everybody sees, in small letters or as they are written."""
    return facts.once(
        "names of tables",
        lambda: frozenset(
            name
            for table in facts.catalog.tables
            if table.persistence != "temporary"
            for name in (table.name, table.path)
        ),
    )
