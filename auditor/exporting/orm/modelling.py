"""The models of the tables of a plan, as its changes leave them one after the other."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from msgspec import Struct
from msgspec.structs import replace

from auditor.exporting.orm import changes as by
from auditor.model.catalog import Key
from auditor.model.plan import ColumnShape, ReferenceShape, TableShape


class Column(Struct, frozen=True, kw_only=True):
    """A column in a model. ``before`` is its old type while both have to be taken.

    ``elsewhere``: it is read from another table already, and still written here. ``companion``: it is read here
    already, and still written in that table. ``given`` is what Python writes where the application gives no value,
    ``comment`` what the plan has written about it in the database.
    """

    shape: ColumnShape
    before: str | None = None
    elsewhere: bool = False
    companion: Key | None = None
    given: str | None = None
    comment: str | None = None


class Companion(Struct, frozen=True, kw_only=True):
    """A table that has taken over columns: one row of it for each, or ``many``. ``written`` by the application."""

    table: Key
    many: bool
    written: bool


class Model(Struct, frozen=True, kw_only=True):
    """A table as a model says it. ``planned`` are the names of the references that the plan has made.

    ``moved``: it is in another database. ``archive``: it holds old rows of another table, for a time. ``merged``: it is
    becoming part of another table. ``kept``: it is what a view has beside it.
    """

    table: Key
    columns: tuple[Column, ...]
    key: tuple[str, ...]
    references: tuple[ReferenceShape, ...] = ()
    planned: tuple[str, ...] = ()
    declared: tuple[by.Declared, ...] = ()
    gone: tuple[by.Gone, ...] = ()
    companions: tuple[Companion, ...] = ()
    doubled: tuple[by.Doubled, ...] = ()
    moved: bool = False
    archive: by.Archived | None = None
    merged: by.Merged | None = None
    kept: by.Kept | None = None
    is_new: bool = False

    @property
    def path(self) -> str:
        """The table as a report writes it."""
        return ".".join(self.table)

    @property
    def names(self) -> tuple[str, ...]:
        """The columns."""
        return tuple(one.shape.name for one in self.columns)

    @property
    def is_view(self) -> bool:
        """Whether it is no table, or no table any more."""
        return (self.kept is not None and self.kept.rows) or (self.merged is not None and self.merged.use == "written")

    @property
    def is_unmanaged(self) -> bool:
        """Whether the mapper's own migrations have nothing to do with it."""
        return self.is_view or self.kept is not None or self.archive is not None

    @property
    def unsaved(self) -> tuple[str, ...]:
        """The columns that no change of a row may name: they are written elsewhere, or are a view's key."""
        fixed = self.merged.key if self.merged is not None else ()
        elsewhere = (one.shape.name for one in self.columns if one.companion is not None)
        return (*elsewhere, *(one for one in fixed if one not in self.key))


Models = Mapping[Key, Model]


def models_after(shapes: Sequence[TableShape], changes: Iterable[by.Change]) -> Models:
    """Make the models of tables as they were planned for, and let the changes of them follow."""
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
        if isinstance(change, by.Kept):
            models[change.into] = replace(table_of(change), kept=change)
        if change.table in models:
            match change:
                case by.Parted():
                    models.setdefault(change.into, _part(change, models[change.table]))
                case by.Tabled():
                    models[change.into] = table_of(change)
                case by.Archived(into=(_, _) as into):
                    models = {key: one for key, one in models.items() if key != into}
                    if not change.over:
                        models[into] = _archive(models[change.table], change, into)
                case by.Merged(companion=companion):
                    models = {key: one for key, one in models.items() if key != companion or change.use != "alone"}
                    if companion in models:
                        models[companion] = replace(models[companion], merged=change)
            models[change.table] = _after(models[change.table], change)
    return models


def table_of(change: by.Tabled | by.Kept) -> Model:
    """Make the model of a new table."""
    columns = tuple(Column(shape=one) for one in change.columns)
    return Model(table=change.into, columns=columns, key=change.key, is_new=True)


def _archive(model: Model, change: by.Archived, into: Key) -> Model:
    """Make the model of a table that takes old rows of another one: it has its columns, and nothing fills them."""
    columns = tuple(Column(shape=replace(one.shape, filled=None)) for one in model.columns)
    return Model(table=into, columns=columns, key=model.key, archive=change, is_new=True)


def _after(model: Model, change: by.Change) -> Model:
    match change:
        case by.Retyped() | by.Required() | by.Filled():
            return _altered(model, change)
        case by.Removed() | by.Added() | by.Keyed() | by.Doubled() | by.Merged():
            return _with_columns(model, change)
        case by.Declared():
            return replace(model, declared=(*model.declared, change))
        case by.Referring():
            return replace(
                model, references=(*model.references, change.reference), planned=(*model.planned, change.reference.name)
            )
        case by.Released():
            gone = by.Gone(table=model.table, kind="foreign key", name=change.name)
            return _without(model, gone)
        case by.Gone():
            return _without(model, change)
        case by.Parted():
            return _parted(model, change)
        case by.Moved():
            return replace(model, moved=True)
        case by.Tabled() | by.Archived() | by.Kept():
            return model


def _without(model: Model, gone: by.Gone) -> Model:
    references = tuple(one for one in model.references if one.name != gone.name)
    return replace(model, references=references, gone=(*model.gone, gone))


def _with_columns(model: Model, change: by.Removed | by.Added | by.Keyed | by.Doubled | by.Merged) -> Model:
    match change:
        case by.Removed():
            return replace(model, columns=tuple(one for one in model.columns if one.shape.name != change.column))
        case by.Added():
            return replace(model, columns=(*model.columns, Column(shape=change.column)))
        case by.Keyed():
            new = () if change.new is None else (Column(shape=change.new),)
            model = replace(model, columns=(*model.columns, *new), key=change.columns)
            for column in change.columns:
                model = _with(model, column, nullable=False)
            return model
        case by.Doubled():
            others = tuple(one for one in model.doubled if one.column != change.column)
            return replace(model, doubled=others if change.use == "alone" else (*others, change))
        case by.Merged(use="read"):
            columns = tuple(
                Column(
                    shape=one,
                    companion=change.companion,
                    given="False" if one.name == change.flag else None,
                    comment=change.comments.get(one.name),
                )
                for one in change.columns
            )
            return replace(model, columns=(*model.columns, *columns))
        case by.Merged():
            names = {one.name for one in change.columns}
            return replace(model, columns=tuple(
                replace(one, companion=None) if one.shape.name in names else one for one in model.columns
            ))  # fmt: skip


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
