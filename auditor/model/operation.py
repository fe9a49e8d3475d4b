"""What should change, in words that every engine shares: typed values, no statements.

A check proposes operations; the planner merges the ones with the same identity, resolves contradictions, and asks the
engine's recipes how each is done. ``schema``/``table``/``name`` are unquoted, as in the catalog.
"""

from __future__ import annotations

from typing import ClassVar

from msgspec import Struct
from msgspec.structs import force_setattr

from auditor.model.catalog import Key, dotted


class Operation(Struct, frozen=True, kw_only=True, tag_field="kind", omit_defaults=True):
    """Base of all operations. ``id`` follows from the content, so that the same change proposed twice is one change."""

    id: str = ""

    identity_fields: ClassVar[tuple[str, ...]] = ()

    def __post_init__(self) -> None:
        """Derive the identity from the kind and the identity fields."""
        if not self.id:
            parts = (getattr(self, field) for field in self.identity_fields)
            name = ".".join(",".join(part) if isinstance(part, tuple) else str(part) for part in parts if part)
            force_setattr(self, "id", f"{self.kind}:{name}")

    @property
    def kind(self) -> str:
        """The tag of the operation, in kebab-case."""
        return str(self.__struct_config__.tag)

    @property
    def table_key(self) -> Key | None:
        """The table that the operation works on, if it works on one."""
        table = getattr(self, "table", None)
        return (getattr(self, "schema", ""), table) if table else None

    @property
    def path(self) -> str:
        """The subject's name as a report shows it."""
        parts = (getattr(self, field, None) for field in ("schema", "table", "column", "name"))
        return dotted(*(part for part in parts if isinstance(part, str) and part))


# --- indexes -----------------------------------------------------------------------------------------------------


class AddIndex(Operation, frozen=True, kw_only=True, tag="add-index"):
    """Build an index over ``columns`` or, when given, over ``expressions`` in the engine's SQL."""

    schema: str
    table: str
    columns: tuple[str, ...] = ()
    expressions: tuple[str, ...] = ()
    include: tuple[str, ...] = ()
    predicate: str | None = None
    method: str | None = None
    operator_classes: dict[str, str] = {}
    unique: bool = False
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


# --- constraints -------------------------------------------------------------------------------------------------


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
    """Make columns unique. ``predicate`` limits it to some rows; ``nulls_not_distinct`` counts NULLs as equal."""

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


class SetNotNull(Operation, frozen=True, kw_only=True, tag="set-not-null"):
    """Forbid NULL in a column that holds none. The planner sets ``together``: other columns that share its steps."""

    schema: str
    table: str
    column: str
    together: tuple[str, ...] = ()
    identity_fields: ClassVar[tuple[str, ...]] = ("schema", "table", "column")


# --- columns -----------------------------------------------------------------------------------------------------


