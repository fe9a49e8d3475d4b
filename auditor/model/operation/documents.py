"""Operations on collections of documents that tables of rows do not need."""

from __future__ import annotations

from typing import ClassVar

from auditor.model.operation.base import Operation


class SetValidator(Operation, frozen=True, kw_only=True, tag="set-validator"):
    """Let a collection demand a shape of its documents: first tell of those that break it, then refuse them.

    ``rule`` is the rule as JSON, in the engine's own words. ``previous`` is the one that it takes the place of.
    """

    schema: str
    table: str
    rule: str
    previous: str | None = None
    identity_fields: ClassVar[tuple[str, ...]] = ("schema", "table")


class RenameColumn(Operation, frozen=True, kw_only=True, tag="rename-column"):
    """Give a column or field another name while old and new code read and write it."""

    schema: str
    table: str
    column: str
    to: str
    identity_fields: ClassVar[tuple[str, ...]] = ("schema", "table", "column")


class SetExpiry(Operation, frozen=True, kw_only=True, tag="set-expiry"):
    """Let the engine delete rows ``seconds`` after the moment in ``column``, without a storm of deletions.

    ``index`` names an index over the column that has another expiry, None where it has none yet.
    """

    schema: str
    table: str
    column: str
    seconds: int
    index: str | None = None
    identity_fields: ClassVar[tuple[str, ...]] = ("schema", "table", "column")


class UseTimeSeries(Operation, frozen=True, kw_only=True, tag="use-time-series"):
    """Keep measurements as the engine's time series. ``meta`` names the source of a measurement."""

    schema: str
    table: str
    time: str
    meta: str | None = None
    granularity: str | None = None
    identity_fields: ClassVar[tuple[str, ...]] = ("schema", "table")


class ChangeShardKey(Operation, frozen=True, kw_only=True, tag="change-shard-key"):
    """Distribute a collection by another key. One that only adds to the present key moves no document by itself."""

    schema: str
    table: str
    columns: tuple[str, ...]
    hashed: str | None = None
    previous: tuple[str, ...] = ()
    identity_fields: ClassVar[tuple[str, ...]] = ("schema", "table")
