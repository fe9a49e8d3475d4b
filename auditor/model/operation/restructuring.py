"""Operations that give data another shape: mostly asked for by those who know what it means."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from auditor.model.operation.base import Operation


class EnumToLookup(Operation, frozen=True, kw_only=True, tag="enum-to-lookup"):
    """Let a column of fixed values (an enumerated type, or a check that lists them) refer to a table of values.

    From then on a value is added, renamed or retired by writing a row. ``into`` names the new table.
    """

    schema: str
    table: str
    column: str
    into: str | None = None
    identity_fields: ClassVar[tuple[str, ...]] = ("schema", "table", "column")


class ExtractJson(Operation, frozen=True, kw_only=True, tag="extract-json"):
    """Give a key of a JSON column a column of its own. ``keys`` is the way to it, from the outermost key to its own.

    ``name`` and ``type`` are those of the new column: the last key's name, and text, where nothing else is said.
    ``index`` builds an index over it, too.
    """

    schema: str
    table: str
    column: str
    keys: tuple[str, ...]
    name: str | None = None
    type: str = "text"
    index: bool = False
    identity_fields: ClassVar[tuple[str, ...]] = ("schema", "table", "column", "keys")


class AddExclusion(Operation, frozen=True, kw_only=True, tag="add-exclusion"):
    """Let no two rows that agree in ``columns`` overlap in ``period``: a range, or the columns of a start and an end.

    The end does not belong to the period, and a missing one means for ever.
    """

    schema: str
    table: str
    columns: tuple[str, ...]
    period: tuple[str, ...]
    identity_fields: ClassVar[tuple[str, ...]] = ("schema", "table", "columns", "period")


class MergeTables(Operation, frozen=True, kw_only=True, tag="merge-tables"):
    """Make the companion ``other`` (at most one row for each of ``table``) part of ``table``: the reverse of a split.

    ``names`` are the new names of columns of ``other``, by their present ones. The others keep theirs, or get the name
    of ``other`` before it where ``table`` has a column of that name.
    """

    schema: str
    table: str
    other: str
    names: Mapping[str, str] = {}
    identity_fields: ClassVar[tuple[str, ...]] = ("schema", "table", "other")


class MergeClones(Operation, frozen=True, kw_only=True, tag="merge-clones"):
    """Make tables of the same columns (one a year, one a tenant) the parts of one table ``into``, without a copy.

    ``values`` holds, by the name of each table, what tells its rows from those of the others; ``discriminator`` is the
    new column with that value, and ``type`` its type. The tables keep their names, so that old code goes on.
    """

    schema: str
    into: str
    discriminator: str
    values: Mapping[str, str]
    type: str = "text"
    identity_fields: ClassVar[tuple[str, ...]] = ("schema", "into")


class MaterialiseView(Operation, frozen=True, kw_only=True, tag="materialise-view"):
    """Keep the rows of a view that takes long to read, and compute them anew every ``minutes``: so old they may be.

    ``key`` are columns of the view that tell its rows apart and are never null. ``into`` names what keeps the rows.
    ``switch``: whoever reads the view reads the kept rows from then on; else its readers are changed one by one.
    """

    schema: str
    view: str
    key: tuple[str, ...]
    minutes: int
    into: str | None = None
    switch: bool = True
    identity_fields: ClassVar[tuple[str, ...]] = ("schema", "view")
