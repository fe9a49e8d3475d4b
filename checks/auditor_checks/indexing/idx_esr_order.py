"""A range stands before the order in a compound index.

## What
Compound indexes that statements use and whose fields of the order stand behind one that the statement bounds by a
range, so that it sorts in nearly every call what the index could have given in order.

## Why it matters
Behind a range the entries are in no order that helps: everything in the range is read and sorted before the first
document is given, even if a limit asks for ten.

## When it is fine
The range narrows to a handful of documents, and then a sort of these is cheap: such statements are left out.

## How to fix it
Build the index anew with the fields compared with a value first, then those of the order, then the range; watch that
the statement uses it; then drop the old one if nothing else needs it.

## Sources
MongoDB manual, "The ESR (Equality, Sort, Range) Guideline".
"""

from __future__ import annotations

from collections.abc import Iterator

from auditor.model.catalog import Index, Table
from auditor.model.check import Check
from auditor.model.facts import Facts
from auditor.model.finding import Evidence, Flaw, Impact, Subject
from auditor.model.operation import AddIndex
from auditor.model.statement_uses import StatementUse
from auditor.model.units import INDEXES, table_subject
from auditor.model.uses import TableUse
from auditor.model.vocabulary import Confidence, Pillar, Severity
from auditor_checks._words import fitting
from auditor_checks.indexing._searches import descending_of, esr
from auditor_checks.queries._plans import index_used, read
from auditor_checks.queries._statements import PROBE, short

CHECK = Check(
    title="A range stands before the order in a compound index",
    passed="Compound indexes have the order before the range",
    pillar=Pillar.INDEXING,
    severity=Severity.MEDIUM,
    confidence=Confidence.LIKELY,
    unit=INDEXES,
    needs=("profile", "indexes", "collections"),
    engines=("mongodb",),
)


def judge(
    index: Index, facts: Facts, *, min_calls: float = 20, most: float = 0.5, min_read: float = 1_000
) -> Iterator[Flaw]:
    """Report the index if a statement sorts what it reads through it for want of another order of fields."""
    table = facts.table(index.table_key)
    if table is None or len(index.parts) < 2:
        return
    found = [
        entry
        for entry in facts.statement_uses.get(table.key, ())
        if entry.statement.calls >= min_calls
        and (entry.statement.sorts or 0) >= most * entry.statement.calls
        and read(entry.statement) >= min_read
        and order_behind_range(index, entry.use)
        and index_used(entry.statement, table, facts) is index
    ]
    if found:
        yield _flaw(index, table, max(found, key=lambda entry: entry.statement.total_ms), len(found))


def order_behind_range(index: Index, use: TableUse) -> bool:
    """Whether an index has all that a statement orders by, but some of it behind what it bounds by a range."""
    columns = index.columns
    if not use.order or not set(use.order) <= set(columns):
        return False
    ranges = [columns.index(name) for name in use.ranges if name in columns and name not in use.order]
    behind = [columns.index(name) for name in use.order if name not in use.equal]
    return bool(ranges) and bool(behind) and min(ranges) < max(behind)


def _flaw(index: Index, table: Table, entry: StatementUse, number: int) -> Flaw:
    statement, wanted = entry.statement, esr(entry, table)
    return Flaw(
        title=fitting(f"{index.name} has a range before {', '.join(entry.use.order)}, by which it is read in order"),
        related=(Subject(kind="query", name=statement.id), table_subject(table)),
        evidence=(
            Evidence(name="statement", value=short(statement.text), probe=PROBE),
            Evidence(name="statements", value=number, unit="statements", probe=PROBE),
            Evidence(name="calls", value=statement.calls, unit="calls", probe=PROBE),
            Evidence(name="calls that sorted", value=statement.sorts, unit="calls", probe=PROBE),
            Evidence(name="entries read by a call", value=round(read(statement)), unit="entries", probe=PROBE),
            Evidence(name="plan", value=statement.plan, probe=PROBE),
        ),
        impact=Impact(milliseconds=round(statement.total_ms, 1), risk="a page costs as much as the whole range"),
        explanation=(
            f"{statement.calls:,} calls read {read(statement):,.0f} entries of {index.path} each and sorted them by "
            f"{', '.join(entry.use.order)}, which stands behind the range over {', '.join(entry.use.ranges)}."
        ),
        recommendation=f"Build an index on {', '.join(wanted)}; drop {index.name} when nothing else uses it.",
        operations=(
            AddIndex(
                schema=table.schema, table=table.name, columns=wanted,
                descending=descending_of(wanted, statement, table),
            ),
        ),
    )  # fmt: skip
