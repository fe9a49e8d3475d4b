"""Estimates the steps of a plan anew for the database that it is rehearsed on: its rows, its sizes, its speed."""

from __future__ import annotations

from msgspec.structs import replace
from psycopg import errors

from auditor.connector import CollectOptions
from auditor.model.calibration import Calibration
from auditor.model.catalog import Column, Index, Table
from auditor.model.facts import Facts
from auditor.model.plan import Plan, Step
from auditor.model.snapshot import Snapshot
from auditor.planning import make_plan
from auditor.target import Target
from auditor_connectors.postgresql.collect import collect
from auditor_connectors.postgresql.recipes import RECIPES
from auditor_connectors.postgresql.rehearsal.measured import Record
from auditor_connectors.postgresql.rehearsal.pilot import measure
from auditor_connectors.postgresql.rehearsal.sessions import Sessions
from auditor_connectors.postgresql.rehearsal.standby import Standby


def foresee(
    record: Record, sessions: Sessions, plan: Plan, audited: Snapshot, here: Target, *, standby: Standby | None
) -> None:
    """Write into a record how fast its server works, and what the steps may be expected to take ``here``."""
    found = collect(here, CollectOptions())
    try:
        record.calibration = measure(sessions.open(prepare=False), Facts(found), standby)
    except errors.InsufficientPrivilege:
        record.unforeseen = "the role may not do what measures the server's speed: it takes the right to checkpoint"
        return
    record.foreseen = estimated(plan, audited, found, record.calibration)


def estimated(plan: Plan, snapshot: Snapshot, here: Snapshot, calibration: Calibration) -> dict[str, Step]:
    """The steps of the plan by their identity, with estimates for another database of the same schema.

    The same operations are planned again for the audited ``snapshot`` with the sizes of ``here``. A step is left out
    where another size has it done in another way.
    """
    facts = Facts(resized(snapshot, here), calibration)
    again = {_what(step): step for step in make_plan(facts, plan.operations, (), RECIPES).steps}
    return {step.id: again[_what(step)] for step in plan.steps if _what(step) in again}


def resized(snapshot: Snapshot, here: Snapshot) -> Snapshot:
    """A snapshot with the rows and sizes of another one, where that has the same tables, columns and indexes."""
    tables = {table.key: table for table in here.catalog.tables}
    indexes = {index.key: index for index in here.catalog.indexes}
    catalog = replace(
        snapshot.catalog,
        tables=tuple(_table(one, tables.get(one.key, one)) for one in snapshot.catalog.tables),
        indexes=tuple(_index(one, indexes.get(one.key, one)) for one in snapshot.catalog.indexes),
    )
    return replace(snapshot, catalog=catalog)


def _table(table: Table, here: Table) -> Table:
    return replace(
        table,
        rows=here.rows,
        bytes=here.bytes,
        heap_bytes=here.heap_bytes,
        index_bytes=here.index_bytes,
        toast_bytes=here.toast_bytes,
        usage=here.usage,
        columns=tuple(_column(one, here.column(one.name) or one) for one in table.columns),
    )


def _column(column: Column, here: Column) -> Column:
    return replace(column, statistics=here.statistics)


def _index(index: Index, here: Index) -> Index:
    return replace(index, bytes=here.bytes, rows=here.rows)


def _what(step: Step) -> tuple[str, str, tuple[str, ...]]:
    return (step.operation, step.title, step.statements)
