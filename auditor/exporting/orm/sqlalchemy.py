"""SQLAlchemy: a file per deploy point with the mapped classes as they have to be then, and one for the plan's end."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from auditor.exporting.orm.documents import helpers, properties
from auditor.exporting.orm.engine import Orm, is_same_value, takes_both
from auditor.exporting.orm.fields import exclusion
from auditor.exporting.orm.modelling import Column, Companion, Model
from auditor.exporting.orm.moments import Moment, moments
from auditor.exporting.orm.names import attribute, attribute_names, class_names
from auditor.exporting.orm.prose import END, advice, doubled_advice, module, notes_of
from auditor.exporting.orm.python_imports import imported
from auditor.exporting.python import docstring
from auditor.exporting.readme import readme
from auditor.exporting.worklist import Dialect, Entry, ExportedFile, ExportFormat, Files, Worklist, one_line
from auditor.model import operation as op
from auditor.model.catalog import Key
from auditor.model.plan import ReferenceShape

_BASE = '''\
class Base(orm.DeclarativeBase):
    """Yours takes its place."""
'''
_MOVED = '''\
class MovedBase(orm.DeclarativeBase):
    """Of the tables in the other database, with metadata of their own: each database is compared with its own."""
'''
_ARCHIVE = '''\
class ArchiveBase(orm.DeclarativeBase):
    """Of tables that only the plan makes and drops: their metadata are no concern of Alembic's."""
'''
_VIEW = '''\
class ViewBase(orm.DeclarativeBase):
    """Of views: Alembic would make tables of them. They have no foreign keys, so that your relationships to and from
    them need a primaryjoin, and the class itself in place of its name.
    """
'''
_SESSIONS = '''\
def make_sessions(here: sa.Engine, moved: sa.Engine) -> orm.sessionmaker[orm.Session]:
    """Make the sessions of the application: each class goes to the database that its table is in."""
    return orm.sessionmaker(binds={Base: here, MovedBase: moved})
'''
_DECLARED = '''\
class Declared(sa.types.UserDefinedType):
    """A type that SQLAlchemy has no class for, by its name in the database."""

    cache_ok = True

    def __init__(self, name: str) -> None:
        self.name = name

    def get_col_spec(self, **_: Any) -> str:
        return self.name
'''
_EITHER = '''\
class Either(sa.types.UserDefinedType):
    """Takes the old type and the new one. What is written is sent without a type, so that the database reads it as the
    column's; what is read is made into the new one. A driver that asks for typed values (asyncpg) cannot do this.
    """

    cache_ok = True

    def __init__(self, name: str, reads: Callable[[Any], Any]) -> None:
        self.name, self.reads = name, reads

    def get_col_spec(self, **_: Any) -> str:
        return self.name

    def bind_processor(self, dialect: sa.Dialect) -> Callable[[Any], str | None]:
        return lambda value: None if value is None else str(value)

    def result_processor(self, dialect: sa.Dialect, coltype: object) -> Callable[[Any], Any]:
        return lambda value: None if value is None else self.reads(value)
'''
_RECONNECT = '''\
def make_engine(url: str) -> sa.Engine:
    """Build the engine for the time of the plan: it prepares nothing, and looks whether a connection still lives."""
    return sa.create_engine(url, pool_pre_ping=True, {unprepared})


def reconnect(engine: sa.Engine) -> None:
    """Call it in every process right after the step: connections in use are closed when they come back."""
    engine.dispose()
