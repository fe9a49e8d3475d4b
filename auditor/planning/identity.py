"""What identifies a plan: its steps and the shape of the schema that they were written for.

Two audits of the same schema give the same identity, however much the data has grown between them; one column more in a
table that the plan touches gives another.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, Literal

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from auditor.model.catalog import Column, Index, Key, Table, View
from auditor.model.facts import Facts
from auditor.model.operation import (
    AddForeignKey,
    ChangeCharacterSet,
    ChangeColumnType,
    MaterialiseView,
    MergeClones,
    MergeTables,
    MoveSchema,
    Operation,
)
from auditor.model.plan import ColumnShape, Plan, PlanPhase, ReferenceShape, Step, TableShape

DIGITS = 16
"""Hexadecimal digits of a hash: 64 bits, more than enough to tell the plans and tables of one database apart."""

CHECKSUM_DIGITS = 4
"""Those of an object's checksum: it only says where to look, so that it need not fill reports of many tables."""

COMMAND = "$ "
"""What a note begins with that is a command for a shell, and so a part of what is done."""


def identify(phases: Iterable[PlanPhase], shapes: Sequence[TableShape]) -> str:
    """Return the hash of what steps do, in which order, and of the schema that they were written for."""
    steps = [_deed(step) for phase in phases for step in phase.steps]
    return _digest([steps, [(one.schema, one.table, one.digest) for one in shapes]], DIGITS)


def _deed(step: Step) -> list[object]:
    """What a step does, without its estimates, its explanations and the findings that asked for it."""
    commands = [note for note in step.notes if note.startswith(COMMAND)]
    return [
        step.id, step.title, step.operation, step.depends_on, step.statements, step.transactional, step.lock,
        step.precondition, step.verify, step.rollback, step.reversible, step.point_of_no_return, step.audience,
        commands, *([step.server] if step.server else []),
    ]  # fmt: skip


def shapes_of(facts: Facts, operations: Sequence[Operation]) -> tuple[TableShape, ...]:
    """Describe the tables that operations touch, with their partitions, and views whose rows are to be kept.

    What does not exist is left out.
    """
    waiting = [
        key
        for operation in operations
        for named in (touched(operation), _moved(facts, operation), _read(facts, operation), _led_to(facts, operation))
        for key in named
    ]
    found: dict[Key, TableShape] = {}
    for operation in operations:
        if isinstance(operation, MaterialiseView) and (view := facts.view((operation.schema, operation.view))):
            found[view.key] = _shown(view)
    while waiting:
        key = waiting.pop()
        table = facts.table(key)
        if table is None or key in found:
            continue
        waiting += [part.key for part in facts.partitions.get(key, ())]
        things = sorted(_objects(facts, table), key=lambda pair: pair[0])
        whole = table.parent is None  # an application knows the table that is parted, not its partitions
        primary = facts.primary_key(key) if whole else None
        found[key] = TableShape(
            schema=key[0],
            table=key[1],
            digest=_digest(things, DIGITS),
            objects={name: _digest(thing, CHECKSUM_DIGITS) for name, thing in things},
            columns=tuple(
                ColumnShape(name=one.name, type=one.type, nullable=one.nullable, filled=_filled(one))
                for one in sorted(table.columns if whole else (), key=lambda column: column.position)
            ),
            key=primary.columns if primary is not None else (),
            references=tuple(_references(facts, key)) if whole else (),
        )
    return tuple(shape for _, shape in sorted(found.items()))


def touched(operation: Operation) -> Iterator[Key]:
    """Name the tables that an operation works on: its own and those that its content names."""
    if operation.table_key is not None:
        yield operation.table_key
    if isinstance(operation, AddForeignKey):
        yield (operation.referenced_schema, operation.referenced_table)
    if isinstance(operation, MergeTables):
        yield (operation.schema, operation.other)
    if isinstance(operation, MergeClones):
        yield from ((operation.schema, name) for name in sorted(operation.values))
        yield (operation.schema, operation.into)
    if isinstance(operation, ChangeColumnType | ChangeCharacterSet):
        for other in operation.together:
            yield from touched(other)


def _moved(facts: Facts, operation: Operation) -> Iterator[Key]:
    """Name the tables that a schema's move takes, named or not, and the other sides of their foreign keys."""
    if isinstance(operation, MoveSchema):
        moved = set[Key]()
        for table in facts.tables_in(operation.schema):
            if not operation.tables or table.name in operation.tables:
                moved.add(table.key)
        yield from moved
        for key in facts.foreign_keys:
            # Across the border it ends, which changes both of its sides.
            if key.referenced_key is not None and (key.table_key in moved) != (key.referenced_key in moved):
                yield from (key.table_key, key.referenced_key)


