"""A table has thousands of partitions.

## What
Partitioned tables with more leaf partitions than planning and locking can carry lightly.

## Why it matters
A query that cannot leave partitions out plans and locks each of them and each of their indexes. Planning takes longer
than the query, each session's memory grows, and the shared lock table runs out ("out of shared memory"), in dumps
too.

## When it is fine
Every query prunes to a few partitions before it is planned in full, and dumps have been seen to work.

## How to fix it
Make the periods longer from now on, merge or detach old partitions.

## Sources
PostgreSQL manual, "Table Partitioning", 5.12.6 "Best Practices": planning is fine up to a few thousand partitions if
pruned.
"""

from __future__ import annotations

from collections.abc import Iterator

from auditor.model.catalog import Table
from auditor.model.check import Check
from auditor.model.facts import Facts
from auditor.model.finding import Evidence, Flaw, Impact
from auditor.model.operation import ChangeApplication
from auditor.model.units import PARTITIONED_TABLES
from auditor.model.vocabulary import Confidence, Pillar, Severity
from auditor_checks._words import fitting

CHECK = Check(
    title="Table has thousands of partitions",
    passed="No table has thousands of partitions",
    pillar=Pillar.CAPACITY,
    severity=Severity.LOW,
    confidence=Confidence.LIKELY,
    unit=PARTITIONED_TABLES,
    needs=("tables", "partitions", "indexes"),
    engines=("postgresql", "mysql", "mariadb"),
)


def judge(root: Table, facts: Facts, *, many: float = 1_000, very_many: float = 5_000) -> Iterator[Flaw]:
    """Report the table by the number of its leaf partitions."""
    leaves = facts.leaves(root)
    number = len(root.parts) or len(leaves)
    if number < many:
        return
    # Partitions that are no tables have each a copy of every index of the table.
    relations = number + sum(len(facts.indexes_of(leaf.key)) for leaf in leaves) * (number // len(leaves))
    empty = (
        sum(1 for part in root.parts if not part.rows) if root.parts else
        sum(1 for leaf in leaves if facts.rows(leaf) == 0)
    )  # fmt: skip
    yield Flaw(
        title=fitting(f"{root.name} has {number:,} partitions"),
        severity=Severity.MEDIUM if number >= very_many else Severity.LOW,
        evidence=(
            Evidence(name="partitions", value=number, unit="partitions", probe="partitions"),
            Evidence(name="partitions and their indexes", value=relations, unit="relations", probe="indexes"),
            Evidence(name="empty partitions", value=empty, unit="partitions", probe="tables"),
        ),
        impact=Impact(risk="slow planning, much memory per session, an exhausted lock table"),
        explanation=(
            f"A query or dump that touches all of {root.path} plans and locks {relations:,} relations. {empty:,} "
            "partitions are empty."
        ),
        recommendation=(
            "Make the periods longer from now on, merge or detach old partitions, and check that every frequent query "
            "filters by the partition key."
        ),
        operations=(
            ChangeApplication(
                topic="partition-count", subject=root.path,
                instruction="Create wider partitions from now on; merge old ones offline and attach the result.",
            ),
        ),
    )  # fmt: skip
