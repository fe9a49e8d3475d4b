"""Django: the plan as migrations, with Django's own state beside each step, and the models at each deploy point."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from importlib.resources import files as resources

from auditor.exporting.orm.beliefs import Beliefs
from auditor.exporting.orm.documents import helpers, properties
from auditor.exporting.orm.engine import Orm
from auditor.exporting.orm.fields import (
    Sayable,
    arguments,
    exclusion,
    field_names,
    fields_of,
    quoted_table,
    reference_of,
    sayable,
)
from auditor.exporting.orm.modelling import Model, Models
from auditor.exporting.orm.moments import Moment, moments
from auditor.exporting.orm.names import class_names
from auditor.exporting.orm.prose import END, advice, doubled_advice, module, notes_of
from auditor.exporting.orm.python_imports import imported
from auditor.exporting.parts import Part, backward, forward
from auditor.exporting.python import docstring, written, written_parts
from auditor.exporting.readme import readme
from auditor.exporting.worklist import (
    Dialect,
    Entry,
    ExportedFile,
    ExportFormat,
    Files,
    Worklist,
    header,
    one_line,
)
from auditor.model.catalog import Key

_MIGRATION = """\
{docstring}
{comments}

{imports}
from .. import plan_operations as plan


class Migration(migrations.Migration):
    atomic = {atomic}

    dependencies = {dependencies}

    operations = [
        migrations.SeparateDatabaseAndState(
            database_operations=[
                plan.Step(
                    {step!r},
                    {title!r},
                    forward={forward},
                    backward={backward},
                    precondition={precondition},
                    verification={verification},
                    found={found},
                    by_hand={by_hand},
                    final={final},
                ),
            ],
            state_operations={beliefs},
        ),
    ]
