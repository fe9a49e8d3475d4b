"""What a relational engine's catalog says of its objects, with the statistics that the engine keeps beside them.

Objects are addressed by (schema, name) pairs, never by a dotted string: a name may itself hold a dot. The dotted
``path`` is for people and for the report. ``None`` always means "not known", never "zero" or "no".
Sizes are bytes, ages are transactions unless a name says otherwise, times are ISO 8601 strings in UTC.
"""

from __future__ import annotations

from typing import Literal

from msgspec import Struct

from auditor.model.documents import Documents, FieldShape
from auditor.model.statistics import Bloat, ColumnStatistics, TableUsage

Key = tuple[str, str]


def dotted(*parts: str) -> str:
    """Join the parts of a name as a report shows it, unquoted."""
    return ".".join(parts)


class Column(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A column of a table, or a field of a collection's documents: its ``name`` is its path, ``shape`` what was seen.

    ``type`` is as the engine writes it. ``family`` is one of integer, decimal, float, money, boolean, text, char, uuid,
    date, time, time-tz, timestamp, timestamp-tz, interval, json, jsonb, document, binary, array, enum, domain, range,
    network, bit, geometric, search, vector, xml, reg, other; "char" is the blank-padded type. ``bits`` is the width of
    an integer or float, ``unsigned`` says that all of them count upwards from zero. ``length`` is the declared limit in
    characters. ``sequence`` is the (schema, name) of the sequence that feeds the column. ``base_type`` names what a
    domain or an array is made of. ``character_set`` is set where an engine has one for each column. ``on_update`` is
    the expression that an update of the row gives the column, ``hidden`` says that ``SELECT *`` leaves it out.
    ``statistics`` is None when the column was never analysed *or* the statistics may not be read:
    ``Table.statistics_visible`` tells which.
    """

    name: str
    position: int
    type: str
    family: str
    bits: int | None = None
    unsigned: bool = False
    length: int | None = None
    precision: int | None = None
    scale: int | None = None
    base_type: str | None = None
    nullable: bool = True
    default: str | None = None
    identity: Literal["always", "by-default"] | None = None
    generated: Literal["stored", "virtual"] | None = None
    sequence: Key | None = None
    on_update: str | None = None
    hidden: bool = False
    character_set: str | None = None
    collation: str | None = None
    compression: str | None = None
    statistics_target: int | None = None
    comment: str | None = None
    statistics: ColumnStatistics | None = None
    shape: FieldShape | None = None


class Table(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A table, partitioned table, foreign table, materialised view, or collection of documents.

    ``rows`` is the engine's estimate, None when it was never analysed. ``bytes`` counts heap, indexes and out-of-line
    storage, over all partitions for a partitioned table. ``parent_*`` is set for a partition. ``unreadable`` says why
    facts are missing (for instance a lock that somebody holds). ``dropped_columns`` counts attribute slots that old
    columns still occupy. ``statistics_visible`` is False when the session may not read the column statistics.
    ``engine`` names what stores the rows, and ``collation`` is the default of the table's text columns: both are None
    where the product has one storage engine and no such default.

    Where partitions are no tables that anybody can address, a table that has some is a plain table whose
    ``partition_*`` fields are set; it carries the sizes and counters of all of them itself, and ``parts`` lists them in
    their order. ``row_versions`` counts the shapes of rows that changes without a rewrite have left behind.

    Where an engine counts for its own statistics what is written, ``changed_rows`` were since it gathered them, at
    ``statistics_at``.
    """

    schema: str
    name: str
    kind: Literal["table", "partitioned", "foreign", "materialized-view", "collection"] = "table"
    engine: str | None = None
    collation: str | None = None
    owner: str | None = None
    persistence: Literal["permanent", "unlogged", "temporary"] = "permanent"
    columns: tuple[Column, ...] = ()
    rows: float | None = None
    bytes: int | None = None
    heap_bytes: int | None = None
    index_bytes: int | None = None
    toast_bytes: int | None = None
    options: dict[str, str] = {}
    parent_schema: str | None = None
    parent_name: str | None = None
    partition_strategy: Literal["range", "list", "hash"] | None = None
    partition_key: str | None = None
    partition_columns: tuple[str, ...] = ()
    partition_bound: str | None = None
    default_partition: bool = False
    detach_pending: bool = False
    inherits: tuple[Key, ...] = ()
    extension: str | None = None
    comment: str | None = None
    row_security: bool = False
    row_security_forced: bool = False
    replica_identity: Literal["default", "full", "index", "nothing"] | None = None
    populated: bool = True
    tablespace: str | None = None
    parts: tuple[Part, ...] = ()
    dropped_columns: int = 0
    row_versions: int | None = None
    changed_rows: int | None = None
    statistics_at: str | None = None
    transaction_age: int | None = None
    multixact_age: int | None = None
    usage: TableUsage | None = None
    bloat: Bloat | None = None
    documents: Documents | None = None
    statistics_visible: bool = True
    unreadable: str | None = None

    @property
    def key(self) -> Key:
        """The address of the table."""
        return (self.schema, self.name)

    @property
    def path(self) -> str:
        """The name as a report shows it."""
        return dotted(self.schema, self.name)

    @property
    def parent(self) -> Key | None:
        """The partitioned table that this is a partition of."""
        return (self.parent_schema, self.parent_name or "") if self.parent_schema is not None else None

    def column(self, name: str) -> Column | None:
        """Return the column of that name."""
        for column in self.columns:
            if column.name == name:
                return column
        return None

    def column_path(self, name: str) -> str:
        """The name of a column as a report shows it."""
        return dotted(self.schema, self.name, name)


class Part(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A partition that is no table of its own: its name, the bound below which its rows lie, their estimated number.

    ``until`` is that bound as a moment, where the rows are ordered by one that could be read. ``rest`` says that it
    takes all rows for which no other partition is meant.
    """

    name: str
    bound: str | None = None
    until: str | None = None
    rest: bool = False
    rows: float | None = None


class IndexPart(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One key part of an index: a column or an expression, with all that makes two indexes differ.

    ``length`` is how many characters or bytes of the column the index holds, None for all of it.
    """

    column: str | None = None
    length: int | None = None
    expression: str | None = None
    descending: bool = False
    nulls_first: bool = False
    operator_class: str | None = None
    default_operator_class: bool = True
    collation: str | None = None


class Index(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """An index. ``include`` lists payload columns; ``predicate`` is the condition of a partial index.

    ``name`` is unique within the schema. Where an engine's names of indexes are unique within their table only, it is
    "table.index", which makes the dotted path schema.table.index. ``constraint`` names the constraint that it enforces.
    ``parent_name`` is set for an index of a partition that belongs to a partitioned index (of the same schema as
    ``parent_schema``). ``visible`` is False when the planner was told to leave it alone, though it is kept up to date.
    ``scans`` counts since ``Snapshot.target.stats_since``, as ``TableUsage`` does, or since ``scans_since`` where the
    engine counts for each index by itself. ``distinct`` is how many values the engine estimates in the first part,
    where it keeps such an estimate with the index. ``sparse``: rows that have none of its parts are left out.
    ``expire_seconds``: the engine deletes rows this long after the moment that the first part holds. ``several`` lists
    the columns of which it may hold many entries for one row, None where that is not known.
    """

    schema: str
    table: str
    name: str
    method: str = "btree"
    parts: tuple[IndexPart, ...] = ()
    include: tuple[str, ...] = ()
    predicate: str | None = None
    unique: bool = False
    primary: bool = False
    exclusion: bool = False
    nulls_not_distinct: bool = False
    deferrable: bool = False
    valid: bool = True
    ready: bool = True
    visible: bool = True
    partitioned: bool = False
    parent_schema: str | None = None
    parent_name: str | None = None
    constraint: str | None = None
    replica_identity: bool = False
    clustered: bool = False
    extension: str | None = None
    definition: str | None = None
    options: dict[str, str] = {}
    bytes: int | None = None
    rows: float | None = None
    distinct: float | None = None
    sparse: bool = False
    expire_seconds: int | None = None
    several: tuple[str, ...] | None = None
    scans: int | None = None
    scans_since: str | None = None
    rows_read: int | None = None
    last_scan: str | None = None
    bloat: Bloat | None = None

    @property
    def key(self) -> Key:
        """The address of the index."""
        return (self.schema, self.name)

    @property
    def table_key(self) -> Key:
        """The address of its table."""
        return (self.schema, self.table)

    @property
    def path(self) -> str:
        """The name as a report shows it: schema.index, or schema.table.index."""
        return dotted(self.schema, self.name)

    @property
    def columns(self) -> tuple[str, ...]:
        """The key columns, without expressions."""
        return tuple(part.column for part in self.parts if part.column is not None)

    @property
    def is_expression(self) -> bool:
        """Whether any key part is an expression."""
        return any(part.expression is not None for part in self.parts)

    @property
    def complete(self) -> bool:
        """Whether it holds every row that it should, so that a rule can rest on it."""
        return self.valid and self.ready

    @property
    def usable(self) -> bool:
        """Whether the planner may use it."""
        return self.complete and self.visible


class Constraint(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A constraint of a table.

    ``index`` names the index that enforces it or, for a foreign key, that it refers to, as ``Index.name`` has it.

    ``inherited`` is True for the copy that a partition carries of its parent's constraint. ``triggers_disabled`` says
    that somebody switched off what checks a foreign key at run time.
    """

    schema: str
    table: str
    name: str
    kind: Literal["primary-key", "unique", "foreign-key", "check", "exclusion", "not-null"]
    columns: tuple[str, ...] = ()
    referenced_schema: str | None = None
    referenced_table: str | None = None
    referenced_columns: tuple[str, ...] = ()
    on_delete: str = "no action"
    on_delete_columns: tuple[str, ...] = ()
    on_update: str = "no action"
    match: Literal["simple", "full"] = "simple"
    validated: bool = True
    enforced: bool = True
    triggers_disabled: bool = False
    deferrable: bool = False
    definition: str | None = None
    index: str | None = None
    inherited: bool = False
    comment: str | None = None

    @property
    def table_key(self) -> Key:
        """The address of its table."""
        return (self.schema, self.table)

    @property
    def referenced_key(self) -> Key | None:
        """The address of the table that a foreign key refers to."""
        if self.referenced_schema is None or self.referenced_table is None:
            return None
        return (self.referenced_schema, self.referenced_table)

    @property
    def path(self) -> str:
        """The name as a report shows it: schema.table.constraint."""
        return dotted(self.schema, self.table, self.name)


class Sequence(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A sequence. ``last_value`` is None when never used or not visible; ``readable`` tells which.

    ``owner_*`` is the column that owns it (serial, identity); ``fed`` lists (schema, table, column) of every column
    whose default takes from it. A counter that an engine keeps inside a table for one of its columns is one too: its
    name is "table.column", and it has no ``bits`` and no limit of its own but that of the column.
    """

    schema: str
    name: str
    bits: int | None = None
    minimum: int = 1
    maximum: int = 9223372036854775807
    increment: int = 1
    start: int = 1
    cache: int = 1
    cycle: bool = False
    last_value: int | None = None
    readable: bool = True
    owner_schema: str | None = None
    owner_table: str | None = None
    owner_column: str | None = None
    identity: bool = False
    fed: tuple[tuple[str, str, str], ...] = ()
    extension: str | None = None

    @property
    def key(self) -> Key:
        """The address of the sequence."""
        return (self.schema, self.name)

    @property
    def path(self) -> str:
        """The name as a report shows it."""
        return dotted(self.schema, self.name)


class ViewCall(Struct, frozen=True, kw_only=True):
    """What a view asks of something else than its tables, and when it answers otherwise.

    ``varies``: by "call" (each time anew), by "session" (who reads, and with which settings), or by "statement": with
    the moment, the time zone, or whatever else its author had in mind.
    """

    name: str
    varies: Literal["call", "session", "statement"]


class View(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A view (materialised ones are tables). ``reads`` lists the (schema, name) of what it selects from.

    ``columns`` are its own, each with its type; ``calls`` what it calls itself, but for what always gives the
    same, None where that was not seen. ``checked``: rows that are written through it must be such as it shows.
    """

    schema: str
    name: str
    owner: str | None = None
    security_invoker: bool = False
    security_barrier: bool = False
    reads: tuple[Key, ...] = ()
    columns_read: tuple[tuple[str, str, str], ...] = ()
    columns: tuple[tuple[str, str], ...] = ()
    calls: tuple[ViewCall, ...] | None = None
    checked: bool = False
    extension: str | None = None

    @property
    def key(self) -> Key:
        """The address of the view."""
        return (self.schema, self.name)

    @property
    def path(self) -> str:
        """The name as a report shows it."""
        return dotted(self.schema, self.name)


class Routine(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A function or procedure; its body is never kept. ``settings`` are the session settings that it fixes.

    ``body_bound`` says that the names in its body were resolved when it was created, whatever path its caller has.
    """

    schema: str
    name: str
    arguments: str = ""
    kind: Literal["function", "procedure", "aggregate", "window", "trigger"] = "function"
    language: str = "sql"
    language_trusted: bool = True
    owner: str | None = None
    owner_superuser: bool | None = None
    security_definer: bool = False
    settings: dict[str, str] = {}
    volatility: Literal["immutable", "stable", "volatile"] = "volatile"
    public_execute: bool = False
    body_bound: bool = False
    extension: str | None = None

    @property
    def path(self) -> str:
        """The name as a report shows it: schema.function."""
        return dotted(self.schema, self.name)

    @property
    def signature(self) -> str:
        """The name with its argument types."""
        return f"{self.path}({self.arguments})"


class Trigger(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A user trigger of a table. ``enabled`` is "origin", "replica", "always" or "disabled".

    ``owner`` is whose rights it has where a trigger has its own, None where it has those of whoever fires it.
    ``writes`` lists the (schema, name) of tables that its own text changes, where it has one that tells.
    """

    schema: str
    table: str
    name: str
    owner: str | None = None
    enabled: Literal["origin", "replica", "always", "disabled"] = "origin"
    level: Literal["row", "statement"] = "row"
    timing: str = "after"
    events: tuple[str, ...] = ()
    function: str | None = None
    writes: tuple[Key, ...] = ()

    @property
    def table_key(self) -> Key:
        """The address of its table."""
        return (self.schema, self.table)

    @property
    def path(self) -> str:
        """The name as a report shows it."""
        return dotted(self.schema, self.table, self.name)


class Rule(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A rule that rewrites statements on a table or view; those that make a view are not among them.

    ``instead``: the rule's actions take the statement's place; ``nothing``: there are none. ``conditional``: it has a
    condition of its own. ``enabled`` is as for a trigger.
    """

    schema: str
    table: str
    name: str
    event: Literal["select", "insert", "update", "delete"]
    instead: bool = False
    nothing: bool = False
    conditional: bool = False
    enabled: Literal["origin", "replica", "always", "disabled"] = "origin"

    @property
    def table_key(self) -> Key:
        """The address of its table or view."""
        return (self.schema, self.table)

    @property
    def path(self) -> str:
        """The name as a report shows it."""
        return dotted(self.schema, self.table, self.name)


class Job(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Something that the server itself runs by a schedule. ``enabled`` "elsewhere": on another server than this one."""

    schema: str
    name: str
    owner: str | None = None
    enabled: Literal["yes", "no", "elsewhere"] = "yes"

    @property
    def path(self) -> str:
        """The name as a report shows it."""
        return dotted(self.schema, self.name)


class Policy(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A row-level security policy. ``command`` is "all", "select", "insert", "update" or "delete"."""

    schema: str
    table: str
    name: str
    permissive: bool = True
    command: str = "all"
    roles: tuple[str, ...] = ()
    using: str | None = None
    check: str | None = None

    @property
    def table_key(self) -> Key:
        """The address of its table."""
        return (self.schema, self.table)

    @property
    def path(self) -> str:
        """The name as a report shows it."""
        return dotted(self.schema, self.table, self.name)


class EnumType(Struct, frozen=True, kw_only=True):
    """An enumerated type with the number of its labels."""

    schema: str
    name: str
    labels: int


class Schema(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A schema. ``public_create`` says whether everybody may create objects in it.

    ``collation`` is the default of its new tables, None where the product has no such default.
    """

    name: str
    owner: str | None = None
    collation: str | None = None
    public_create: bool = False
    public_usage: bool = False
    extension: str | None = None


class Extension(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """An extension that is installed or only available. ``schema`` is None when it is not installed."""

    name: str
    schema: str | None = None
    installed: str | None = None
    available: str | None = None
    relocatable: bool = False
    trusted: bool = False


class ExtendedStatistics(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Multi-column statistics of a table."""

    schema: str
    name: str
    table_schema: str
    table: str
    columns: tuple[str, ...] = ()
    kinds: tuple[str, ...] = ()


class Catalog(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """All objects of one database, sorted by address."""

    schemas: tuple[Schema, ...] = ()
    tables: tuple[Table, ...] = ()
    indexes: tuple[Index, ...] = ()
    constraints: tuple[Constraint, ...] = ()
    sequences: tuple[Sequence, ...] = ()
    views: tuple[View, ...] = ()
    routines: tuple[Routine, ...] = ()
    triggers: tuple[Trigger, ...] = ()
    jobs: tuple[Job, ...] = ()
    rules: tuple[Rule, ...] = ()
    policies: tuple[Policy, ...] = ()
    enums: tuple[EnumType, ...] = ()
    extensions: tuple[Extension, ...] = ()
    extended_statistics: tuple[ExtendedStatistics, ...] = ()
