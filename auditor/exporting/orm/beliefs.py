"""What Django's migrations have to be told beside a step, so that its own state follows the database."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping, Sequence

from msgspec.structs import replace

from auditor.exporting.orm import changes as by
from auditor.exporting.orm.engine import Orm, is_same_value
from auditor.exporting.orm.fields import (
    Field,
    arguments,
    either_of,
    exclusion,
    fields_of,
    plain_field,
    quoted_table,
    sayable,
)
from auditor.exporting.orm.modelling import Model, Models, table_of
from auditor.model import operation as op
from auditor.model.catalog import Key


class Beliefs:
    """The changes of a plan in the words of ``plan_operations.py``.

    ``models`` are those of the plan's end, from which the fields of what is new are taken, and of archives in between.
    """

    def __init__(
        self, changes: Sequence[tuple[int, by.Change]], models: Models, names: Mapping[Key, str], orm: Orm
    ) -> None:
        self._changes, self._models, self._names, self._orm = changes, models, names, orm

    def at(self, number: int) -> Iterator[str]:
        """Write what changes with the step of a number."""
        for at, change in self._changes:
            if at == number and (change.table in self._models or isinstance(change, by.Archived | by.Kept)):
                yield from self._written(change)

    def _written(self, change: by.Change) -> Iterator[str]:
        table = repr(change.table)
        match change:
            case by.Retyped():
                yield from self._retyped(change)
            case by.Removed():
                yield f"plan.RemoveColumn({table}, {change.column!r})"
            case by.Required():
                yield f"plan.Require({table}, {change.column!r})"
            case by.Gone():
                yield f"plan.Forget({table}, {change.name!r})"
            case by.Filled() | by.Doubled() | by.Moved():
                return
            case by.Released() | by.Archived():
                yield from self._ended(change)
            case by.Merged():
                yield from self._merged(change)
            case by.Kept():
                yield self._table(change.table, self._models[change.into], "managed=False")
            case _:
                yield from self._new(change)

    def _new(self, change: by.Keyed | by.Added | by.Declared | by.Referring | by.Parted | by.Tabled) -> Iterator[str]:
        match change:
            case by.Keyed():
                yield from self._keyed(change)
            case by.Added():
                if (field := self._field(change.table, change.column.name)) is not None:
                    yield f"plan.AddColumn({change.table!r}, {field.column!r}, {field.name!r}, {field.written(None)})"
            case by.Declared():
                yield from self._declared(change)
            case by.Referring():
                yield from self._referring(change)
            case by.Parted():
                yield from self._parted(change)
            case by.Tabled():
                yield self._table(change.table, table_of(change))

    def _declared(self, change: by.Declared) -> Iterator[str]:
        if (said := sayable(change)) is not None:
            of = "AddUnique" if said.unique else "AddIndex"
            yield f"plan.{of}({change.table!r}, {list(said.columns)!r}, {arguments(said.options)})"
        elif isinstance(change.operation, op.AddExclusion):
            columns = [*change.operation.columns, *change.operation.period]
            names = {column: f"names[{number}]" for number, column in enumerate(columns)}
            if (one := exclusion(change, names)) is not None:
                made = f"lambda names: {self._orm.django_exclusion(one)}"
                yield f"plan.AddConstraint({change.table!r}, {columns!r}, {made})"

    def _ended(self, change: by.Released | by.Archived) -> Iterator[str]:
        match change:
            case by.Released(columns=(column,)):
                if (field := self._field(change.table, column)) is not None and field.to is None:
                    yield f"plan.Release({change.table!r}, {column!r}, {field.name!r}, {field.written(None)})"
            case by.Archived(into=(_, _) as into):
                if change.over:
                    yield f"plan.RemoveTable({into!r})"
                elif (model := self._models.get(into)) is not None:
                    yield self._table(change.table, model, "managed=False")

    def _merged(self, change: by.Merged) -> Iterator[str]:
        if change.use == "written":
            yield f"plan.LeaveAlone({change.companion!r})"
        elif change.use == "alone":
            yield f"plan.RemoveTable({change.companion!r})"
        else:
            for one in change.columns:
                # A field that leads to another table takes its place when the plan says so.
                field = plain_field(self._models[change.table], one.name, self._orm)
                yield f"plan.AddColumn({change.table!r}, {field.column!r}, {field.name!r}, {field.written(None)})"

    def _table(self, beside: Key, model: Model, *options: str) -> str:
        named = ", ".join([f"db_table={quoted_table(model.table, self._orm)!r}", *options])
        fields = ", ".join(self._fields(model))
        return f"plan.AddTable({beside!r}, {self._names[model.table]!r}, [{fields}], {named})"

    def _retyped(self, change: by.Retyped) -> Iterator[str]:
        old, new = self._orm.column_class(change.before), self._orm.column_class(change.type)
        # Where the new class takes both, the models of the deploy point before the switch have it already.
        early = is_same_value(old, new) and any(one == replace(change, settled=False) for _, one in self._changes)
        if change.settled != early:
            yield self._retype(change)
        elif not change.settled and (either := either_of(change.before, change.type, self._orm)) is not None:
            yield f"plan.Retype({change.table!r}, {change.column!r}, plan.Either, {arguments(either)})"

    def _retype(self, change: by.Retyped) -> str:
        known = self._orm.column_class(change.type)
        if known is None or known.django is None:
            to = f"plan.Declared, declared={change.type!r}"
        else:
            options = [*([("key", known.django_key)] if known.django_key else []), *known.django_options]
            to = ", ".join([known.django, *([arguments(options)] if options else [])])
        return f"plan.Retype({change.table!r}, {change.column!r}, {to})"

    def _field(self, table: Key, column: str) -> Field | None:
        found = self._models.get(table)
        fields = [] if found is None else fields_of(found, self._models, self._orm)
        return next((one for one in fields if one.column == column), None)

    def _keyed(self, change: by.Keyed) -> Iterator[str]:
        if len(change.columns) != 1:
            return
        column = change.columns[0]
        field = self._field(change.table, column)
        if field is not None and field.to is None:
            new = "" if change.new is None else f", {field.written(None)}"
            columns = self._models[change.table].columns
            nullable = tuple(one.shape.name for one in columns if one.shape.nullable)
            yield f"plan.AddKey({change.table!r}, {column!r}, {field.name!r}{new}, nullable={nullable!r})"

    def _referring(self, change: by.Referring) -> Iterator[str]:
        columns = change.reference.columns
        field = self._field(change.table, columns[0]) if len(columns) == 1 else None
        if field is not None and field.to is not None:
            options = [one for one in field.options if one[0] not in ("null", "primary_key")]
            yield (
                f"plan.Refer({change.table!r}, {field.column!r}, {field.to!r}, {field.name!r}"
                f"{''.join(f', {name}={value}' for name, value in options)})"
            )
            yield from self._again(change)

    def _again(self, change: by.Referring) -> Iterator[str]:
        """Declare anew what names the field that has got another name; what has fields of its own follows by itself."""
        for _, one in itertools.takewhile(lambda pair: pair[1] != change, self._changes):
            if not isinstance(one, by.Declared) or not isinstance(one.operation, op.AddExclusion):
                continue
            columns = {*one.operation.columns, *one.operation.period}
            if one.table == change.table and columns & {*change.reference.columns}:
                yield f"plan.Forget({one.table!r}, {one.name!r})"
                yield from self._declared(one)

    def _parted(self, change: by.Parted) -> Iterator[str]:
        if change.written:
            for column in change.moved:
                yield f"plan.RemoveColumn({change.table!r}, {column!r})"
            return
        if (model := self._models.get(change.into)) is not None:
            yield self._table(change.table, model)

    def _fields(self, model: Model) -> Iterator[str]:
        fields = fields_of(model, self._models, self._orm)
        if len(model.key) > 1:
            values = [one.value_name for one in fields if one.column in model.key]
            yield f"('pk', lambda to: models.CompositePrimaryKey({', '.join(map(repr, values))}))"
        for field in fields:
            yield f"({field.name!r}, lambda to: {field.written('to')})"
