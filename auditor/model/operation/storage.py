"""Operations on tables, partitions and sequences."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from auditor.model.operation.base import Operation


class PartitionTable(Operation, frozen=True, kw_only=True, tag="partition-table"):
    """Turn a plain table into a partitioned one. ``interval`` is the width of a range partition ("month")."""

    schema: str
    table: str
    column: str
    strategy: str = "range"
    interval: str | None = None
    identity_fields: ClassVar[tuple[str, ...]] = ("schema", "table")


class AddPartitions(Operation, frozen=True, kw_only=True, tag="add-partitions"):
    """Create partitions for the coming periods before rows arrive for them."""

    schema: str
    table: str
    column: str
    interval: str
    from_bound: str
    count: int = 3
    identity_fields: ClassVar[tuple[str, ...]] = ("schema", "table")


class DrainDefaultPartition(Operation, frozen=True, kw_only=True, tag="drain-default-partition"):
    """Move the rows of a default partition into partitions of their own."""

    schema: str
    table: str
    partition_schema: str
    partition: str
    identity_fields: ClassVar[tuple[str, ...]] = ("schema", "table")


class FinishDetach(Operation, frozen=True, kw_only=True, tag="finish-detach"):
    """Finish a partition's interrupted detach."""

    schema: str
    table: str
    partition_schema: str
    partition: str
    identity_fields: ClassVar[tuple[str, ...]] = ("schema", "table", "partition_schema", "partition")


class SetTableOptions(Operation, frozen=True, kw_only=True, tag="set-table-options"):
    """Set storage or maintenance options of a table; an empty value resets the option."""

    schema: str
    table: str
    options: dict[str, str]
    identity_fields: ClassVar[tuple[str, ...]] = ("schema", "table")


class ChangeCharacterSet(Operation, frozen=True, kw_only=True, tag="change-character-set"):
    """Store ``columns`` of a table in another character set, which columns that are added later have by default, too.

    Without a table it is the default of the schema's new tables that changes. ``collation`` says how texts compare from
    then on; without it each column compares as it did. The planner sets ``together``: the changes of other tables whose
    columns refer to these, or are referred to by them.
    """

    schema: str
    table: str | None = None
    columns: tuple[str, ...] = ()
    character_set: str
    collation: str | None = None
    together: tuple[ChangeCharacterSet, ...] = ()
    identity_fields: ClassVar[tuple[str, ...]] = ("schema", "table")
    planner_fields: ClassVar[tuple[str, ...]] = ("together",)


class RepackTable(Operation, frozen=True, kw_only=True, tag="repack-table"):
    """Give back a table's wasted space without locking it."""

    schema: str
    table: str
    identity_fields: ClassVar[tuple[str, ...]] = ("schema", "table")


class VacuumTable(Operation, frozen=True, kw_only=True, tag="vacuum-table"):
    """Clean a table's dead rows; ``freeze`` also resets its transaction age."""

    schema: str
    table: str
    freeze: bool = False
    identity_fields: ClassVar[tuple[str, ...]] = ("schema", "table")


class AnalyzeTable(Operation, frozen=True, kw_only=True, tag="analyze-table"):
    """Refresh a table's statistics."""

    schema: str
    table: str
    identity_fields: ClassVar[tuple[str, ...]] = ("schema", "table")


class CreateStatistics(Operation, frozen=True, kw_only=True, tag="create-statistics"):
    """Create multi-column statistics."""

    schema: str
    table: str
    columns: tuple[str, ...]
    identity_fields: ClassVar[tuple[str, ...]] = ("schema", "table", "columns")


class SetLogged(Operation, frozen=True, kw_only=True, tag="set-logged"):
    """Make an unlogged table durable."""

    schema: str
    table: str
    identity_fields: ClassVar[tuple[str, ...]] = ("schema", "table")


class SetReplicaIdentity(Operation, frozen=True, kw_only=True, tag="set-replica-identity"):
    """Choose how logical replication addresses a table's rows: "full", "default" or an index's name."""

    schema: str
    table: str
    identity: str
    identity_fields: ClassVar[tuple[str, ...]] = ("schema", "table")


class SplitTable(Operation, frozen=True, kw_only=True, tag="split-table"):
    """Move ``columns`` of a table into a child or companion table named ``into``.

    The planner sets ``types``: those that columns of the table have when the split begins, because the plan changes
    them before.
    """

    schema: str
    table: str
    columns: tuple[str, ...]
    into: str
    types: Mapping[str, str] = {}
    identity_fields: ClassVar[tuple[str, ...]] = ("schema", "table", "into")
    planner_fields: ClassVar[tuple[str, ...]] = ("types",)


class AlterSequence(Operation, frozen=True, kw_only=True, tag="alter-sequence"):
    """Change a sequence: its type, its limit, its owner column (schema, table, column), or its next value."""

    schema: str
    name: str
    data_type: str | None = None
    maximum: int | None = None
    owned_by: tuple[str, str, str] | None = None
    restart_after_max_of: tuple[str, str, str] | None = None
    identity_fields: ClassVar[tuple[str, ...]] = ("schema", "name", "data_type", "owned_by", "restart_after_max_of")
