"""A statement sorts what an index could give in order.

## What
Frequent statements most of whose calls sort many documents by fields of their collection, because no index gives them
in that order. Left out are those that find no index at all, which idx-missing-workload says, and those whose index has
the fields in another order, which idx-esr-order says.

## Why it matters
A sort has to read and keep everything before it gives the first document: a page of ten costs as much as all pages.
Beyond 100 MB it goes to disk or fails.

## When it is fine
What is sorted is small, or a report that nobody waits for.

## How to fix it
Build an index whose fields are those compared with a value, then those of the order, then one bounded by a range.

## Sources
MongoDB manual, "The ESR (Equality, Sort, Range) Guideline", "Sort and Index Use", and hasSortStage in "Database
Profiler Output".
"""

from __future__ import annotations

from collections.abc import Iterator

from auditor.model.check import Check
from auditor.model.facts import Facts
from auditor.model.finding import Evidence, Flaw, Impact
from auditor.model.operation import AddIndex
from auditor.model.units import STATEMENTS
from auditor.model.vocabulary import Confidence, Pillar, Severity
from auditor.model.workload import Statement
from auditor_checks.indexing._searches import descending_of, esr, wanted_columns
from auditor_checks.indexing.idx_esr_order import order_behind_range
from auditor_checks.queries._plans import alone, index_used, read
from auditor_checks.queries._statements import PROBE, common_evidence, is_application, share, tables_of

CHECK = Check(
    title="A statement sorts what an index could give in order",
    passed="Statements find what they want in its order",
    pillar=Pillar.QUERIES,
    severity=Severity.MEDIUM,
    confidence=Confidence.LIKELY,
    unit=STATEMENTS,
    needs=("profile", "indexes", "collections"),
    engines=("mongodb",),
)


def judge(
    statement: Statement, facts: Facts, *,
    min_calls: float = 20, most: float = 0.5, min_read: float = 1_000, medium_share: float = 0.05,
) -> Iterator[Flaw]:  # fmt: skip
    """Report a statement that sorts much in most of its calls."""
    sorts, each = statement.sorts or 0, read(statement)
    if (
        statement.calls < min_calls
        or sorts < most * statement.calls
        or each < min_read
        or not is_application(statement)
    ):
        return
    for table, entry in alone(statement, facts):
        wanted = esr(entry, table)
        if facts.plain_index_over(table.key, wanted) is not None:
            continue
        if not entry.use.order or entry.use.alternatives or wanted_columns(table, entry, facts, 0.05):
            continue
        used = index_used(statement, table, facts)
        if used is not None and order_behind_range(used, entry.use):
            continue
        yield Flaw(
            title=f"A statement sorts after reading {each:,.0f} documents on each call",
            severity=Severity.MEDIUM if share(statement, facts) >= medium_share else Severity.LOW,
            related=tables_of(statement, facts),
            evidence=(
                *common_evidence(statement, facts),
                Evidence(name="calls that sorted", value=sorts, unit="calls", probe=PROBE),
                Evidence(name="documents or index entries read by a call", value=round(each), unit="documents",
                         probe=PROBE),
                Evidence(name="plan", value=statement.plan, probe=PROBE),
            ),
            impact=Impact(milliseconds=round(statement.total_ms, 1), risk="beyond 100 MB a sort goes to disk or fails"),
            explanation=(
                f"{sorts:,} of {statement.calls:,} calls read {each:,.0f} documents or index entries each and sorted "
                f"them by {', '.join(entry.use.order)}: no index gives them in that order."
            ),
            recommendation=f"Build an index on {', '.join(wanted)} without blocking writes.",
            operations=(
                AddIndex(
                    schema=table.schema, table=table.name, columns=wanted,
                    descending=descending_of(wanted, statement, table),
                ),
            ),
        )  # fmt: skip
