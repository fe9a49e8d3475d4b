"""An index is invisible to the optimizer.

## What
Indexes that were made INVISIBLE (MySQL), IGNORED (MariaDB) or hidden (MongoDB). The only one of a foreign key is left
out: the key needs it; and so is one by which documents expire.

## Why it matters
Each write still keeps it up to date. It is a step on the way to dropping it that somebody has to finish, or an index
that a query misses.

## When it is fine
The trial is going on: for how long it has been so the server does not tell.

## How to fix it
Drop it, or make it visible again; the latter takes no time.

## Sources
MySQL manual, "Invisible Indexes"; MariaDB documentation, "Ignored Indexes"; MongoDB manual,
"Hidden Indexes".
"""

from __future__ import annotations

from collections.abc import Iterator

from auditor.model.catalog import Index
from auditor.model.check import Check
from auditor.model.facts import Facts
from auditor.model.finding import Evidence, Flaw, Impact, Verdict
from auditor.model.operation import DropIndex
from auditor.model.units import INDEXES, table_subject
from auditor.model.vocabulary import Pillar, Severity
from auditor_checks._settings import PRODUCTS
from auditor_checks.indexing._usage import only_foreign_key_support

CHECK = Check(
    title="An index is kept up to date and never used",
    passed="No index is hidden from the optimizer",
    pillar=Pillar.INDEXING,
    severity=Severity.LOW,
    unit=INDEXES,
    needs=("tables|collections", "indexes"),
    engines=(*PRODUCTS, "mongodb"),
)


def judge(index: Index, facts: Facts) -> Iterator[Verdict]:
    """Report an index that is hidden; a unique one still keeps its rule."""
    if index.visible or index.primary or index.expire_seconds is not None or only_foreign_key_support(index, facts):
        return
    yield Flaw(
        severity=Severity.INFO if index.unique else Severity.LOW,
        related=tuple(table_subject(table) for table in (facts.table(index.table_key),) if table is not None),
        evidence=(
            Evidence(name="visible to the optimizer", value=False, probe="indexes"),
            Evidence(name="size", value=facts.index_bytes(index), unit="bytes", probe="index-sizes|collection-sizes"),
        ),
        impact=Impact(bytes=facts.index_bytes(index), risk="writes pay for what nobody reads"),
        explanation=f"The optimizer may not use {index.path}"
        + (", which only keeps its columns unique." if index.unique else "."),
        recommendation="Drop it if nothing was missed since it was hidden, else make it visible again.",
        operations=()
        if index.unique
        else (DropIndex(schema=index.schema, table=index.table, name=index.name, observe_days=0),),
    )