"""
_WIDTH = 120
"""Letters of a line beyond which what is declared over fields stands on lines of its own."""

_RECONNECT = '''\
def reconnect() -> None:
    """Close the connections of this thread; Django opens new ones. Call it in every thread, or start workers anew.

    With CONN_MAX_AGE = 0 for the time of the plan every request does so by itself. A pool of connections
    ("pool" in OPTIONS) has to be closed: connections[...].close_pool(). Prepare nothing meanwhile: "prepare_threshold"
    in OPTIONS is None, which is what Django takes by itself.
    """
    connections.close_all()
'''


def write(worklist: Worklist, dialect: Dialect) -> Files:
    """Write the migrations, what they are made of, the models, and the page that says how to use them."""
    assert dialect.orm is not None  # noqa: S101 -- the format is not offered otherwise
    found = moments(worklist, dialect.orm)
    names = class_names({key for moment in found for key in moment.models})
    archives = {key: one for moment in found for key, one in moment.models.items() if one.archive is not None}
    beliefs = Beliefs(found[-1].reading.changes, {**archives, **found[-1].models}, names, dialect.orm)
    files: dict[str, ExportedFile] = {}
    before = None
    for entry in worklist.entries:
        files[f"migrations/{_stem(entry)}.py"] = ExportedFile(text=_migration(entry, before, beliefs, dialect))
        before = _stem(entry)
    for moment in found:
        stem = END if moment.entry is None else _stem(moment.entry)
        files[f"models/{stem}.py"] = ExportedFile(text=_models(moment, names, dialect.orm))
    text = resources(__package__).joinpath("plan_operations.py.txt").read_text(encoding="utf-8")
    files["plan_operations.py"] = ExportedFile(text=text)

    def file_of(entry: Entry) -> str:
        models = f"models/{_stem(entry)}.py"
        return models if models in files else f"migrations/{_stem(entry)}.py"

    return {"README.md": readme(worklist, _USAGE, file_of), **files}


def _stem(entry: Entry) -> str:
    return f"plan_{entry.name.replace('-', '_')}"


# --- a migration ---------------------------------------------------------------------------------------------------


def _migration(entry: Entry, before: str | None, beliefs: Beliefs, dialect: Dialect) -> str:
    step = entry.step
    forward_parts, backward_parts = forward(entry), backward(entry)
    assert dialect.orm is not None  # noqa: S101 -- the format is not offered otherwise
    unset = [Part(statements=dialect.unset)]
    believed = "".join(f"\n                {line}," for line in beliefs.at(entry.number))
    indent = " " * 20
    return _MIGRATION.format(
        docstring=docstring(f"{entry.number}. {entry.title}"),
        comments="\n".join(f"# {line}" for line in header(entry, "migrating to the one before")),
        imports="\n".join([*_imports(believed, dialect.orm, "migrations"), ""]),
        atomic=all(part.transactional for part in (*forward_parts, *backward_parts)),
        dependencies="plan.first()" if before is None else f"[(plan.APP_LABEL, {before!r})]",
        step=step.id,
        title=entry.title,
        forward=written_parts([*forward_parts, *(unset if any(one.setting for one in forward_parts) else [])], indent),
        backward=written_parts([*backward_parts, *(unset if backward_parts else [])], indent),
        precondition=written(step.precondition, indent),
        verification=written(step.verify, indent),
        found=step.verify is not None and not dialect.redoes(step),
        by_hand=entry.by_hand,
        final=entry.is_final,
        beliefs=f"[{believed}\n            ]" if believed else "[]",
    )


# --- models --------------------------------------------------------------------------------------------------------


def _imports(text: str, orm: Orm, *always: str) -> Iterator[str]:
    yield from (line for word, line in orm.django_imports.items() if word in text)
    names = [*always, *(["models"] if "models." in text else [])]
    if names:
        yield f"from django.db import {', '.join(names)}"


def _models(moment: Moment, names: Mapping[Key, str], orm: Orm) -> str:
    blocks = [_RECONNECT] if moment.kind == "reconnect" else []
    for model in moment.models.values():
        blocks.append("\n".join([*_class(model, moment.models, names, orm), ""]))
    for model in moment.models.values():
        if any(one.elsewhere for one in model.columns):
            blocks.append("\n".join([*_reader(model, moment.models, names, orm), ""]))
    if any(model.moved for model in moment.models.values()):
        blocks.append("\n".join([*_router(moment.models, orm), ""]))
    text = "\n\n".join(blocks)
    text = "\n\n".join([*helpers(text), text])
    if not text:
        return module(moment, [])
    imports = [*_imports(text, orm, *(["connections"] if moment.kind == "reconnect" else []))]
    if "plan." in text:
        imports += ["", "from . import plan_operations as plan"]
    standard = imported(text)
    return module(moment, [*standard, *([""] if standard else []), *imports, "", "", text])


def _router(models: Models, orm: Orm) -> Iterator[str]:
    yield "class MovedRouter(plan.Router):"
    yield '    """Belongs into DATABASE_ROUTERS, and the new database into DATABASES under the alias.'
    yield ""
    yield "    What is migrated there is recorded there: `migrate --database moved --fake` says once that all is there."
    yield '    """'
    yield ""
    yield '    alias = "moved"'
    yield "    tables = ("
    for model in models.values():
        if model.moved:
            yield f"        {quoted_table(model.table, orm)!r},"
    yield "    )"


def _class(model: Model, models: Models, names: Mapping[Key, str], orm: Orm) -> Iterator[str]:
    if not model.key:
        yield f"# {one_line(model.path)} has no primary key: Django has no way to say this."
        return
    fields = fields_of(model, models, orm)
    by_column = {one.column: one for one in fields}
    unsaved = [by_column[one].name for one in model.unsaved if one in by_column]
    yield f"class {names[model.table]}({'plan.PartlySaved' if unsaved else 'models.Model'}):"
    yield f"    {docstring(f'{one_line(model.path)}.')}"
    yield ""
    if unsaved:
        yield f"    unsaved = {tuple(unsaved)!r}"
        yield ""
    if len(model.key) > 1:
        values = ", ".join(repr(by_column[one].value_name) for one in model.key if one in by_column)
        yield f"    pk = models.CompositePrimaryKey({values})"
    doubled = {one.column: one for one in model.doubled}
    for column in model.columns:
        yield from (f"    # {line}" for line in advice(column))
        if (double := doubled.get(column.shape.name)) is not None:
            yield f"    # {doubled_advice(double, column, orm)}"
        if (field := by_column.get(column.shape.name)) is not None:
            yield f"    {field.name} = {field.written(repr(names[field.to]) if field.to else None)}"
    yield from properties(model, field_names(fields), orm)
    yield ""
    for note in _notes(model, models):
        yield f"    # {note}"
    yield from _meta(model, field_names(fields), orm)


