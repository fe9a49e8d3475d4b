"""What an engine says about itself to the writers of models: its types, and what its statements make."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Literal

from msgspec import Struct

from auditor.model.catalog import Key
from auditor.model.operation import AddIndex, AddUnique
from auditor.model.plan import ColumnShape


class ColumnClass(Struct, frozen=True, kw_only=True):
    """A type in the words of models. Each text is a Python expression, with ``sa`` for SQLAlchemy's package.

    ``python`` annotates the values; ``reads`` makes a value of a related type one of this type, None where that cannot
    be said in general; ``parses`` makes the engine's text of a value the value where ``reads`` does not. ``django`` is
    None when Django has no field for the type; ``django_options`` are arguments of the field, and ``django_key`` is the
    field of a primary key whose values the database gives.
    """

    python: str
    sqlalchemy: str
    reads: str | None = None
    parses: str | None = None
    django: str | None = None
    django_options: tuple[tuple[str, str], ...] = ()
    django_key: str | None = None

    @property
    def parser(self) -> str | None:
        """What makes a text a value, None where texts have no one form."""
        return self.parses or self.reads


def is_same_value(old: ColumnClass | None, new: ColumnClass | None) -> bool:
    """Whether values of both types are the same to Python, and mean the same, so that one class takes both."""
    return (
        old is not None and new is not None and old.reads is not None
        and (old.python, old.reads) == (new.python, new.reads)
    )  # fmt: skip


def takes_both(old: ColumnClass | None, new: ColumnClass | None) -> bool:
    """Whether a value of either type can be made one of the new type, so that a class of its own takes both."""
    return old is not None and new is not None and old.reads is not None and new.reads is not None


class Made(Struct, frozen=True, kw_only=True):
    """What a statement makes or (of the kind ``end``: a constraint) takes away, and on which table (or itself).

    ``columns`` are those of a new table, or the new ones, which the names and expressions of ``checks`` come with; a
    ``copy`` is a table that has the columns of another one, and ``kept`` rows are those of a view.
    ``key`` is a new table's primary key, or the columns of a foreign key, whose ``on_delete`` says what happens with
    rows whose counterpart is deleted, or those of a view that no change through it may name. ``behind`` are the names
    that a view's columns have in the table behind it. ``index`` describes one, as far as it could be read.
    ``period`` is the function that makes the period of an exclusion of two columns, ``text`` the comment on a column.
    """

    kind: Literal["table", "copy", "column", "index", "constraint", "exclusion", "view", "kept", "comment", "end"]
    table: Key
    name: str
    columns: tuple[ColumnShape, ...] = ()
    key: tuple[str, ...] = ()
    on_delete: str = "no action"
    period: str | None = None
    checks: tuple[tuple[str, str], ...] = ()
    behind: Mapping[str, str] = {}  # a struct copies its default
    index: AddIndex | AddUnique | None = None
    text: str = ""


class Exclusion(Struct, frozen=True, kw_only=True):
    """An exclusion constraint. Each text is Python: its name, what has to be equal, and the bounds of the period.

    ``function`` is the name of the one that makes a period of two bounds, None where one column holds it.
    """

    name: str
    equal: Sequence[str]
    bounds: Sequence[str]
    function: str | None


class Orm(Struct, frozen=True, kw_only=True):
    """An engine to the writers of models.

    ``dialect`` is its name in SQLAlchemy, ``default_schema`` the one that models need not name. ``column_class`` looks
    up a type as the engine writes it, None when it has no class. ``made`` reads what a statement of a plan makes.
    ``unprepared`` is the argument of SQLAlchemy's create_engine with which the usual driver prepares nothing.
    ``sqlalchemy_exclusion`` and ``django_exclusion`` write a constraint of the engine's own kind. What the texts for
    Django name beside its ``models`` is imported by the lines of ``django_imports``, by the name that is looked for.
    """

    dialect: str
    default_schema: str
    column_class: Callable[[str], ColumnClass | None]
    made: Callable[[str], Made | None]
    unprepared: str
    sqlalchemy_exclusion: Callable[[Exclusion], str]
    django_exclusion: Callable[[Exclusion], str]
    django_imports: Mapping[str, str]
