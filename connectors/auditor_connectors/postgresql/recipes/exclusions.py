"""Keeps periods of one thing from overlapping: at once on a small table, by way of a copy on a larger one.

An exclusion constraint has no form that is built while writes go on (manual, CREATE INDEX and ALTER TABLE), so that a
large table gets a copy that bears it from its first row, and an instant swaps the two.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from msgspec.structs import replace

from auditor.connector import Draft
from auditor.model.catalog import Column, Table
from auditor.model.facts import Facts
from auditor.model.operation import AddExclusion, CreateExtension
from auditor.model.vocabulary import Phase
from auditor_connectors.postgresql.recipes import estimates
from auditor_connectors.postgresql.recipes.queries import all_of, constraint_is
from auditor_connectors.postgresql.recipes.server import create_extension
from auditor_connectors.postgresql.recipes.shadow import copy_and_swap
from auditor_connectors.postgresql.recipes.sql import ident, idents, literal, qualified, relation_name
from auditor_connectors.postgresql.recipes.steps import ROW_EXCLUSIVE, brief, runbook

EXTENSION = "btree_gist"
"""What compares plain columns within such a constraint."""

BUILD_SCANS = 18.0
"""Scans of the table that building one takes: 1.2 s for 1,000,000 rows, of which a scan is 65 ms (version 15)."""

_REFUSED = (
    "A write that would overlap fails from now on, and within a transaction, too, a period has to end before the next "
    "begins: see that the code does so, and says to its users what is wrong."
)
_LATECOMERS = (
    "A row that was written meanwhile and overlaps one that is yet to be copied stops the copying, by an exclusion "
    "violation that names both: mend one of them and run the step again."
)

# Manual, "Range Types": the built-in ranges. By the family of the bounds; integers by their width.
_RANGES: Mapping[str, str] = {
    "date": "daterange", "timestamp": "tsrange", "timestamp-tz": "tstzrange", "decimal": "numrange",
}  # fmt: skip

# Manual, "btree_gist": the types with an operator class in every supported version.
_COMPARED = frozenset(
    ("integer", "decimal", "float", "text", "char", "uuid", "date", "time", "timestamp", "timestamp-tz", "interval",
     "money", "network", "bit", "binary", "enum")
)  # fmt: skip


def add_exclusion(operation: AddExclusion, facts: Facts) -> Iterator[Draft]:
    """Add it directly where that takes a moment, else to a copy; install what compares plain columns first."""
    table = facts.table((operation.schema, operation.table))
    period = None if table is None else _period(table, operation)
    columns = [None if table is None else table.column(name) for name in operation.columns]
    if table is None or period is None or not all(column and column.family in _COMPARED for column in columns):
        yield _by_hand(operation, "there is no range type for the period, or no operator class for a column")
        return
    if table.kind != "table" or table.parent is not None or any(one.exclusion for one in facts.indexes_of(table.key)):
        yield _by_hand(operation, "the table is partitioned, a partition, or has another exclusion constraint")
        return
    if operation.columns and EXTENSION not in facts.extensions:
        yield from create_extension(CreateExtension(name=EXTENSION), facts)
    name = relation_name(facts, table.key, (*operation.columns, *operation.period), "excl")
    parts = [*(f"{ident(column)} WITH =" for column in operation.columns), f"{period} WITH &&"]
    clause = f"ADD CONSTRAINT {ident(name)} EXCLUDE USING gist ({', '.join(parts)})"
    if not estimates.is_small(facts, table):
        yield from _by_copy(facts, table, operation, clause, period)
        return
    yield brief(
        facts,
        Phase.EXPAND,
        f"Forbid overlapping {', '.join(operation.period)} in {table.path}",
        f"ALTER TABLE {qualified(table.key)} {clause}",
        takes=estimates.work(facts, table, BUILD_SCANS),
        precondition=no_overlaps(table, operation, period),
        verify=constraint_is(table.key, name),
        rollback=(f"ALTER TABLE {qualified(table.key)} DROP CONSTRAINT IF EXISTS {ident(name)}",),
        notes=(
            (
                "The table is small enough to be indexed under the lock: up to "
                f"{estimates.human_bytes(estimates.SMALL_TABLE_BYTES)} of rows; a larger one is copied instead."
            ),
            _listed(table, operation, period),
            _REFUSED,
        ),
    )


def _by_copy(facts: Facts, table: Table, operation: AddExclusion, clause: str, period: str) -> Iterator[Draft]:
    """Let a copy that bears the constraint take the table's place; look for overlaps again before rows are copied."""
    free = no_overlaps(table, operation, period)
    why = f"with no overlapping {', '.join(operation.period)}"
    for draft in copy_and_swap(facts, table, why=why, clause=clause, precondition=free):
        step = draft.step
        if draft.phase is Phase.EXPAND:
            step = replace(step, notes=(*step.notes, _listed(table, operation, period), _REFUSED))
        elif draft.phase is Phase.BACKFILL and step.lock == ROW_EXCLUSIVE:
            step = replace(step, precondition=free, notes=(*step.notes, _LATECOMERS))
        yield replace(draft, step=step)


