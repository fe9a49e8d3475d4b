"""An index is invalid: written, but never read.

## What
Indexes that the engine marks as not valid or not ready, left behind by a build or rebuild without blocking that
failed or was cancelled. Builds under way on the table are not reported, nor are partitioned indexes that wait for
their parts.

## Why it matters
The optimizer ignores the index, so the queries it was meant for scan the table; yet writes may still maintain it. An
invalid unique index may refuse rows, or let duplicates in, while it looks like a rule. ``IF NOT EXISTS`` finds its name
taken and skips the repair silently.

## When it is fine
Only while the build is running.

## How to fix it
Rebuild it without blocking writes, or drop the leftover when a valid index does its work. If the failed one is
unique, remove the duplicate rows first.

## Sources
PostgreSQL manual, "CREATE INDEX", section "Building Indexes Concurrently", and "REINDEX" (leftovers with the suffixes
_ccnew and _ccold).
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from auditor.model.catalog import Index
from auditor.model.check import Check
from auditor.model.facts import Facts
from auditor.model.finding import Evidence, Flaw, Impact, Subject, Unknown, Verdict
from auditor.model.operation import AnyOperation, DropIndex, RebuildIndex
from auditor.model.units import INDEXES
from auditor.model.vocabulary import Pillar, Severity
from auditor.text import size
from auditor_checks._words import fitting, table_path
from auditor_checks.indexing._usage import entries_written

CHECK = Check(
    title="Invalid index is maintained and never used",
    passed="No index is invalid",
    pillar=Pillar.INDEXING,
    severity=Severity.MEDIUM,
    unit=INDEXES,
    needs=("tables", "indexes"),
)


def judge(index: Index, facts: Facts, *, large_rows: float = 100_000) -> Iterator[Verdict]:
    """Report an invalid index unless it is being built."""
    if index.complete or index.partitioned:
        return
    table = facts.table(index.table_key)
    if any(
        work.kind == "create-index" and (work.schema, work.name) == index.table_key for work in facts.workload.progress
    ):
        yield Unknown(reason=f"an index is being built on {table_path(index)}: {index.name} may be that one")
        return
    twin = _twin(index, facts)
    own, rows = facts.index_bytes(index), facts.rows(table)
    written = entries_written(table, facts) if table is not None else 0
    operation: AnyOperation = (
        RebuildIndex(schema=index.schema, table=index.table, name=index.name)
        if twin is None
        else DropIndex(schema=index.schema, table=index.table, name=index.name, covered_by=twin.name)
    )
    yield Flaw(
        title=fitting(f"Index {index.name} is invalid"),
        related=(
            Subject(kind="table", name=table_path(index)),
            *([Subject(kind="index", name=twin.path)] if twin else []),
        ),
        severity=Severity.HIGH if index.unique or (twin is None and rows >= large_rows) else Severity.MEDIUM,
        evidence=(
            Evidence(name="valid", value=index.valid, probe="indexes"),
            Evidence(name="ready for writes", value=index.ready, probe="indexes"),
            Evidence(name="size", value=own, unit="bytes", probe="sizes"),
            Evidence(name="rows in the table", value=round(rows), unit="rows", probe="tables"),
        ),
        impact=Impact(bytes=own, risk="queries that it was built for scan the table instead"),
        explanation=_explanation(index, twin, size(own), written),
        recommendation=(
            f"Rebuild {index.path} without blocking writes"
            + (", after removing the duplicates that made the build fail." if index.unique else ".")
            if twin is None
            else f"Drop {index.path} without blocking writes; {twin.name} is valid and does its work."
        ),
        operations=(operation,),
    )


def _twin(index: Index, facts: Facts) -> Index | None:
    """The valid index that this one was to copy or replace: of the same definition, or named as a rebuild names it."""
    original = re.sub(r"_cc(new|old)\d*$", "", index.name)
    for other in facts.indexes_of(index.table_key):
        same = (other.method, other.parts, other.include, other.predicate, other.unique) == (
            index.method,
            index.parts,
            index.include,
            index.predicate,
            index.unique,
        )
        if other.usable and other.key != index.key and (same or (original != index.name and other.name == original)):
            return other
    return None


def _explanation(index: Index, twin: Index | None, own: str, written: int) -> str:
    kept = (
        f"Writes still maintain it ({written:,} entries since the counters began)"
        if index.ready
        else "Writes do not maintain it, so it can only be rebuilt"
    )
    rule = " As a unique index it keeps no rule that can be relied on." if index.unique else ""
    copy = f" {twin.path} is its valid twin." if twin else ""
    return f"A build of {index.path} failed or was cancelled; no query uses it. {kept}, and it takes {own}.{rule}{copy}"