def _meta(model: Model, names: Mapping[str, str], orm: Orm) -> Iterator[str]:
    yield "    class Meta:"
    yield f"        db_table = {quoted_table(model.table, orm)!r}"
    if model.is_unmanaged:
        yield "        managed = False"
    said = [one for one in map(sayable, model.declared) if one is not None]
    quoted = {column: repr(name) for column, name in names.items()}
    found = (exclusion(one, quoted) for one in model.declared)
    excluded = [_percent(orm.django_exclusion(one)) for one in found if one is not None]
    for kind, what in (
        ("constraints", [*(_said(one, names) for one in said if one.unique), *excluded]),
        ("indexes", [_said(one, names) for one in said if not one.unique]),
    ):
        short = f"        {kind} = [{', '.join(what)}]"
        if what and len(short) <= _WIDTH:
            yield short
        elif what:
            yield from (f"        {kind} = [", *(f"            {one}," for one in what), "        ]")


def _notes(model: Model, models: Models) -> Iterator[str]:
    yield from notes_of(model)
    for one in model.declared:
        if sayable(one) is None and exclusion(one, {}) is None:
            yield f"In the database alone, because its SQL is no expression of Django's: {one_line(one.name)}."
    for reference in model.references:
        if all(reference_of(model, column, models) != reference for column in reference.columns):
            yield f"In the database alone, because Django's references have one column: {one_line(reference.name)}."


def _said(one: Sayable, names: Mapping[str, str]) -> str:
    of = "models.UniqueConstraint" if one.unique else "plan.PlanIndex"
    fields = [names[column] for column in one.columns if column in names]
    return f"{of}(fields={fields!r}, {_percent(arguments(one.options))})"


def _percent(text: str) -> str:
    """Write a name for a model: there Django fills in the names of app and class where it has a percent sign."""
    return text.replace("%", "%%")


def _reader(model: Model, models: Models, names: Mapping[Key, str], orm: Orm) -> Iterator[str]:
    by_column = field_names(fields_of(model, models, orm))
    moved = ", ".join(repr(by_column[one.shape.name]) for one in model.columns if one.elsewhere)
    name = names[model.table]
    yield f"def read_{name.lower()}() -> models.QuerySet:"
    yield '    """Read rows without the columns that are read from the other table, and that table with them."""'
    # Django names the way back from a relation after the class, in small letters.
    one = [names[companion.table].lower() for companion in model.companions if not companion.many]
    many = [f"{names[companion.table].lower()}_set" for companion in model.companions if companion.many]
    ways = [f".select_related({', '.join(map(repr, one))})"] if one else []
    ways += [f".prefetch_related({', '.join(map(repr, many))})"] if many else []
    yield f"    return {name}.objects.defer({moved}){''.join(ways)}"


_USAGE = """
Put `plan_operations.py` beside the models of the app that holds the tables' models, and the files of `migrations` into
its `migrations`. Write the name of your newest migration into `AFTER` of `plan_operations.py`, and the app's label into
`APP_LABEL` if it is not the name of its package.

`manage.py migrate` runs what has not run, and stops where a precondition or a verification does not hold. A lock
timeout changes nothing: wait a minute, and migrate again. `manage.py migrate APP MIGRATION` goes back to a migration.

Where people act, it stops and says so. When that is done, go on with `PLAN_DONE=STEP manage.py migrate`, with the
identifier that it names; on the way back with `PLAN_UNDONE=STEP`.

At each deploy point, `models/` holds the models as they have to be when it is ticked off; `models/after_the_plan.py`
holds them at the end. Take over into your own what differs. The migrations change Django's state to the same, found by
the names of table and column, so that `makemigrations` has nothing to add: deletion is left to the database
(`DO_NOTHING`), and what Django cannot say stays in the database alone. Your names, options and reverse names are yours,
and so are the indexes and constraints that were there before: the plan does not hold them. Where the plan knows of
no model that changes, the file says so. The file of a step within which connections are recycled holds the models from
then on. Views, and what is the plan's own, are not managed: Django makes and drops none of them. A package of
`django.contrib` that a file imports belongs into `INSTALLED_APPS`.
"""

FORMAT = ExportFormat(name="django", purpose="migrations for Django, and its models at each deploy point", write=write)