def _by_hand(operation: AddExclusion, why: str) -> Draft:
    subject = ", ".join(operation.columns)
    return runbook(
        Phase.REARCHITECT,
        f"Forbid overlapping {', '.join(operation.period)} in {operation.schema}.{operation.table}",
        notes=(
            f"It cannot be done by these steps: {why}.",
            f"Mend overlaps, then exclude them by a constraint over {subject} and the period, or by a trigger.",
        ),
    )


def _period(table: Table, operation: AddExclusion) -> str | None:
    """Write the period as a range; None where no built-in range holds it."""
    bounds = [table.column(name) for name in operation.period]
    first = bounds[0] if bounds else None
    if first is None:
        return None
    if len(bounds) == 1:
        return ident(first.name) if first.family == "range" else None
    function, last = _range_of(first), bounds[1]
    if len(bounds) != 2 or last is None or function is None or _range_of(last) != function:
        return None
    return f"{function}({ident(first.name)}, {ident(last.name)})"


def _range_of(column: Column) -> str | None:
    if column.family == "integer":
        return "int8range" if column.bits == 64 else "int4range"
    return _RANGES.get(column.family)


def no_overlaps(table: Table, operation: AddExclusion, period: str) -> str:
    """True when no two periods overlap, none ends before it starts, and there is what compares plain columns.

    It reads and sorts the table.
    """
    queries = [f"SELECT NOT EXISTS ({_clashes(table, operation, period)})"]
    if operation.columns:
        queries.insert(0, f"SELECT EXISTS (SELECT FROM pg_extension WHERE extname = {literal(EXTENSION)})")
    if len(operation.period) == 2:
        start, end = map(ident, operation.period)
        queries.insert(0, f"SELECT NOT EXISTS (SELECT FROM {qualified(table.key)} WHERE {start} > {end})")
    return all_of(*queries)


def _listed(table: Table, operation: AddExclusion, period: str) -> str:
    clashes = _clashes(table, operation, period)
    return (
        f"{clashes} lists the periods that overlap one before them: mend these, and the code that writes them, first."
    )


def _clashes(table: Table, operation: AddExclusion, period: str) -> str:
    """Write the query for the periods that overlap the one before them.

    Ranges sort by their lower bounds, so that where any two overlap, two neighbours do.
    """
    of = idents(operation.columns)
    group, listed = (f"PARTITION BY {of} ", f"{of}, ") if of else ("", "")
    known = " AND ".join(f"{ident(one)} IS NOT NULL" for one in operation.columns)
    where = f" WHERE {known}" if known else ""
    if len(operation.period) == 2:
        start, end = map(ident, operation.period)
        period = f"CASE WHEN {start} > {end} THEN NULL ELSE {period} END"
    rows = f"SELECT {listed}{period} AS auditor_period FROM {qualified(table.key)}{where}"
    return (
        f"SELECT {listed}auditor_period FROM (SELECT {listed}auditor_period, auditor_period && lag(auditor_period) "
        f"OVER ({group}ORDER BY auditor_period) AS auditor_clash FROM ({rows}) p WHERE NOT isempty(auditor_period)) q "
        "WHERE auditor_clash"
    )
