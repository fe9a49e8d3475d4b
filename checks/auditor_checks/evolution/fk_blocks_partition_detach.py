"""A foreign key keeps old partitions from being dropped.

## What
Foreign keys that refer to a table partitioned by range, from a table that is not partitioned away with it.

## Why it matters
Dropping or detaching an old partition is what such partitions are for. With a reference to the table the partition
cannot be dropped, and detaching it has to look through the whole referring table for rows that refer to it, under locks
on both; it fails if there is one.

## When it is fine
The partitions are there for the size of the indexes, and nothing is ever dropped.

## How to fix it
Partition the referring table by the same ranges, or drop the key before old partitions go and let a job look for
orphans. The plan of a retention has to begin with this.

## Sources
PostgreSQL manual, "ALTER TABLE": DETACH PARTITION; "Table Partitioning: Partition Maintenance".
"""

from __future__ import annotations

from collections.abc import Iterator

from auditor.model.catalog import Constraint
from auditor.model.check import Check
from auditor.model.facts import Facts
from auditor.model.finding import Evidence, Flaw, Impact, Subject
from auditor.model.operation import ChangeApplication
from auditor.model.vocabulary import Pillar, Severity
from auditor_checks._references import REFERENCES, referrer
from auditor_checks._words import fitting

CHECK = Check(
    title="Foreign key keeps old partitions from being dropped",
    passed="Old partitions can be dropped",
    pillar=Pillar.EVOLUTION,
    severity=Severity.LOW,
    unit=REFERENCES,
    needs=("tables", "constraints", "partitions"),
    engines=("postgresql",),
)


def judge(key: Constraint, facts: Facts) -> Iterator[Flaw]:
    """Look for references to tables that are partitioned by a range of time."""
    parent, child = facts.table(key.referenced_key), referrer(key, facts)
    if parent is None or child is None or parent.kind != "partitioned" or parent.partition_strategy != "range":
        return
    times = [parent.column(name) for name in parent.partition_columns]
    if not any(c is not None and c.family in ("date", "timestamp", "timestamp-tz") for c in times):
        return
    if child.key == parent.key:
        return
    parts, rows = len(facts.leaves(parent)), facts.rows(child)
    yield Flaw(
        title=fitting(f"{key.path} keeps partitions of {parent.path} from being dropped"),
        related=(Subject(kind="table", name=parent.path), Subject(kind="table", name=child.path)),
        evidence=(
            Evidence(name="partitions of the table", value=parts, unit="partitions", probe="partitions"),
            Evidence(name="rows that refer to it", value=round(rows), unit="rows", probe="tables"),
        ),
        impact=Impact(rows=round(rows)),
        explanation=(
            f"A partition of {parent.path} cannot be dropped while {child.path} refers to the table; detaching it "
            f"looks through {child.path}."
        ),
        recommendation="Decide how old rows go: partition both tables alike, or drop the key first.",
        operations=(
            ChangeApplication(
                topic="partition-references",
                subject=key.path,
                instruction=f"Before partitions of {parent.path} are dropped, drop {key.path} or remove what refers.",
            ),
        ),
    )