class ChangeColumnType(Operation, frozen=True, kw_only=True, tag="change-column-type"):
    """Change a column's type with no rewrite under a lock. ``using`` converts the old value, written ``{column}``.

    The planner sets the rest: ``together`` are changes of the same table, or of keys that refer to this column, that
    share its pass; ``without`` names indexes that are not carried over because the plan drops them.
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


# --- tables ------------------------------------------------------------------------------------------------------


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
    """Move ``columns`` of a table into a child or companion table named ``into``."""

    schema: str
    table: str
    columns: tuple[str, ...]
    into: str
    identity_fields: ClassVar[tuple[str, ...]] = ("schema", "table", "into")


# --- sequences ---------------------------------------------------------------------------------------------------


class AlterSequence(Operation, frozen=True, kw_only=True, tag="alter-sequence"):
    """Change a sequence: its type, its limit, its owner column (schema, table, column), or its next value."""

    schema: str
    name: str
    data_type: str | None = None
    maximum: int | None = None
    owned_by: tuple[str, str, str] | None = None
    restart_after_max_of: tuple[str, str, str] | None = None
    identity_fields: ClassVar[tuple[str, ...]] = ("schema", "name", "data_type", "owned_by", "restart_after_max_of")


# --- settings, access, extensions, replication -------------------------------------------------------------------


class SetSetting(Operation, frozen=True, kw_only=True, tag="set-setting"):
    """Change a configuration parameter, for the server or (``role``/``database``) for some sessions.

    ``previous`` is what it was, None for the engine's default; ``restart`` whether the change waits for a restart.
    """

    name: str
    value: str
    previous: str | None = None
    role: str | None = None
    database: str | None = None
    restart: bool = False
    identity_fields: ClassVar[tuple[str, ...]] = ("name", "role", "database")


class ResetSetting(Operation, frozen=True, kw_only=True, tag="reset-setting"):
    """Give a configuration parameter back its default."""

    name: str
    previous: str
    role: str | None = None
    database: str | None = None
    restart: bool = False
    identity_fields: ClassVar[tuple[str, ...]] = ("name", "role", "database")


class AlterRole(Operation, frozen=True, kw_only=True, tag="alter-role"):
    """Change attributes of a role; keys are attribute names of the catalog model, values whether it keeps them."""

    name: str
    attributes: dict[str, bool]
    identity_fields: ClassVar[tuple[str, ...]] = ("name",)


class RevokeMembership(Operation, frozen=True, kw_only=True, tag="revoke-membership"):
    """Take a role out of another."""

    name: str
    role: str
    identity_fields: ClassVar[tuple[str, ...]] = ("name", "role")


class Revoke(Operation, frozen=True, kw_only=True, tag="revoke"):
    """Take privileges away. ``object_kind`` as in a grant; ``arguments`` for a routine."""

    object_kind: str
    schema: str | None = None
    name: str
    arguments: str | None = None
    privileges: tuple[str, ...]
    grantee: str
    identity_fields: ClassVar[tuple[str, ...]] = ("object_kind", "schema", "name", "arguments", "grantee")


class SetRoutineSetting(Operation, frozen=True, kw_only=True, tag="set-routine-setting"):
    """Fix a session setting for the time of a routine's execution."""

    schema: str
    name: str
    arguments: str
    setting: str
    value: str
    identity_fields: ClassVar[tuple[str, ...]] = ("schema", "name", "arguments", "setting")


class SetViewOption(Operation, frozen=True, kw_only=True, tag="set-view-option"):
    """Set an option of a view."""

    schema: str
    name: str
    option: str
    value: str
    identity_fields: ClassVar[tuple[str, ...]] = ("schema", "name", "option")


class SetRowSecurity(Operation, frozen=True, kw_only=True, tag="set-row-security"):
    """Switch row-level security of a table on (``force``: also for the owner)."""

    schema: str
    table: str
    force: bool = False
    identity_fields: ClassVar[tuple[str, ...]] = ("schema", "table")


class ChangeHostRule(Operation, frozen=True, kw_only=True, tag="change-host-rule"):
    """Change the authentication method of host-based rules, in stages."""

    line: int
    from_method: str
    to_method: str
    rule: str
    identity_fields: ClassVar[tuple[str, ...]] = ("line",)


class EnableTls(Operation, frozen=True, kw_only=True, tag="enable-tls"):
    """Encrypt client connections, first offered, then required."""

    name: str = "server"
    identity_fields: ClassVar[tuple[str, ...]] = ("name",)


class ReplacePasswordHash(Operation, frozen=True, kw_only=True, tag="replace-password-hash"):
    """Have a role's password stored with the strong hash."""

    name: str
    identity_fields: ClassVar[tuple[str, ...]] = ("name",)


class CreateExtension(Operation, frozen=True, kw_only=True, tag="create-extension"):
    """Install an extension; ``preload`` when the server must load its library at start.

    The planner sets ``together``: the other extensions that are to be loaded by the same restart.
    """

    name: str
    preload: bool = False
    together: tuple[str, ...] = ()
    identity_fields: ClassVar[tuple[str, ...]] = ("name",)


class UpdateExtension(Operation, frozen=True, kw_only=True, tag="update-extension"):
    """Bring an extension's objects to the version of its installed library."""

    name: str
    from_version: str
    to_version: str
    identity_fields: ClassVar[tuple[str, ...]] = ("name",)


