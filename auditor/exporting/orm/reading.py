"""Reads what each step of a plan changes for the models of an application.

A model follows its column when the application is deployed, not when the database changes: the step at which something
changes here is the deploy point of its operation where it has one, else the operation's last step.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from msgspec import Struct

from auditor.exporting.orm import changes as by
from auditor.exporting.orm import reshaping
from auditor.exporting.orm.engine import Orm
from auditor.exporting.orm.steps import Steps
from auditor.exporting.worklist import Entry, Worklist
from auditor.model import operation as op
from auditor.model.plan import ColumnShape, ReferenceShape


class Reading(Struct, frozen=True, kw_only=True):
    """What is known: every change with the number of its step, in their order, and the operations without any.

    ``unchanging`` are those that leave models as they are, ``unknown`` those that people do in a way of their own.
    """

    changes: tuple[tuple[int, by.Change], ...]
    unchanging: tuple[op.Operation, ...] = ()
    unknown: tuple[op.Operation, ...] = ()


def read(worklist: Worklist, orm: Orm) -> Reading:
    """Read the operations of a plan one after the other."""
    of: dict[str, list[Entry]] = {}
    for entry in worklist.entries:
        of.setdefault(entry.step.operation, []).append(entry)
    shapes = {(one.schema, one.table): one for one in worklist.plan.shapes}
    found: list[tuple[int, by.Change]] = []
    unchanging: list[op.Operation] = []
    unknown: list[op.Operation] = []
    for operation in worklist.plan.operations:
        entries = tuple(of.get(operation.id, ()))
        reader = READERS.get(type(operation))
        if reader is None:
            unchanging.append(operation)
            continue
        if not any(entry.step.statements for entry in entries):
            unknown.append(operation)
            continue
        statements = [statement for entry in entries for statement in entry.step.statements]
        made = tuple(one for one in map(orm.made, statements) if one is not None)
        changes = list(reader(operation, Steps(entries=entries, made=made, shapes=shapes)))
        if all(isinstance(change, by.Archived) for _, change in changes):
            unchanging.append(operation)
        found += changes
    ordered = sorted(found, key=lambda pair: pair[0])
    return Reading(changes=tuple(ordered), unchanging=tuple(unchanging), unknown=tuple(unknown))


def is_read(operation: op.Operation) -> bool:
    """Whether it is known what an operation of this kind means for models."""
    return type(operation) in READERS


def _removed(operation: op.DropColumn, steps: Steps) -> Iterator[tuple[int, by.Change]]:
    if (entry := steps.at("stop-using")) is not None:
        yield entry.number, by.Removed(table=(operation.schema, operation.table), column=operation.column)


def _required(operation: op.SetNotNull, steps: Steps) -> Iterator[tuple[int, by.Change]]:
    for column in (operation.column, *operation.together):
        yield steps.last, by.Required(table=(operation.schema, operation.table), column=column)


def _default(operation: op.SetDefault, steps: Steps) -> Iterator[tuple[int, by.Change]]:
    filled = "default" if operation.expression is not None else None
    yield steps.last, by.Filled(table=(operation.schema, operation.table), column=operation.column, by=filled)


def _identity(operation: op.UseIdentity, steps: Steps) -> Iterator[tuple[int, by.Change]]:
    yield steps.last, by.Filled(table=(operation.schema, operation.table), column=operation.column, by="identity")


def _declared(operation: op.AddIndex | op.AddUnique | op.AddCheck, steps: Steps) -> Iterator[tuple[int, by.Change]]:
    table = (operation.schema, operation.table)
    name = steps.name(table, "constraint", "index")
    if name is not None:
        yield steps.last, by.Declared(table=table, name=name, operation=operation)
    if isinstance(operation, op.AddIndex | op.AddUnique) and operation.replaces is not None:
        kind = "index" if isinstance(operation, op.AddIndex) else "constraint"
        yield steps.last, by.Gone(table=table, kind=kind, name=operation.replaces)


def _excluded(operation: op.AddExclusion, steps: Steps) -> Iterator[tuple[int, by.Change]]:
    made = next((one for one in steps.made if one.kind == "exclusion"), None)
    if made is None:
        return
    # Where a copy bears it, the application meets it when the copy takes the table's place.
    switch = steps.at("reconnect")
    yield (
        steps.last if switch is None else switch.number,
        by.Declared(table=(operation.schema, operation.table), name=made.name, operation=operation, period=made.period),
    )


def _referring(operation: op.AddForeignKey, steps: Steps) -> Iterator[tuple[int, by.Change]]:
    table = (operation.schema, operation.table)
    if operation.replaces is not None:
        yield steps.last, by.Gone(table=table, kind="constraint", name=operation.replaces)
    if (name := steps.name(table, "constraint")) is not None:
        reference = ReferenceShape(
            name=operation.replaces or name, columns=operation.columns, referenced_schema=operation.referenced_schema,
            referenced_table=operation.referenced_table, referenced_columns=operation.referenced_columns,
            on_delete=operation.on_delete,
        )  # fmt: skip
        yield steps.last, by.Referring(table=table, reference=reference)


def _keyed(operation: op.AddPrimaryKey, steps: Steps) -> Iterator[tuple[int, by.Change]]:
    table = (operation.schema, operation.table)
    if operation.columns:
        yield steps.last, by.Keyed(table=table, columns=operation.columns)
        return
    columns = [one.columns[0] for one in steps.made if one.kind == "column"]
    if operation.using_index is None and columns:
        new = ColumnShape(name=columns[0].name, type=columns[0].type, nullable=False, filled="default")
        yield steps.last, by.Keyed(table=table, columns=(new.name,), new=new)


def _gone(operation: op.DropIndex | op.DropConstraint, steps: Steps) -> Iterator[tuple[int, by.Change]]:
    table = (operation.schema, operation.table)
    reference = steps.reference(table, operation.name) if isinstance(operation, op.DropConstraint) else None
    if reference is not None:
        yield steps.last, by.Released(table=table, name=reference.name, columns=reference.columns)
        return
    kind = "index" if isinstance(operation, op.DropIndex) else "constraint"
    yield steps.last, by.Gone(table=table, kind=kind, name=operation.name)


READERS: Mapping[type[op.Operation], Callable[[Any, Steps], Iterator[tuple[int, by.Change]]]] = {
    op.ChangeColumnType: reshaping.retyped,
    op.DropColumn: _removed,
    op.SetNotNull: _required,
    op.SetDefault: _default,
    op.UseIdentity: _identity,
    op.AddIndex: _declared,
    op.AddUnique: _declared,
    op.AddCheck: _declared,
    op.AddForeignKey: _referring,
    op.AddPrimaryKey: _keyed,
    op.DropIndex: _gone,
    op.DropConstraint: _gone,
    op.SplitTable: reshaping.parted,
    op.EnumToLookup: reshaping.looked_up,
    op.ExtractJson: reshaping.extracted,
    op.AddExclusion: _excluded,
    op.MoveSchema: reshaping.moved,
    op.ArchiveRows: reshaping.archived,
    op.MergeTables: reshaping.merged,
    op.MaterialiseView: reshaping.kept,
}