'''


def write(worklist: Worklist, dialect: Dialect) -> Files:
    """Write the files of the deploy points in their order, that of the end, and the page that says how to use them."""
    assert dialect.orm is not None  # noqa: S101 -- the format is not offered otherwise
    files: dict[str, ExportedFile] = {}
    for moment in moments(worklist, dialect.orm):
        files[_path(moment.entry)] = ExportedFile(text=_file(moment, dialect.orm))

    def file_of(entry: Entry) -> str | None:
        return _path(entry) if _path(entry) in files else None

    return {"README.md": readme(worklist, _USAGE, file_of), **files}


def _path(entry: Entry | None) -> str:
    return f"models/{END if entry is None else f'plan_{entry.name}'.replace('-', '_')}.py"


def _file(moment: Moment, orm: Orm) -> str:
    text = "\n\n".join(_blocks(moment, orm))
    if not text:
        return module(moment, [])
    standard = imported(text)
    imports = [
        *standard, *([""] if standard else []), "import sqlalchemy as sa",
        *(["from sqlalchemy import orm"] if "orm." in text else []),
        *([f"from sqlalchemy.dialects import {orm.dialect}"] if f"{orm.dialect}." in text else []),
    ]  # fmt: skip
    return module(moment, [*imports, "", "", text])


def _blocks(moment: Moment, orm: Orm) -> Iterator[str]:
    if moment.kind == "reconnect":
        yield _RECONNECT.format(unprepared=orm.unprepared)
    names = class_names(moment.models)
    classes = []
    for model in moment.models.values():
        lines = _mapped(model, names, moment, orm) if model.key else _table(model, moment, orm)
        classes.append("\n".join([*lines, ""]))
    if not classes:
        return
    text = "\n\n".join(classes)
    yield from (one for name, one in (("Declared(", _DECLARED), ("Either(", _EITHER)) if name in text)
    yield from helpers(text)
    of = {_base(model) for model in moment.models.values()}
    if of - {"ArchiveBase", "ViewBase"}:
        yield _BASE
    others = (("MovedBase", _MOVED), ("ArchiveBase", _ARCHIVE), ("ViewBase", _VIEW))
    yield from (one for name, one in others if name in of)
    yield from classes
    if "MovedBase" in of:
        yield _SESSIONS


def _base(model: Model) -> str:
    """Name what a class derives from: tables in other hands have other metadata."""
    if model.is_view:
        return "ViewBase"
    return "MovedBase" if model.moved else "ArchiveBase" if model.archive is not None else "Base"


# --- a mapped class ----------------------------------------------------------------------------------------------


def _mapped(model: Model, names: Mapping[Key, str], moment: Moment, orm: Orm) -> Iterator[str]:
    attributes = attribute_names(model.names)
    yield f"class {names[model.table]}({_base(model)}):"
    yield f"    {docstring(f'{one_line(model.path)}.')}"
    yield ""
    yield f"    __tablename__ = {model.table[1]!r}"
    yield "    __table_args__ = ("
    for line in _arguments(model, moment, orm):
        yield f"        {line},"
    yield "    )"
    for note in notes_of(model):
        yield f"    # {note}"
    yield ""
    doubled = {one.column: one for one in model.doubled}
    for column in model.columns:
        yield from (f"    # {line}" for line in advice(column))
        if (double := doubled.get(column.shape.name)) is not None:
            yield f"    # {doubled_advice(double, column, orm)}"
        head = f"{attributes[column.shape.name]}: {_annotation(column, orm)} = orm.mapped_column"
        yield f"    {head}({', '.join(_column(column, model, orm, mapped=True))})"
    for companion in model.companions:
        if companion.table in names:
            taken = set(attributes.values())
            yield from _relationship(companion, names[companion.table], attribute(companion.table[1], taken))
    yield from properties(model, attributes, orm)


def _annotation(column: Column, orm: Orm) -> str:
    python = _python(column, orm)
    return f"orm.Mapped[{python} | None]" if column.shape.nullable and python != "Any" else f"orm.Mapped[{python}]"


def _python(column: Column, orm: Orm) -> str:
    known = orm.column_class(column.shape.type)
    return "Any" if known is None else known.python


def _column(column: Column, model: Model, orm: Orm, *, mapped: bool) -> Iterator[str]:
    shape = column.shape
    yield repr(shape.name)
    yield _type(column, orm)
    if shape.name in model.key:
        yield "primary_key=True"
        if shape.filled is None:
            yield "autoincrement=False"
    elif not shape.nullable or (mapped and _python(column, orm) == "Any"):  # which says nothing about NULL
        yield f"nullable={shape.nullable}"
    if shape.filled is not None:
        yield "server_default=sa.FetchedValue()"
    if column.comment is not None:
        yield f"comment={column.comment!r}"
    if column.elsewhere and mapped:
        yield "deferred=True"


def _type(column: Column, orm: Orm) -> str:
    new = orm.column_class(column.shape.type)
    if new is None:
        return f"Declared({column.shape.type!r})"
    if column.before is None:
        return new.sqlalchemy
    old = orm.column_class(column.before)
    if is_same_value(old, new):
        return new.sqlalchemy
    if takes_both(old, new):
        return f"Either({column.shape.type!r}, {new.reads})"
    return f"Declared({column.before!r})" if old is None else old.sqlalchemy


def _relationship(companion: Companion, name: str, attribute: str) -> Iterator[str]:
    target = f'list["{name}"]' if companion.many else f'"{name} | None"'
    # The database deletes the rows of a table that has taken over columns with those that they belong to.
    how = 'cascade="all, delete-orphan", passive_deletes=True' if companion.written else "viewonly=True"
    single = "" if companion.many else "uselist=False, "
    yield f"    {attribute}: orm.Mapped[{target}] = orm.relationship({single}{how})"


# --- a table without a key, and what stands beside the columns ------------------------------------------------------


def _table(model: Model, moment: Moment, orm: Orm) -> Iterator[str]:
    """SQLAlchemy maps no class to a table without a key; a Table it is."""
    for note in notes_of(model):
        yield f"# {note}"
    yield f"{attribute(model.table[1], {'sa', 'orm'})}_table = sa.Table("
    yield f"    {model.table[1]!r},"
    yield f"    {_base(model)}.metadata,"
    for column in model.columns:
        yield from (f"    # {line}" for line in advice(column))
        yield f"    sa.Column({', '.join(_column(column, model, orm, mapped=False))}),"
    for line in _arguments(model, moment, orm):
        yield f"    {line}," if not line.startswith("{") else f"    schema={_schema(model, orm)!r},"
    yield ")"


def _schema(model: Model, orm: Orm) -> str | None:
    return None if model.table[0] == orm.default_schema else model.table[0]


def _arguments(model: Model, moment: Moment, orm: Orm) -> Iterator[str]:
    for reference in () if model.is_view else model.references:
        there = moment.models.get((reference.referenced_schema, reference.referenced_table))
        if there is not None and set(reference.columns) <= set(model.names):
            yield _foreign_key(reference, there, orm)
    for declared in model.declared:
        if (excluded := exclusion(declared, {})) is not None:
            yield orm.sqlalchemy_exclusion(excluded)
        elif not isinstance(declared.operation, op.AddExclusion):
            yield from _declared(declared.name, declared.operation, orm)
    yield f"{{'schema': {_schema(model, orm)!r}}}"


def _foreign_key(reference: ReferenceShape, there: Model, orm: Orm) -> str:
    schema = _schema(there, orm)
    path = [*([schema] if schema is not None else []), there.table[1]]
    columns = [".".join((*path, column)) for column in reference.referenced_columns]
    parts = [repr(list(reference.columns)), repr(columns), f"name={reference.name!r}"]
    if reference.on_delete != "no action":
        parts.append(f"ondelete={reference.on_delete.upper()!r}")
    return f"sa.ForeignKeyConstraint({', '.join(parts)})"


def _declared(name: str, operation: op.AddIndex | op.AddUnique | op.AddCheck, orm: Orm) -> Iterator[str]:
    if isinstance(operation, op.AddCheck):
        yield f"sa.CheckConstraint(sa.text({_text(operation.expression)}), name={name!r})"
        return
    columns = [repr(one) for one in operation.columns]
    options: list[str] = []
    if isinstance(operation, op.AddUnique):
        if operation.nulls_not_distinct:
            options.append(f"{orm.dialect}_nulls_not_distinct=True")
        if operation.predicate is None:
            yield f"sa.UniqueConstraint({', '.join([*columns, f'name={name!r}', *options])})"
            return
        options = ["unique=True", f"{orm.dialect}_where=sa.text({_text(operation.predicate)})", *options]
    else:
        columns = [f"sa.text({_text(one)})" for one in operation.expressions] or columns
        options += ["unique=True"] if operation.unique else []
        options += [f"{orm.dialect}_using={operation.method!r}"] if operation.method is not None else []
        options += [f"{orm.dialect}_include={list(operation.include)!r}"] if operation.include else []
        options += [f"{orm.dialect}_ops={operation.operator_classes!r}"] if operation.operator_classes else []
        if operation.predicate is not None:
            options.append(f"{orm.dialect}_where=sa.text({_text(operation.predicate)})")
    yield f"sa.Index({', '.join([repr(name), *columns, *options])})"


def _text(expression: str) -> str:
    """Write SQL for sa.text(), in which a colon before a word would mean a parameter."""
    return repr(expression.replace(":", "\\:"))


_USAGE = """
These are the models of the tables that the plan changes: one file in `models/` for each deploy point, as the classes
have to be when that step is ticked off, and `models/after_the_plan.py`. Columns, keys and references are those of the
database; take over into your own classes what differs from them. Your names, relationships and column defaults are
yours, and so are the indexes and constraints that were there before: the plan does not hold them. Where the plan knows
of no model that changes, the file says so. The file of a step within which connections are recycled holds the classes
from then on.

The steps themselves are run from another format (`--as alembic` writes revisions). When all of them are done,
`alembic revision --autogenerate` has nothing to say about what the plan has changed.
"""

FORMAT = ExportFormat(name="sqlalchemy", purpose="mapped classes for SQLAlchemy at each deploy point", write=write)
