"""What each step of a plan changes for the models of an application.

A model follows its column when the application is deployed, not when the database changes: the step at which something
changes here is the deploy point of its operation where it has one, else the operation's last step.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from msgspec import Struct
from msgspec.structs import replace

from auditor.exporting.orm.engine import Made, Orm
from auditor.exporting.worklist import Entry, Worklist
from auditor.model import operation as op
from auditor.model.catalog import Key
from auditor.model.plan import ColumnShape, ReferenceShape


class Retyped(Struct, frozen=True, kw_only=True):
    """A column gets another type. Until it is ``settled`` the application has to take both."""

    table: Key
    column: str
    before: str
    type: str
    settled: bool


class Removed(Struct, frozen=True, kw_only=True):
    """The application uses a column no more."""

    table: Key
    column: str


class Required(Struct, frozen=True, kw_only=True):
    """A column holds no NULL any more."""

    table: Key
    column: str


class Filled(Struct, frozen=True, kw_only=True):
    """The database gives a column its value, or (None) does so no more."""

    table: Key
    column: str
    by: str | None


class Keyed(Struct, frozen=True, kw_only=True):
    """A table has a primary key; ``new`` is the column that was made for it."""

    table: Key
    columns: tuple[str, ...]
    new: ColumnShape | None = None


class Declared(Struct, frozen=True, kw_only=True):
    """There is an index, or a constraint that is not a reference, under a name."""

    table: Key
    name: str
    operation: op.AddIndex | op.AddUnique | op.AddCheck


class Referring(Struct, frozen=True, kw_only=True):
    """There is a foreign key."""

    table: Key
    reference: ReferenceShape


class Gone(Struct, frozen=True, kw_only=True):
    """An index or a constraint is there no more."""

    table: Key
    kind: str
    name: str


class Parted(Struct, frozen=True, kw_only=True):
    """Columns of a table are read from another table, or (``written``) are there alone."""

    table: Key
    into: Key
    moved: tuple[str, ...]
    columns: tuple[ColumnShape, ...]
    key: tuple[str, ...]
    reference: ReferenceShape | None
    written: bool


Change = Retyped | Removed | Required | Filled | Keyed | Declared | Referring | Gone | Parted


class Steps(Struct, frozen=True, kw_only=True):
    """The steps of one operation, and what their statements make."""

    entries: tuple[Entry, ...]
    made: tuple[Made, ...]

    def at(self, kind: str) -> Entry | None:
        """The last step that is a deploy point of a kind."""
        found = [one for one in self.entries if one.step.deploy is not None and one.step.deploy.kind == kind]
        return found[-1] if found else None

    def name(self, table: Key, *kinds: str) -> str | None:
        """The name of what is made of the first kind of which anything is made on a table."""
        for kind in kinds:
            if found := [one.name for one in self.made if one.kind == kind and one.table == table]:
                return found[-1]
        return None


def changes_of(worklist: Worklist, orm: Orm) -> Sequence[tuple[int, Change]]:
    """Every change with the number of its step, in their order."""
    of: dict[str, list[Entry]] = {}
    for entry in worklist.entries:
        of.setdefault(entry.step.operation, []).append(entry)
    found: list[tuple[int, Change]] = []
    for operation in worklist.plan.operations:
        entries = tuple(of.get(operation.id, ()))
        reader = _READERS.get(type(operation))
        if reader is None or not any(entry.step.statements for entry in entries):
            continue
        statements = [statement for entry in entries for statement in entry.step.statements]
        made = tuple(one for one in map(orm.made, statements) if one is not None)
        found += reader(operation, Steps(entries=entries, made=made))
    return sorted(found, key=lambda pair: pair[0])


def is_read(operation: op.Operation) -> bool:
    """Whether it is known what an operation of this kind means for models."""
    return type(operation) in _READERS


def _last(steps: Steps) -> int:
    return next(entry.number for entry in reversed(steps.entries) if entry.step.statements)


def _retyped(operation: op.ChangeColumnType, steps: Steps) -> Iterator[tuple[int, Change]]:
    tolerate = steps.at("tolerate")
    shadowed = tolerate.step.deploy.objects if tolerate is not None and tolerate.step.deploy is not None else ()
    for one in (operation, *operation.together):
        table = (one.schema, one.table)
        after = Retyped(table=table, column=one.column, before=one.from_type, type=one.to_type, settled=True)

        if tolerate is None or ".".join((*table, one.column)) not in shadowed:
            for entry in steps.entries:
                deploy = entry.step.deploy
                if deploy is not None and deploy.kind == "reconnect" and ".".join(table) in deploy.objects:
                    yield entry.number, after
                    break
            continue
        yield tolerate.number, replace(after, settled=False)
        if (switch := steps.at("reconnect")) is not None and switch.number > tolerate.number:
            yield switch.number, after


def _removed(operation: op.DropColumn, steps: Steps) -> Iterator[tuple[int, Change]]:
    if (entry := steps.at("stop-using")) is not None:
        yield entry.number, Removed(table=(operation.schema, operation.table), column=operation.column)


def _required(operation: op.SetNotNull, steps: Steps) -> Iterator[tuple[int, Change]]:
    for column in (operation.column, *operation.together):
        yield _last(steps), Required(table=(operation.schema, operation.table), column=column)


def _default(operation: op.SetDefault, steps: Steps) -> Iterator[tuple[int, Change]]:
    by = "default" if operation.expression is not None else None
    yield _last(steps), Filled(table=(operation.schema, operation.table), column=operation.column, by=by)


def _identity(operation: op.UseIdentity, steps: Steps) -> Iterator[tuple[int, Change]]:
    yield _last(steps), Filled(table=(operation.schema, operation.table), column=operation.column, by="identity")


def _declared(operation: op.AddIndex | op.AddUnique | op.AddCheck, steps: Steps) -> Iterator[tuple[int, Change]]:
    table = (operation.schema, operation.table)
    name = steps.name(table, "constraint", "index")
    if name is not None:
        yield _last(steps), Declared(table=table, name=name, operation=operation)
    if isinstance(operation, op.AddIndex | op.AddUnique) and operation.replaces is not None:
        kind = "index" if isinstance(operation, op.AddIndex) else "constraint"
        yield _last(steps), Gone(table=table, kind=kind, name=operation.replaces)


def _referring(operation: op.AddForeignKey, steps: Steps) -> Iterator[tuple[int, Change]]:
    table = (operation.schema, operation.table)
    if operation.replaces is not None:
        yield _last(steps), Gone(table=table, kind="constraint", name=operation.replaces)
    if (name := steps.name(table, "constraint")) is not None:
        reference = ReferenceShape(
            name=operation.replaces or name, columns=operation.columns, referenced_schema=operation.referenced_schema,
            referenced_table=operation.referenced_table, referenced_columns=operation.referenced_columns,
            on_delete=operation.on_delete,
        )  # fmt: skip
        yield _last(steps), Referring(table=table, reference=reference)


def _keyed(operation: op.AddPrimaryKey, steps: Steps) -> Iterator[tuple[int, Change]]:
    table = (operation.schema, operation.table)
    if operation.columns:
        yield _last(steps), Keyed(table=table, columns=operation.columns)
        return
    columns = [one.columns[0] for one in steps.made if one.kind == "column"]
    if operation.using_index is None and columns:
        new = ColumnShape(name=columns[0].name, type=columns[0].type, nullable=False, filled="default")
        yield _last(steps), Keyed(table=table, columns=(new.name,), new=new)


def _gone(operation: op.DropIndex | op.DropConstraint, steps: Steps) -> Iterator[tuple[int, Change]]:
    kind = "index" if isinstance(operation, op.DropIndex) else "constraint"
    yield _last(steps), Gone(table=(operation.schema, operation.table), kind=kind, name=operation.name)


def _parted(operation: op.SplitTable, steps: Steps) -> Iterator[tuple[int, Change]]:
    table = next((one for one in steps.made if one.kind == "table"), None)
    if table is None:
        return
    parent, into = (operation.schema, operation.table), table.table
    constraint = next((one for one in steps.made if one.kind == "constraint" and one.table == table.table), None)
    reference = None
    if constraint is not None:
        # Its columns are named like those that they refer to.
        reference = ReferenceShape(
            name=constraint.name, columns=constraint.key, referenced_schema=parent[0], referenced_table=parent[1],
            referenced_columns=constraint.key, on_delete=constraint.on_delete,
        )  # fmt: skip
    for kind in ("move-reads", "move-writes"):
        if (entry := steps.at(kind)) is not None:
            yield entry.number, Parted(
                table=parent, into=into, moved=operation.columns, columns=table.columns, key=table.key,
                reference=reference, written=kind == "move-writes",
            )  # fmt: skip
            if kind == "move-reads":
                # From here on writers give the values themselves: the next steps take the defaults away.
                for column in operation.columns:
                    yield entry.number, Filled(table=parent, column=column, by=None)


_READERS: Mapping[type[op.Operation], Callable[[Any, Steps], Iterator[tuple[int, Change]]]] = {
    op.ChangeColumnType: _retyped,
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
    op.SplitTable: _parted,
}
