"""A materialised view cannot be refreshed while it is read.

## What
Materialised views without a unique index over plain columns and all rows, which REFRESH … CONCURRENTLY needs.

## Why it matters
A plain refresh locks the view against readers until it is done: every page that reads it waits.

## When it is fine
It is small, or refreshed at night only.

## How to fix it
Build a unique index concurrently over the columns that tell its rows apart, and refresh concurrently from then on.

## Sources
PostgreSQL manual, "REFRESH MATERIALIZED VIEW".
"""

from __future__ import annotations

from collections.abc import Iterator

from auditor.model.catalog import Index, Table
from auditor.model.check import Check
from auditor.model.facts import Facts
from auditor.model.finding import Evidence, Flaw, Impact
from auditor.model.operation import AddIndex, ChangeApplication
from auditor.model.units import MATERIALIZED_VIEWS
from auditor.model.vocabulary import Pillar, Severity
from auditor_checks._words import fitting

CHECK = Check(
    title="Materialised view cannot be refreshed while it is read",
    passed="Every materialised view can be refreshed while it is read",
    pillar=Pillar.OPERATIONS,
    severity=Severity.MEDIUM,
    unit=MATERIALIZED_VIEWS,
    needs=("tables", "indexes"),
    engines=("postgresql",),
)


def judge(view: Table, facts: Facts, *, rows: float = 10_000, slow_ms: float = 1_000) -> Iterator[Flaw]:
    """Look for an index that serves; debt where the view is small and its refreshes are short."""
    if any(_serves(index) for index in facts.indexes_of(view.key)):
        return
    count = facts.rows(view)
    refreshes = [s for s in facts.statements if _refreshes(s.text, view)]
    slowest = max((s.mean_ms for s in refreshes), default=None)
    key = next((c.name for c in view.columns if c.statistics is not None and c.statistics.distinct_ratio == 1), None)
    operations: list[AddIndex | ChangeApplication] = []
    if key is not None:
        operations.append(AddIndex(schema=view.schema, table=view.name, columns=(key,), unique=True))
    operations.append(
        ChangeApplication(
            topic="refresh-concurrently",
            subject=view.path,
            instruction=f"Once it has a unique index, refresh {view.path} with CONCURRENTLY.",
        )
    )
    grave = count >= rows or (slowest is not None and slowest >= slow_ms)
    yield Flaw(
        title=fitting(f"Materialised view {view.path} cannot be refreshed while it is read"),
        severity=Severity.MEDIUM if grave else Severity.LOW,
        evidence=(
            Evidence(name="unique indexes that serve", value=0, unit="indexes", probe="indexes"),
            Evidence(name="rows", value=round(count), unit="rows", probe="tables"),
            Evidence(name="mean time of a refresh", value=slowest, unit="ms", probe="statements"),
        ),
        impact=Impact(risk="readers wait until a refresh is done"),
        explanation=(
            f"{view.path} ({count:,.0f} rows) lacks a unique index over plain columns, so each refresh shuts readers "
            "out" + (f", for {slowest / 1000:,.1f} s on average." if slowest is not None else ".")
        ),
        recommendation=(
            f"Index {key} uniquely, then refresh concurrently."
            if key is not None
            else "Build a unique index over the columns that tell its rows apart, then refresh concurrently."
        ),
        operations=tuple(operations),
    )


def _serves(index: Index) -> bool:
    return index.unique and index.usable and index.predicate is None and not index.is_expression


def _refreshes(text: str, view: Table) -> bool:
    """Whether a statement is a plain refresh of the view."""
    plain = text.lower().replace('"', "")
    opens = plain.startswith("refresh materialized view ") and " concurrently " not in plain
    return opens and view.name.lower() in plain.replace(";", " ").replace(".", " ").split()
