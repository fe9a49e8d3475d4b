"""Updates of a table cannot stay on their page.

## What
Tables with many updates of which few were heap-only: the new row version got a new page or new index entries. The
reason is named as far as the server tells: pages are full (fillfactor), or an indexed column is among what statements
update.

## Why it matters
Such an update writes an entry into every index of the table, even into those whose columns did not change, and leaves
work for vacuum that a heap-only update cleans up by itself.

## When it is fine
The updated column has to be indexed, and the index earns its price.

## How to fix it
Where pages are full, leave room on them by a lower fillfactor; it takes effect as pages are written anew. Where an
indexed column is updated each time, ask whether that index is worth it.

## Sources
PostgreSQL manual, "Heap-Only Tuples (HOT)" (66.7) and pg_stat_all_tables (n_tup_hot_upd, n_tup_newpage_upd).
"""

from __future__ import annotations

from collections.abc import Iterator

from auditor.model.catalog import Table
from auditor.model.check import Check
from auditor.model.facts import Facts
from auditor.model.finding import Evidence, Flaw, Impact, Subject
from auditor.model.operation import AnyOperation, ChangeApplication, SetTableOptions
from auditor.model.units import TABLES
from auditor.model.vocabulary import Confidence, Pillar, Severity
from auditor_checks._words import fitting, percent

CHECK = Check(
    title="Updates cannot stay on their page",
    passed="Updates stay on their page",
    pillar=Pillar.CAPACITY,
    severity=Severity.LOW,
    confidence=Confidence.LIKELY,
    unit=TABLES,
    needs=("tables", "indexes", "table-usage"),
    engines=("postgresql",),
)

_FILLFACTOR = 85
"""Room for about one updated row in seven on each page."""


def judge(
    table: Table, facts: Facts, *,
    min_updates: float = 10_000, max_ratio: float = 0.5, min_rows: float = 1_000, medium_updates: float = 10_000_000,
) -> Iterator[Flaw]:  # fmt: skip
    """Report the table by the share of its updates that were heap-only."""
    usages = [leaf.usage for leaf in facts.leaves(table) if leaf.usage is not None]
    updated, hot = sum(usage.updated for usage in usages), sum(usage.updated_hot for usage in usages)
    if updated < min_updates or hot >= max_ratio * updated or facts.rows(table) < min_rows:
        return
    pages = [usage.updated_new_page for usage in usages if usage.updated_new_page is not None]
    moved = sum(pages) if pages else None
    indexed = _indexed(table, facts)
    changed = sorted(indexed & _assigned(table, facts))
    # An update that changes no indexed column is heap-only unless its page is full.
    full = not changed and ((moved is not None and moved >= 0.5 * (updated - hot)) or not indexed)
    candidates = changed or sorted(indexed)[:5]
    yield Flaw(
        title=fitting(f"Only {percent(hot / updated)} of the updates of {table.name} stay on their page"),
        related=tuple(Subject(kind="column", name=table.column_path(name)) for name in candidates) if not full else (),
        severity=Severity.MEDIUM if updated >= medium_updates else Severity.LOW,
        confidence=Confidence.LIKELY if full or changed else Confidence.POSSIBLE,
        evidence=(
            Evidence(name="updates", value=updated, unit="rows", probe="table-usage"),
            Evidence(name="heap-only updates", value=hot, unit="rows", probe="table-usage"),
            Evidence(name="updates that moved to a new page", value=moved, unit="rows", probe="table-usage"),
            Evidence(name="indexed columns that statements update", value=", ".join(changed) or None,
                     probe="statements"),
            Evidence(name="fillfactor", value=table.options.get("fillfactor", "100"), probe="tables"),
        ),
        impact=Impact(rows=updated - hot, risk="each such update writes into every index"),
        explanation=(
            f"{updated - hot:,} of {updated:,} updates of {table.path} wrote a new entry into each of its indexes. "
            + _why(full, changed, candidates)
        ),
        recommendation=(
            f"Leave room on the pages (fillfactor {_FILLFACTOR})." if full else
            f"Ask whether the indexes on {', '.join(candidates) or 'updated columns'} are worth what updates pay."
        ),
        operations=(_operation(table, full, candidates),),
    )  # fmt: skip


def _indexed(table: Table, facts: Facts) -> set[str]:
    """The columns whose change makes an update not heap-only, without the primary key, which nobody updates."""
    indexes = [index for index in facts.indexes_of(table.key) if not index.primary and index.method != "brin"]
    return {column for index in indexes for column in (*index.columns, *index.include)}


def _assigned(table: Table, facts: Facts) -> set[str]:
    """The columns that statements were seen to update in this table."""
    return {
        column
        for entry in facts.statement_uses.get(table.key, ())
        if entry.parsed.kind == "update" and entry.parsed.target == (entry.use.schema, table.name)
        for column in entry.parsed.assigned
    }


def _why(full: bool, changed: list[str], candidates: list[str]) -> str:
    if full:
        return "Their pages had no room for the new version."
    if changed:
        return f"Statements update {', '.join(changed)}, which an index holds."
    return f"Pages may be full, or an indexed column is updated each time: {', '.join(candidates) or 'none is known'}."


def _operation(table: Table, full: bool, candidates: list[str]) -> AnyOperation:
    if full:
        return SetTableOptions(schema=table.schema, table=table.name, options={"fillfactor": str(_FILLFACTOR)})
    return ChangeApplication(
        topic="hot-updates", subject=table.path,
        instruction=f"Find out which updates change {', '.join(candidates) or 'indexed columns'}, and why.",
    )  # fmt: skip