def _read(facts: Facts, operation: Operation) -> Iterator[Key]:
    """Name the tables whose rows a view shows that is to keep them."""
    if isinstance(operation, MaterialiseView):
        yield from (table.key for table in facts.tables_behind((operation.schema, operation.view)))


def _led_to(facts: Facts, operation: Operation) -> Iterator[Key]:
    """Name the tables that the foreign keys of a companion lead to, which another table takes over."""
    if isinstance(operation, MergeTables):
        for one in facts.constraints_of((operation.schema, operation.other), "foreign-key"):
            if one.referenced_key is not None:
                yield one.referenced_key


def _shown(view: View) -> TableShape:
    """Describe a view by the columns that it shows: its definition is in no snapshot."""
    columns = [ColumnShape(name=name, type=declared) for name, declared in view.columns]
    things: list[tuple[str, object]] = [("view", []), *((f"column {one.name}", one) for one in columns)]
    return TableShape(
        schema=view.schema, table=view.name, digest=_digest(things, DIGITS),
        objects={name: _digest(thing, CHECKSUM_DIGITS) for name, thing in things}, columns=tuple(columns),
    )  # fmt: skip


def _objects(facts: Facts, table: Table) -> Iterator[tuple[str, Struct | list[object]]]:
    yield "table", [table.kind, table.persistence, table.parent, table.partition_key, table.partition_bound]
    for column in table.columns:
        yield (
            f"column {column.name}",
            replace(column, position=0, statistics=None, statistics_target=None, compression=None, comment=None),
        )
    for index in facts.indexes_of(table.key):
        yield f"index {index.name}", _unmeasured(index)
    for constraint in facts.constraints_of(table.key):
        if constraint.inherited:
            continue  # it changes with the parent's, which is among the shapes or no concern of the plan
        yield f"constraint {constraint.name}", replace(constraint, comment=None)
    for key in facts.referencing(table.key):
        yield f"reference {key.path}", replace(key, comment=None)


def _filled(column: Column) -> Literal["default", "identity", "generated"] | None:
    if column.generated is not None:
        return "generated"
    if column.identity is not None:
        return "identity"
    return "default" if column.default is not None else None


def _references(facts: Facts, table: Key) -> Iterator[ReferenceShape]:
    for one in facts.constraints_of(table, "foreign-key"):
        if one.referenced_key is not None:
            yield ReferenceShape(
                name=one.name, columns=one.columns, referenced_schema=one.referenced_key[0],
                referenced_table=one.referenced_key[1], referenced_columns=one.referenced_columns,
                on_delete=one.on_delete,
            )  # fmt: skip


def _unmeasured(index: Index) -> Index:
    return replace(index, bytes=None, rows=None, scans=None, rows_read=None, last_scan=None, bloat=None)


def _digest(thing: Any, digits: int) -> str:
    return hashlib.sha256(msgspec.json.encode(thing, order="deterministic")).hexdigest()[:digits]


# --- what has changed since --------------------------------------------------------------------------------------


def changes_since(plan: Plan, facts: Facts) -> tuple[str, ...]:
    """Say in a sentence each what has changed since a plan was made in the schema that it was made for.

    Empty when the plan still fits. Only the tables that it touches are compared.
    """
    before = {(shape.schema, shape.table): shape for shape in plan.shapes}
    now = {(shape.schema, shape.table): shape for shape in shapes_of(facts, plan.operations)}
    told: list[str] = []
    for key in sorted(before.keys() | now.keys()):
        path = ".".join(key)
        if key not in now:
            told.append(f"The {_kind(before[key])} {path} is gone.")
        elif key not in before:
            told.append(f"The {_kind(now[key])} {path} is new.")
        elif before[key].digest != now[key].digest:
            told += list(_changed(path, before[key].objects, now[key].objects)) or [f"The table {path} has changed."]
    return tuple(told)


def _changed(path: str, before: dict[str, str], now: dict[str, str]) -> Iterator[str]:
    for name in sorted(before.keys() | now.keys()):
        if before.get(name) == now.get(name):
            continue
        what = "is gone" if name not in now else "is new" if name not in before else "has changed"
        yield f"The {name} {path} {what}." if name in ("table", "view") else f"{path}: the {name} {what}."


def _kind(shape: TableShape) -> str:
    return "view" if "view" in shape.objects else "table"
