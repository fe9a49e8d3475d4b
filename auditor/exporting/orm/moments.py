"""The models of an application as they have to be at each deploy point of a plan, and at its end."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec import Struct
from msgspec.structs import replace

from auditor.exporting.orm import changes as by
from auditor.exporting.orm.engine import Orm
from auditor.exporting.orm.modelling import Models, models_after
from auditor.exporting.orm.reading import Reading, is_read, read
from auditor.exporting.worklist import Entry, Worklist
from auditor.model import operation as op
from auditor.model.catalog import Key


class Moment(Struct, frozen=True, kw_only=True):
    """A deploy point, or (no ``entry``) the end of the plan, with the models that its tables have then.

    ``operation`` is the kind of what it belongs to. ``tables`` are those that it is about, ``meanwhile`` those that
    steps since the deploy point before have changed; ``models`` holds what they refer to as well. ``archived`` are
    tables whose old rows go elsewhere. ``reading`` is all that the plan says.
    """

    entry: Entry | None
    kind: str
    operation: str = ""
    tables: tuple[Key, ...] = ()
    meanwhile: tuple[Key, ...] = ()
    models: Models = {}  # a struct copies its default
    archived: tuple[by.Archived, ...] = ()
    reading: Reading


_WHATEVER_CHANGES = ("name-columns", "reconnect")
"""Deploy points at which the same is to be done whatever the operation."""


def moments(worklist: Worklist, orm: Orm) -> Sequence[Moment]:
    """Every deploy point in the order of the plan, then its end."""
    reading = read(worklist, orm)
    operations = {one.id: one for one in worklist.plan.operations}
    views = {(one.schema, one.view) for one in operations.values() if isinstance(one, op.MaterialiseView)}
    shapes = [one for one in worklist.plan.shapes if (one.schema, one.table) not in views]
    found: list[Moment] = []
    before = 0
    for entry in worklist.entries:
        if entry.step.deploy is not None:
            models = models_after(shapes, (change for number, change in reading.changes if number <= entry.number))
            moment = _at(entry, operations.get(entry.step.operation), reading, models)
            between = [change for number, change in reading.changes if before < number < entry.number]
            archived = (*moment.archived, *(one for one in between if isinstance(one, by.Archived)))
            others = {one.table for one in between if not isinstance(one, by.Archived)}
            moment = replace(moment, archived=archived, meanwhile=tuple(sorted(others & models.keys())))
            found.append(_whole(moment, models))
            before = entry.number
    end = models_after(shapes, (change for _, change in reading.changes))
    touched = {_place(change) for _, change in reading.changes if not isinstance(change, by.Archived)}
    archived = tuple(one for _, one in reading.changes if isinstance(one, by.Archived) and one.over)
    tables = tuple(sorted(touched & end.keys()))
    last = Moment(entry=None, kind="end", tables=tables, archived=archived, reading=reading)
    return [*found, _whole(last, end)]


def _at(entry: Entry, operation: op.Operation | None, reading: Reading, models: Models) -> Moment:
    """Find out what is to be said at a deploy point: of what changes with it, or of the tables that it names."""
    deploy = entry.step.deploy
    kind, objects = ("other", ()) if deploy is None else (deploy.kind, deploy.objects)
    now = [change for number, change in reading.changes if number == entry.number]
    archived = tuple(one for one in now if isinstance(one, by.Archived))
    about: set[Key] = set()
    if kind == "reconnect" or archived:
        places = (change.into if isinstance(change, by.Archived) else change.table for change in now)
        about = {place for place in places if place is not None}
    elif kind == "name-columns" or (operation is not None and is_read(operation)):
        about = {
            key for key in models
            if any(one == ".".join(key) or one.startswith(f"{'.'.join(key)}.") for one in objects)
        }  # fmt: skip
        about |= {_place(change) for change in now if isinstance(change, by.Merged | by.Kept)}
    if not about and kind not in _WHATEVER_CHANGES:
        kind = "other"
    return Moment(
        entry=entry, kind=kind, operation=operation.kind if operation is not None and about else "",
        tables=tuple(sorted(about & models.keys())), archived=archived, reading=reading,
    )  # fmt: skip


def _place(change: by.Change) -> Key:
    """The table whose model a change is about."""
    return change.into if isinstance(change, by.Kept) else change.table


def _whole(moment: Moment, models: Models) -> Moment:
    """Give a moment the models of its tables, and of all that they lead to."""
    wanted, waiting = set[Key](), [*moment.tables, *moment.meanwhile]
    while waiting:
        key = waiting.pop()
        if key in models and key not in wanted:
            wanted.add(key)
            waiting += [(one.referenced_schema, one.referenced_table) for one in models[key].references]
            waiting += [one.table for one in models[key].companions]
    return replace(moment, models={key: models[key] for key in sorted(wanted)})