class MoveExtension(Operation, frozen=True, kw_only=True, tag="move-extension"):
    """Move a relocatable extension to a schema of its own."""

    name: str
    from_schema: str
    to_schema: str
    identity_fields: ClassVar[tuple[str, ...]] = ("name",)


class RefreshCollation(Operation, frozen=True, kw_only=True, tag="refresh-collation"):
    """Rebuild what depends on a changed collation, then record its new version. No ``name``: the database's default."""

    database: str | None = None
    schema: str | None = None
    name: str | None = None
    indexes: tuple[tuple[str, str], ...] = ()
    identity_fields: ClassVar[tuple[str, ...]] = ("database", "schema", "name")


class DropSlot(Operation, frozen=True, kw_only=True, tag="drop-slot"):
    """Drop a replication slot that nobody consumes."""

    name: str
    identity_fields: ClassVar[tuple[str, ...]] = ("name",)


class AddReplica(Operation, frozen=True, kw_only=True, tag="add-replica"):
    """Introduce a replica."""

    name: str = "server"
    identity_fields: ClassVar[tuple[str, ...]] = ("name",)


class EnableArchiving(Operation, frozen=True, kw_only=True, tag="enable-archiving"):
    """Introduce base backups and continuous archiving, with a restore test."""

    name: str = "server"
    identity_fields: ClassVar[tuple[str, ...]] = ("name",)


class EnableChecksums(Operation, frozen=True, kw_only=True, tag="enable-checksums"):
    """Protect data pages by checksums."""

    name: str = "server"
    identity_fields: ClassVar[tuple[str, ...]] = ("name",)


class IntroducePooler(Operation, frozen=True, kw_only=True, tag="introduce-pooler"):
    """Put a connection pooler between the application and the server."""

    name: str = "server"
    pool_size: int | None = None
    identity_fields: ClassVar[tuple[str, ...]] = ("name",)


class UpgradeServer(Operation, frozen=True, kw_only=True, tag="upgrade-server"):
    """Move to a newer version; ``major`` when it is another major version."""

    from_version: str
    to_version: str
    major: bool = False
    identity_fields: ClassVar[tuple[str, ...]] = ("to_version",)


class ResolvePreparedTransaction(Operation, frozen=True, kw_only=True, tag="resolve-prepared-transaction"):
    """Commit or roll back a forgotten prepared transaction, after its coordinator was asked."""

    name: str
    identity_fields: ClassVar[tuple[str, ...]] = ("name",)


class EndSession(Operation, frozen=True, kw_only=True, tag="end-session"):
    """End a session that holds others up, after its owner was asked."""

    session: int
    reason: str
    identity_fields: ClassVar[tuple[str, ...]] = ("session",)


class ChangeApplication(Operation, frozen=True, kw_only=True, tag="change-application"):
    """Something that only the application's code can change. ``topic`` is a slug, ``subject`` what it concerns."""

    topic: str
    subject: str
    instruction: str
    identity_fields: ClassVar[tuple[str, ...]] = ("topic", "subject")


AnyOperation = (
    AddIndex | DropIndex | RebuildIndex | CompletePartitionedIndex | AddPrimaryKey | AddForeignKey | AddUnique
    | AddCheck | ValidateConstraint | DropConstraint | SetNotNull | ChangeColumnType | UseIdentity | SetDefault
    | SetColumnOption | DropColumn | PartitionTable | AddPartitions | DrainDefaultPartition | FinishDetach
    | SetTableOptions | RepackTable | VacuumTable | AnalyzeTable | CreateStatistics | SetLogged | SetReplicaIdentity
    | SplitTable | AlterSequence | SetSetting | ResetSetting | AlterRole | RevokeMembership | Revoke
    | SetRoutineSetting | SetViewOption | SetRowSecurity | ChangeHostRule | EnableTls | ReplacePasswordHash
    | CreateExtension | UpdateExtension | MoveExtension | RefreshCollation | DropSlot | AddReplica | EnableArchiving
    | EnableChecksums | IntroducePooler | UpgradeServer | ResolvePreparedTransaction | EndSession | ChangeApplication
)  # fmt: skip
"""Every operation, as the report's decoder needs it."""
