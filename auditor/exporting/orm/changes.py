"""What can change for the models of an application."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from msgspec import Struct

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
    """There is an index, or a constraint that is not a reference, under a name.

    ``period`` is the function that makes the period of an exclusion of two columns.
    """

    table: Key
    name: str
    operation: op.AddIndex | op.AddUnique | op.AddCheck | op.AddExclusion
    period: str | None = None


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


class Tabled(Struct, frozen=True, kw_only=True):
    """There is a new table beside a table, which belongs to the application as that one does."""

    table: Key
    into: Key
    columns: tuple[ColumnShape, ...]
    key: tuple[str, ...]


class Added(Struct, frozen=True, kw_only=True):
    """The application uses a new column."""

    table: Key
    column: ColumnShape


class Doubled(Struct, frozen=True, kw_only=True):
    """A column and a key of a document hold the same: the column is read, or both are written, or it stands alone."""

    table: Key
    column: str
    document: str
    keys: tuple[str, ...]
    use: Literal["read", "written", "alone"]


class Released(Struct, frozen=True, kw_only=True):
    """A foreign key is there no more; its columns are."""

    table: Key
    name: str
    columns: tuple[str, ...]


class Moved(Struct, frozen=True, kw_only=True):
    """A table is used in another database."""

    table: Key


class Archived(Struct, frozen=True, kw_only=True):
    """Old rows of a table are kept in another one for a time, from one step to another; None: in what was a part.

    ``over``: nobody reads them any more.
    """

    table: Key
    into: Key | None
    since: int = 0
    until: int = 0
    over: bool = False


class Merged(Struct, frozen=True, kw_only=True):
    """A table has the columns of its companion: they are read here, or written here too, or the companion is gone.

    Until it is written here the companion is; from then on its name is that of a view, which takes no change of a row
    that names the ``key``. ``flag`` is the column that tells which rows have a part, where one was made for it.
    ``comments`` are those of columns.
    """

    table: Key
    companion: Key
    columns: tuple[ColumnShape, ...]
    flag: str | None
    comments: Mapping[str, str]
    key: tuple[str, ...]
    use: Literal["read", "written", "alone"]


class Kept(Struct, frozen=True, kw_only=True):
    """Beside a view there is what keeps its rows (``rows``), or the table that says how old these are."""

    table: Key
    into: Key
    columns: tuple[ColumnShape, ...]
    key: tuple[str, ...]
    rows: bool


Change = (
    Retyped | Removed | Required | Filled | Keyed | Declared | Referring | Gone | Parted | Tabled | Added | Doubled
    | Released | Moved | Archived | Merged | Kept
)  # fmt: skip
