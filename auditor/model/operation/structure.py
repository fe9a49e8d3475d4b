"""Operations on indexes, constraints and columns."""

from __future__ import annotations

from typing import ClassVar

from auditor.model.operation.base import Operation


class AddIndex(Operation, frozen=True, kw_only=True, tag="add-index"):
    """Build an index over ``columns`` or, when given, over ``expressions`` in the engine's SQL.

    ``replaces`` names an index (same schema) to drop once the new one is there. ``descending`` lists those of the
    columns that it orders downwards; ``collation`` is the engine's name of one that is not the table's.
    """

    schema: str
    table: str
    columns: tuple[str, ...] = ()
    expressions: tuple[str, ...] = ()
    include: tuple[str, ...] = ()
    predicate: str | None = None
    method: str | None = None
    operator_classes: dict[str, str] = {}  # noqa: RUF012 -- a struct copies its default
    descending: tuple[str, ...] = ()
    collation: str | None = None
    unique: bool = False
    replaces: str | None = None
    identity_fields: ClassVar[tuple[str, ...]] = ("schema", "table", "columns", "expressions", "predicate", "method")


class DropIndex(Operation, frozen=True, kw_only=True, tag="drop-index"):
    """Drop an index. ``covered_by`` names the index (same schema) that serves in its place."""

    schema: str
    table: str
    name: str
    covered_by: str | None = None
    observe_days: int = 0
    identity_fields: ClassVar[tuple[str, ...]] = ("schema", "name")


class RebuildIndex(Operation, frozen=True, kw_only=True, tag="rebuild-index"):
    """Rebuild an index in place: it is invalid, bloated or built under another collation version."""

    schema: str
    table: str
    name: str
    identity_fields: ClassVar[tuple[str, ...]] = ("schema", "name")


class CompletePartitionedIndex(Operation, frozen=True, kw_only=True, tag="complete-partitioned-index"):
    """Build and attach the parts that an invalid partitioned index lacks."""

    schema: str
    table: str
    name: str
    identity_fields: ClassVar[tuple[str, ...]] = ("schema", "name")


class AddPrimaryKey(Operation, frozen=True, kw_only=True, tag="add-primary-key"):
    """Give a table a primary key: ``using_index``, over ``columns``, or (neither) over a new surrogate column."""

    schema: str
    table: str
    columns: tuple[str, ...] = ()
    using_index: str | None = None
    identity_fields: ClassVar[tuple[str, ...]] = ("schema", "table")


class AddForeignKey(Operation, frozen=True, kw_only=True, tag="add-foreign-key"):
    """Declare a reference and validate it. ``replaces`` is a constraint to drop once the new one is valid."""

    schema: str
    table: str
    columns: tuple[str, ...]
    referenced_schema: str
    referenced_table: str
    referenced_columns: tuple[str, ...]
    on_delete: str = "no action"
    replaces: str | None = None
    identity_fields: ClassVar[tuple[str, ...]] = ("schema", "table", "columns", "referenced_schema", "referenced_table")


class AddUnique(Operation, frozen=True, kw_only=True, tag="add-unique"):
    """Make columns unique. ``predicate`` limits it to some rows; ``nulls_not_distinct`` counts NULLs as equal.

    ``replaces`` is a unique constraint, or a unique index without one, to drop once the new one enforces its rule.
    """

    schema: str
    table: str
    columns: tuple[str, ...]
    predicate: str | None = None
    nulls_not_distinct: bool = False
    replaces: str | None = None
    identity_fields: ClassVar[tuple[str, ...]] = ("schema", "table", "columns", "predicate")


class AddCheck(Operation, frozen=True, kw_only=True, tag="add-check"):
    """Add a check constraint (``expression`` in the engine's SQL) and validate it."""

    schema: str
    table: str
    name: str
    expression: str
    identity_fields: ClassVar[tuple[str, ...]] = ("schema", "table", "name")


class ValidateConstraint(Operation, frozen=True, kw_only=True, tag="validate-constraint"):
    """Check the rows that were there before a constraint was added without checking them."""

    schema: str
    table: str
    name: str
    identity_fields: ClassVar[tuple[str, ...]] = ("schema", "table", "name")


class DropConstraint(Operation, frozen=True, kw_only=True, tag="drop-constraint"):
    """Drop a constraint."""

    schema: str
    table: str
    name: str
    identity_fields: ClassVar[tuple[str, ...]] = ("schema", "table", "name")


class EnableTrigger(Operation, frozen=True, kw_only=True, tag="enable-trigger"):
    """Let a trigger fire again that was switched off."""

    schema: str
    table: str
    name: str
    identity_fields: ClassVar[tuple[str, ...]] = ("schema", "table", "name")


class SetNotNull(Operation, frozen=True, kw_only=True, tag="set-not-null"):
    """Forbid NULL in a column that holds none. The planner sets ``together``: other columns that share its steps."""

    schema: str
    table: str
    column: str
    together: tuple[str, ...] = ()
    identity_fields: ClassVar[tuple[str, ...]] = ("schema", "table", "column")
    planner_fields: ClassVar[tuple[str, ...]] = ("together",)


class ChangeColumnType(Operation, frozen=True, kw_only=True, tag="change-column-type"):
    """Change a column's type with no rewrite under a lock. ``using`` converts the old value, written ``{column}``.

    The sequence that numbers the column follows. The planner sets the rest: ``together`` are changes of the same
    table, or of keys that refer to this column, that share its pass; ``without`` names indexes that are not carried
    over because the plan drops them.
    """

    schema: str
    table: str
    column: str
    from_type: str
    to_type: str
    using: str | None = None
    together: tuple[ChangeColumnType, ...] = ()
    without: tuple[str, ...] = ()
    identity_fields: ClassVar[tuple[str, ...]] = ("schema", "table", "column")
    planner_fields: ClassVar[tuple[str, ...]] = ("together", "without")


class UseIdentity(Operation, frozen=True, kw_only=True, tag="use-identity"):
    """Let an identity take the place of a default from an owned sequence."""

    schema: str
    table: str
    column: str
    sequence_schema: str
    sequence: str
    identity_fields: ClassVar[tuple[str, ...]] = ("schema", "table", "column")


class SetDefault(Operation, frozen=True, kw_only=True, tag="set-default"):
    """Change a column's default (``expression`` in the engine's SQL; None drops it)."""

    schema: str
    table: str
    column: str
    expression: str | None = None
    previous: str | None = None
    identity_fields: ClassVar[tuple[str, ...]] = ("schema", "table", "column")


class SetColumnOption(Operation, frozen=True, kw_only=True, tag="set-column-option"):
    """Change how a column is stored or sampled, for instance its compression or its statistics target."""

    schema: str
    table: str
    column: str
    option: str
    value: str
    identity_fields: ClassVar[tuple[str, ...]] = ("schema", "table", "column", "option")


class DropColumn(Operation, frozen=True, kw_only=True, tag="drop-column"):
    """Drop a column that nothing uses."""

    schema: str
    table: str
    column: str
    identity_fields: ClassVar[tuple[str, ...]] = ("schema", "table", "column")
