"""What Django's migrations have to be told beside a step, so that its own state follows the database."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from msgspec.structs import replace

from auditor.exporting.orm import changes as by
from auditor.exporting.orm.engine import Orm, is_same_value
from auditor.exporting.orm.fields import Field, arguments, fields_of, quoted_table, sayable
from auditor.exporting.orm.moments import Model, Models
from auditor.model.catalog import Key


class Beliefs:
    """The changes of a plan in the words of ``plan_operations.py``.

    ``models`` are those of the plan's end, from which the fields of what is new are taken.
    """

    def __init__(
        self, changes: Sequence[tuple[int, by.Change]], models: Models, names: Mapping[Key, str], orm: Orm
    ) -> None:
        self._changes, self._models, self._names, self._orm = changes, models, names, orm

    def at(self, number: int) -> Iterator[str]:
        """Write what changes with the step of a number."""
        for at, change in self._changes:
            if at == number and change.table in self._models:
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
            case by.Filled():
                return
            case _:
                yield from self._new(change)

    def _new(self, change: by.Keyed | by.Declared | by.Referring | by.Parted) -> Iterator[str]:
        match change:
            case by.Keyed():
                yield from self._keyed(change)
            case by.Declared():
                if (said := sayable(change)) is not None:
                    of = "AddUnique" if said.unique else "AddIndex"
                    yield f"plan.{of}({change.table!r}, {list(said.columns)!r}, {arguments(said.options)})"
            case by.Referring():
                yield from self._referring(change)
            case by.Parted():
                yield from self._parted(change)

    def _retyped(self, change: by.Retyped) -> Iterator[str]:
        old, new = self._orm.column_class(change.before), self._orm.column_class(change.type)
        # Where the new class takes both, the models of the deploy point before the switch have it already.
        early = is_same_value(old, new) and any(one == replace(change, settled=False) for _, one in self._changes)
        if change.settled != early:
            yield self._retype(change)

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

    def _parted(self, change: by.Parted) -> Iterator[str]:
        if change.written:
            for column in change.moved:
                yield f"plan.RemoveColumn({change.table!r}, {column!r})"
            return
        model = self._models.get(change.into)
        if model is not None:
            table = quoted_table(change.into, self._orm)
            fields = ", ".join(self._fields(model))
            yield f"plan.AddTable({change.table!r}, {self._names[change.into]!r}, [{fields}], db_table={table!r})"

    def _fields(self, model: Model) -> Iterator[str]:
        fields = fields_of(model, self._models, self._orm)
        if len(model.key) > 1:
            values = [one.value_name for one in fields if one.column in model.key]
            yield f"('pk', lambda to: models.CompositePrimaryKey({', '.join(map(repr, values))}))"
        for field in fields:
            yield f"({field.name!r}, lambda to: {field.written('to')})"
