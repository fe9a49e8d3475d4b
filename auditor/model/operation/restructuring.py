"""Operations that give data another shape: mostly asked for by those who know what it means."""

from __future__ import annotations

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
