"""What an engine says about itself to the writers of models: its types, and what its statements make."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

from msgspec import Struct

from auditor.model.catalog import Key
from auditor.model.plan import ColumnShape


class ColumnClass(Struct, frozen=True, kw_only=True):
    """A type in the words of models. Each text is a Python expression, with ``sa`` for SQLAlchemy's package.

    ``python`` annotates the values; ``reads`` makes a value of a related type one of this type, None where that cannot
    be said in general. ``django`` is None when Django has no field for the type; ``django_options`` are arguments of
    the field, and ``django_key`` is the field of a primary key whose values the database gives.
    """

    python: str
    sqlalchemy: str
    reads: str | None = None
    django: str | None = None
    django_options: tuple[tuple[str, str], ...] = ()
    django_key: str | None = None


def is_same_value(old: ColumnClass | None, new: ColumnClass | None) -> bool:
    """Whether values of both types are the same to Python, and mean the same, so that one class takes both."""
    return (
        old is not None and new is not None and old.reads is not None
        and (old.python, old.reads) == (new.python, new.reads)
    )  # fmt: skip


class Made(Struct, frozen=True, kw_only=True):
    """What a statement makes, and on which table (of a new table: itself).

    ``columns`` are those of a new table, or the new column; ``key`` is a new table's primary key, or the columns of a
    foreign key, whose ``on_delete`` says what happens with rows whose counterpart is deleted.
    """

    kind: Literal["table", "column", "index", "constraint"]
    table: Key
    name: str
    columns: tuple[ColumnShape, ...] = ()
    key: tuple[str, ...] = ()
    on_delete: str = "no action"


class Orm(Struct, frozen=True, kw_only=True):
    """An engine to the writers of models.

    ``dialect`` is its name in SQLAlchemy, ``default_schema`` the one that models need not name. ``column_class`` looks
    up a type as the engine writes it, None when it has no class. ``made`` reads what a statement of a plan makes.
    ``unprepared`` is the argument of SQLAlchemy's create_engine with which the usual driver prepares nothing.
    """

    dialect: str
    default_schema: str
    column_class: Callable[[str], ColumnClass | None]
    made: Callable[[str], Made | None]
    unprepared: str
