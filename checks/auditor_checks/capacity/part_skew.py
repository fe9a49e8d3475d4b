"""One partition holds nearly everything.

## What
Partitioned tables with several partitions of which one holds most of the bytes, when that one is large. The newest
partition in use of a table that is partitioned by time is not meant: it may well be the largest; nor is the default
partition, which another check reports.

## Why it matters
The table was split so that maintenance and queries work on pieces; with one piece holding nearly everything they do
not.

## When it is fine
The large partition is a closed history that was attached as it was, and nobody touches it.

## How to fix it
Split the large partition: build the pieces beside it, and exchange them for it in one short transaction. For hash or
list partitions check whether the key is the right one.

## Sources
PostgreSQL manual, "Table Partitioning", 5.12.6 "Best Practices".
"""

from __future__ import annotations

from collections.abc import Iterator

from auditor.model.catalog import Table
from auditor.model.check import Check
from auditor.model.facts import Facts
from auditor.model.finding import Evidence, Flaw, Impact, Subject
from auditor.model.operation import ChangeApplication
from auditor.model.units import PARTITIONED_TABLES
from auditor.model.vocabulary import Confidence, Pillar, Severity
from auditor.text import size
from auditor_checks._words import fitting, percent
from auditor_checks.capacity._partitions import spans, time_column

CHECK = Check(
    title="One partition holds nearly everything",
    passed="No partition holds nearly everything",
    pillar=Pillar.CAPACITY,
    severity=Severity.LOW,
    confidence=Confidence.LIKELY,
    unit=PARTITIONED_TABLES,
    needs=("tables", "partitions", "sizes"),
    engines=("postgresql",),
)


def judge(
    root: Table, facts: Facts, *, share: float = 0.8, min_parts: float = 4, min_bytes: float = 2**30
) -> Iterator[Flaw]:
    """Report the table if one of its direct partitions outweighs the others together."""
    parts = [part for part in facts.partitions.get(root.key, ()) if not part.default_partition]
    total = sum(part.bytes or 0 for part in parts)
    if len(parts) < min_parts or total < min_bytes:
        return
    largest = max(parts, key=lambda part: (part.bytes or 0, part.key))
    own = largest.bytes or 0
    if own < share * total or _in_use(root, largest, facts):
        return
    yield Flaw(
        title=fitting(f"{largest.name} holds {percent(own / total)} of {root.name}"),
        related=(Subject(kind="partition", name=largest.path),),
        severity=Severity.MEDIUM if root.partition_strategy == "hash" else Severity.LOW,
        evidence=(
            Evidence(name="share of the largest partition", value=round(own / total, 3), unit="share", probe="sizes"),
            Evidence(name="its size", value=own, unit="bytes", probe="sizes"),
            Evidence(name="partitions", value=len(parts), unit="partitions", probe="partitions"),
        ),
        impact=Impact(bytes=own, risk="maintenance and queries work on one large piece after all"),
        explanation=(
            f"{largest.path} holds {size(own)} of the {size(total)} in {len(parts)} partitions of {root.path}."
        ),
        recommendation=(
            "Split the large partition beside the table and exchange the pieces for it, or choose a key that spreads "
            "the rows."
        ),
        operations=(
            ChangeApplication(
                topic="partition-skew", subject=root.path,
                instruction=f"Split {largest.path} into pieces, or partition by a key that spreads the rows.",
            ),
        ),
    )  # fmt: skip


def _in_use(root: Table, largest: Table, facts: Facts) -> bool:
    """Whether it is the partition of time that rows arrive in now, or the last one that got any."""
    if time_column(root) is None:
        return False
    filled = [span for span in spans(root, facts) if facts.rows(span.table) > 0]
    if filled and filled[-1].table is largest:
        return True
    return any(
        span.table is largest
        and (span.lower is None or span.lower <= facts.now)
        and (span.upper is None or span.upper > facts.now)
        for span in filled
    )
