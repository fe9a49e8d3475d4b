"""The models of an application as they have to be at each deploy point of a plan, and at its end."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from msgspec import Struct
from msgspec.structs import replace

from auditor.exporting.orm import changes as by
from auditor.exporting.orm.engine import Orm
from auditor.exporting.worklist import Entry, Worklist
from auditor.model.catalog import Key
from auditor.model.plan import ColumnShape, ReferenceShape, TableShape


class Column(Struct, frozen=True, kw_only=True):
    """A column in a model. ``before`` is its old type while both have to be taken.

    ``elsewhere``: it is read from another table already, and still written here.
    """

    shape: ColumnShape
    before: str | None = None
    elsewhere: bool = False


class Companion(Struct, frozen=True, kw_only=True):
    """A table that has taken over columns: one row of it for each, or ``many``. ``written`` by the application."""

    table: Key
    many: bool
    written: bool


class Model(Struct, frozen=True, kw_only=True):
    """A table as a model says it. ``planned`` are the names of the references that the plan has made."""

    table: Key
    columns: tuple[Column, ...]
    key: tuple[str, ...]
    references: tuple[ReferenceShape, ...] = ()
    planned: tuple[str, ...] = ()
    declared: tuple[by.Declared, ...] = ()
    gone: tuple[by.Gone, ...] = ()
    companions: tuple[Companion, ...] = ()
    is_new: bool = False

    @property
    def path(self) -> str:
        """The table as a report writes it."""
        return ".".join(self.table)

    @property
    def names(self) -> tuple[str, ...]:
        """The columns."""
        return tuple(one.shape.name for one in self.columns)


Models = Mapping[Key, Model]


class Moment(Struct, frozen=True, kw_only=True):
    """A deploy point, or (no ``entry``) the end of the plan, with the models that its tables have then.

    ``tables`` are those that it is about; ``models`` holds what they refer to as well.
    """

    entry: Entry | None
    kind: str
    tables: tuple[Key, ...]
    models: Models


KINDS = ("tolerate", "name-columns", "move-reads", "move-writes", "stop-using", "reconnect")
"""Deploy points of which something can be said in the words of models."""

_WHATEVER_CHANGES = ("name-columns", "reconnect")
"""Those at which the same is to be done whatever the operation."""


def moments(worklist: Worklist, orm: Orm) -> Sequence[Moment]:
    """Every deploy point of which something can be said, in the order of the plan, then its end."""
    changes = by.changes_of(worklist, orm)
    known = {operation.id for operation in worklist.plan.operations if by.is_read(operation)}
    found: list[Moment] = []
    for entry in worklist.entries:
        deploy = entry.step.deploy
        if deploy is None or deploy.kind not in KINDS:
            continue
        if deploy.kind not in _WHATEVER_CHANGES and entry.step.operation not in known:
            continue
        models = _models(worklist.plan.shapes, (change for number, change in changes if number <= entry.number))
        about = [
            key for key in models
            if any(one == ".".join(key) or one.startswith(f"{'.'.join(key)}.") for one in deploy.objects)
        ]  # fmt: skip
        found.append(_moment(entry, deploy.kind, about, models))
    end = _models(worklist.plan.shapes, (change for _, change in changes))
    touched = {change.table for _, change in changes}
    return [*found, _moment(None, "end", sorted(touched & end.keys()), end)]


def _moment(entry: Entry | None, kind: str, about: Sequence[Key], models: Models) -> Moment:
    wanted, waiting = set[Key](), list(about)
    while waiting:
        key = waiting.pop()
        if key in models and key not in wanted:
            wanted.add(key)
            waiting += [(one.referenced_schema, one.referenced_table) for one in models[key].references]
            waiting += [one.table for one in models[key].companions]
    return Moment(entry=entry, kind=kind, tables=tuple(about), models={key: models[key] for key in sorted(wanted)})


def _models(shapes: Sequence[TableShape], changes: Iterable[by.Change]) -> Models:
    models = {
        (one.schema, one.table): Model(
            table=(one.schema, one.table),
            columns=tuple(Column(shape=column) for column in one.columns),
            key=one.key,
            references=one.references,
        )
        for one in shapes
        if one.columns
    }
    for change in changes:
        if change.table in models:
            if isinstance(change, by.Parted):
                models.setdefault(change.into, _part(change, models[change.table]))
            models[change.table] = _after(models[change.table], change)
    return models


def _after(model: Model, change: by.Change) -> Model:
    match change:
        case by.Retyped() | by.Required() | by.Filled():
            return _altered(model, change)
        case by.Removed():
            return replace(model, columns=tuple(one for one in model.columns if one.shape.name != change.column))
        case by.Keyed():
            new = () if change.new is None else (Column(shape=change.new),)
            model = replace(model, columns=(*model.columns, *new), key=change.columns)
            for column in change.columns:
                model = _with(model, column, nullable=False)
            return model
        case by.Declared():
            return replace(model, declared=(*model.declared, change))
        case by.Referring():
            return replace(
                model, references=(*model.references, change.reference), planned=(*model.planned, change.reference.name)
            )
        case by.Gone():
            references = tuple(one for one in model.references if one.name != change.name)
            return replace(model, references=references, gone=(*model.gone, change))
        case by.Parted():
            return _parted(model, change)


def _altered(model: Model, change: by.Retyped | by.Required | by.Filled) -> Model:
    match change:
        case by.Retyped():
            before = None if change.settled else change.before
            return _with(model, change.column, type=change.type, before=before)
        case by.Required():
            return _with(model, change.column, nullable=False)
        case by.Filled():
            return _with(model, change.column, filled=change.by)


def _with(model: Model, name: str, *, before: str | None = None, **facts: object) -> Model:
    columns = tuple(
        replace(one, shape=replace(one.shape, **facts), before=before) if one.shape.name == name else one
        for one in model.columns
    )
    return replace(model, columns=columns)


def _parted(model: Model, change: by.Parted) -> Model:
    if change.written:
        columns = tuple(one for one in model.columns if one.shape.name not in change.moved)
    else:
        columns = tuple(replace(one, elsewhere=one.shape.name in change.moved) for one in model.columns)
    companion = Companion(table=change.into, many=change.key != model.key, written=change.written)
    others = tuple(one for one in model.companions if one.table != change.into)
    return replace(model, columns=columns, companions=(*others, companion))


def _part(change: by.Parted, parent: Model) -> Model:
    """Make the model of a new table. The columns of a companion take their defaults along."""
    moved = change.moved if change.key == parent.key else ()
    filled = {one.shape.name: one.shape.filled for one in parent.columns if one.shape.name in moved}
    return Model(
        table=change.into,
        columns=tuple(Column(shape=replace(one, filled=filled.get(one.name))) for one in change.columns),
        key=change.key,
        references=() if change.reference is None else (change.reference,),
        planned=() if change.reference is None else (change.reference.name,),
        is_new=True,
    )
