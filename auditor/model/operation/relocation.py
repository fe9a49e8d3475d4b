"""Operations that bring data elsewhere: to another server, or out of the way when it is old."""

from __future__ import annotations

from typing import ClassVar

from auditor.model.operation.base import Operation


class MoveSchema(Operation, frozen=True, kw_only=True, tag="move-schema"):
    """Move the tables of a schema to another database or server while clients write. ``tables``: only these of it."""

    schema: str
    tables: tuple[str, ...] = ()
    identity_fields: ClassVar[tuple[str, ...]] = ("schema", "tables")


class ArchiveRows(Operation, frozen=True, kw_only=True, tag="archive-rows"):
    """Remove rows whose ``column`` (a date or time) is older than ``keep_days``, after a copy that was verified.

    A partition goes as a whole. ``archive`` names the table, in the same schema, that takes single rows.
    """

    schema: str
    table: str
    column: str
    keep_days: int
    archive: str | None = None
    identity_fields: ClassVar[tuple[str, ...]] = ("schema", "table")
