"""A partition is half detached.

## What
Partitions whose detaching without blocking was interrupted between its two transactions, and is not going on now.

## Why it matters
The partition is neither in nor out: queries through the table no longer see its rows, inserts for its range fail, and
no other partition can be detached this way until it is finished.

## When it is fine
Only while the detach is still running.

## How to fix it
Finish the detach with FINALIZE, then attach the partition again if it was not meant to go.

## Sources
PostgreSQL manual, "ALTER TABLE … DETACH PARTITION … { CONCURRENTLY | FINALIZE }".
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from auditor.model.catalog import Table
from auditor.model.check import Check
from auditor.model.facts import Facts
from auditor.model.finding import Evidence, Flaw, Impact, Subject, Unknown, Verdict
from auditor.model.operation import FinishDetach
from auditor.model.units import PARTITIONED_TABLES
from auditor.model.vocabulary import Pillar, Severity
from auditor_checks._words import fitting
from auditor_checks.capacity._partitions import nodes

CHECK = Check(
    title="Partition is half detached",
    passed="No partition is half detached",
    pillar=Pillar.CAPACITY,
    severity=Severity.MEDIUM,
    unit=PARTITIONED_TABLES,
    needs=("tables", "partitions"),
    engines=("postgresql",),
)


def judge(root: Table, facts: Facts) -> Iterator[Verdict]:
    """Report each partition below the table whose detach waits to be finished."""
    for table in nodes(root, facts):
        for part in facts.partitions.get(table.key, ()):
            if not part.detach_pending:
                continue
            if _being_detached(part, facts):
                yield Unknown(reason=f"{part.path} is half detached, and somebody is detaching it now")
                continue
            yield Flaw(
                title=fitting(f"Partition {part.name} is half detached"),
                subject=Subject(kind="partition", name=part.path),
                related=(Subject(kind="table", name=table.path),),
                evidence=(
                    Evidence(name="detach pending", value=True, probe="partitions"),
                    Evidence(name="rows in it", value=round(facts.rows(part)), unit="rows", probe="tables"),
                ),
                impact=Impact(rows=round(facts.rows(part)), risk="its rows are not seen through the table"),
                explanation=(
                    f"Detaching {part.path} from {table.path} was interrupted: its {facts.rows(part):,.0f} rows are no "
                    "longer seen through the table, and rows of its range are refused."
                ),
                recommendation="Finish the detach, and attach the partition again if it was not meant to go.",
                operations=(
                    FinishDetach(
                        schema=table.schema, table=table.name, partition_schema=part.schema, partition=part.name
                    ),
                ),
            )


def _being_detached(part: Table, facts: Facts) -> bool:
    """Whether a session is at it. Between its two transactions a detach holds no lock that would tell."""
    return any(
        session.state == "active"
        and session.statement is not None
        and re.search(r"\bdetach\s+partition\b", session.statement, re.IGNORECASE)
        and part.name in session.statement
        for session in facts.workload.sessions
    )
