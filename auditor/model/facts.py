"""What checks and recipes ask of a snapshot: look-ups that are computed once and shared.

Nothing here judges. A derived fact belongs here when a second check needs it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from functools import cached_property
from math import log10
from typing import Any, NamedTuple, TypeVar

from auditor.model.calibration import Calibration
from auditor.model.catalog import (
    Catalog,
    Column,
    Constraint,
    Extension,
    Index,
    Key,
    Policy,
    Routine,
    Table,
    Trigger,
    View,
)
from auditor.model.catalog import Sequence as SequenceObject
from auditor.model.finding import Unknown
from auditor.model.keyspace import Keyspace
from auditor.model.security import Grant, Role, Security
from auditor.model.server import Database, Server, Setting
from auditor.model.snapshot import Capabilities, ProbeResult, Snapshot, TargetInfo
from auditor.model.statement_uses import StatementUse, statement_uses, writers_of
from auditor.model.statistics import TableUsage
from auditor.model.vocabulary import ProbeOutcome
from auditor.model.workload import Session, SlowLog, Statement, Workload

T = TypeVar("T")
_SECONDS_PER_DAY = 86400.0


class TableColumn(NamedTuple):
    """A column together with its table."""

    table: Table
    column: Column

    @property
    def path(self) -> str:
        """The name as a report shows it."""
        return self.table.column_path(self.column.name)


def moment(text: str | None) -> datetime | None:
    """Read an ISO 8601 time of the snapshot."""
    return None if text is None else datetime.fromisoformat(text.replace("Z", "+00:00")).astimezone(UTC)


class Facts:
    """A snapshot with its look-ups. "User" objects are those that no extension owns.

    ``calibration`` is what a rehearsal measured of the engine's speed; None: estimates rest on the engine's defaults.
    """

    def __init__(self, snapshot: Snapshot, calibration: Calibration | None = None) -> None:
        self.snapshot = snapshot
        self.calibration = calibration
        self.target: TargetInfo = snapshot.target
        self.capabilities: Capabilities = snapshot.capabilities
        self.server: Server = snapshot.server
        self.catalog: Catalog = snapshot.catalog
        self.keyspace: Keyspace = snapshot.keyspace
        self.security: Security = snapshot.security
        self.workload: Workload = snapshot.workload
        self._computed: dict[object, Any] = {}
        self._exposures: dict[Key, float] = {}

    def once(self, key: object, compute: Callable[[], T]) -> T:
        """Compute something about the snapshot when it is first asked for, and remember it under the key."""
        if key not in self._computed:
            self._computed[key] = compute()
        found: T = self._computed[key]
        return found

    # --- the audit's own circumstances ---------------------------------------------------------------------------

    @cached_property
    def probes(self) -> Mapping[str, ProbeResult]:
        """Every probe by name."""
        return {probe.probe: probe for probe in self.snapshot.probes}

    @property
    def version(self) -> int:
        """The server's version as a number that grows with it (the engine's own encoding)."""
        return self.server.version_number

    @cached_property
    def now(self) -> datetime:
        """The moment of the snapshot: the only clock that a check has."""
        found = moment(self.target.collected_at)
        assert found is not None  # noqa: S101 -- collected_at is never None
        return found

    @property
    def stats_days(self) -> float | None:
        """How many days the usage counters have been counting; None when the server does not tell."""
        return self.target.stats_days

    def age(self, text: str | None) -> timedelta | None:
        """How long before the snapshot a time was."""
        then = moment(text)
        return None if then is None else self.now - then

    # --- settings --------------------------------------------------------------------------------------------------

    @cached_property
    def settings(self) -> Mapping[str, Setting]:
        """Every visible setting by name."""
        return {setting.name: setting for setting in self.server.settings}

    def setting(self, name: str) -> str | None:
        """The value of a setting, None when it is not visible or does not exist."""
        found = self.settings.get(name)
        return None if found is None else found.value

    def setting_number(self, name: str) -> float | None:
        """The value of a setting as a number, in its own unit."""
        value = self.setting(name)
        try:
            return None if value is None else float(value)
        except ValueError:
            return None

    def setting_bytes(self, name: str) -> int | None:
        """The value of a memory setting in bytes."""
        found = self.settings.get(name)
        return None if found is None else found.bytes

    def setting_seconds(self, name: str) -> float | None:
        """The value of a time setting in seconds."""
        found = self.settings.get(name)
        return None if found is None else found.seconds

    # --- counters --------------------------------------------------------------------------------------------------

    def counter(self, name: str) -> float | None:
        """One of the engine's own counters, None when it is not visible or does not exist."""
        return self.server.counters.get(name)

    def counted_days(self, names: Sequence[str], min_days: float) -> float | Unknown:
        """For how many days the engine's own counters have counted, Unknown where that is too short or not visible."""
        missing = [name for name in names if name not in self.server.counters]
        if missing:
            return Unknown(reason=f"the server has no counter {missing[0]}, or does not show it")
        seconds = self.server.counters_seconds
        if seconds is None:
            return Unknown(reason="the server does not tell since when it counts")
        days = seconds / _SECONDS_PER_DAY
        if days < min_days:
            return Unknown(reason=f"the server has counted for {days:.1f} days; {min_days:g} are needed")
        return days

    # --- tables ----------------------------------------------------------------------------------------------------

    @cached_property
    def _tables(self) -> Mapping[Key, Table]:
        return {table.key: table for table in self.catalog.tables}

    def table(self, key: Key | None) -> Table | None:
        """The table, materialised view or foreign table at an address."""
        return None if key is None else self._tables.get(key)

    @cached_property
    def tables(self) -> Sequence[Table]:
        """User tables, partitioned tables and collections; a partition counts as part of its root: it is not listed."""
        return [
            table
            for table in self.catalog.tables
            if table.extension is None and table.kind in ("table", "partitioned", "collection") and table.parent is None
        ]

    @cached_property
    def _tables_by_schema(self) -> Mapping[str, Sequence[Table]]:
        found: dict[str, list[Table]] = defaultdict(list)
        for table in self.tables:
            found[table.schema].append(table)
        return found

    def tables_in(self, schema: str) -> Sequence[Table]:
        """The user tables of a schema, partitions left out."""
        return self._tables_by_schema.get(schema, ())

    @cached_property
    def storage_tables(self) -> Sequence[Table]:
        """User tables that hold rows themselves: plain tables, leaf partitions, materialised views and collections."""
        return [
            table
            for table in self.catalog.tables
            if table.extension is None and table.kind in ("table", "materialized-view", "collection")
        ]

    @cached_property
    def materialized_views(self) -> Sequence[Table]:
        """User materialised views."""
        return [t for t in self.catalog.tables if t.extension is None and t.kind == "materialized-view"]

    @cached_property
    def partitions(self) -> Mapping[Key, Sequence[Table]]:
        """Direct partitions by the address of their parent."""
        found: dict[Key, list[Table]] = defaultdict(list)
        for table in self.catalog.tables:
            if table.parent is not None:
                found[table.parent].append(table)
        return found

    @cached_property
    def inheritors(self) -> Mapping[Key, Sequence[Table]]:
        """Tables that inherit from a plain table (partitions are not among them), by the address of that table."""
        found: dict[Key, list[Table]] = defaultdict(list)
        for table in self.catalog.tables:
            if table.parent is None:
                for above in table.inherits:
                    found[above].append(table)
        return found

    def root(self, table: Table) -> Table:
        """The topmost partitioned table that a partition belongs to, or the table itself."""
        seen = {table.key}
        while table.parent is not None and table.parent not in seen:
            above = self.table(table.parent)
            if above is None:
                break
            seen.add(above.key)
            table = above
        return table

    def leaves(self, table: Table) -> Sequence[Table]:
        """The tables that hold the rows of a table: its leaf partitions, or itself."""
        if table.kind != "partitioned":
            return [table]
        return [leaf for part in self.partitions.get(table.key, ()) for leaf in self.leaves(part)]

    def rows(self, table: Table | None) -> float:
        """The best estimate of a table's rows; 0.0 when nothing is known."""
        if table is None:
            return 0.0
        if table.kind == "partitioned":
            return sum(self.rows(leaf) for leaf in self.leaves(table))
        live = float(table.usage.live_rows) if table.usage is not None else 0.0
        return table.rows or live

    def writes(self, table: Table) -> int:
        """Rows written since the counters began, over all partitions."""
        return sum(leaf.usage.writes for leaf in self.leaves(table) if leaf.usage is not None)

    def told_usages(self, table: Table) -> Sequence[TableUsage]:
        """What was counted of a table, over all partitions, where inserts, updates and deletes are told apart."""
        return [usage for leaf in self.leaves(table) if (usage := leaf.usage) is not None and usage.changed is None]

    def exposure(self, table: Table | None) -> float:
        """How much of the database's life happens in a table: 1 + log10(1 + rows or activity), for the score."""
        if table is None:
            return 1.0
        found = self._exposures.get(table.key)
        if found is None:
            activity = sum(
                leaf.usage.writes + leaf.usage.index_scans + leaf.usage.sequential_scans
                for leaf in self.leaves(table)
                if leaf.usage is not None
            )
            found = self._exposures[table.key] = 1.0 + log10(1.0 + max(self.rows(table), float(activity), 0.0))
        return found

    @cached_property
    def columns(self) -> Sequence[TableColumn]:
        """Every column of every user table (partitions left out)."""
        return [TableColumn(table, column) for table in self.tables for column in table.columns]

    @cached_property
    def total_bytes(self) -> int | None:
        """The size of the database as far as its tables tell."""
        sizes = [t.bytes for t in self.catalog.tables if t.bytes is not None and t.kind != "partitioned"]
        return sum(sizes) if sizes else None

    # --- indexes ---------------------------------------------------------------------------------------------------

    @cached_property
    def _indexes(self) -> Mapping[Key, Index]:
        return {index.key: index for index in self.catalog.indexes}

    def index(self, key: Key) -> Index | None:
        """The index at an address."""
        return self._indexes.get(key)

    @cached_property
    def indexes(self) -> Sequence[Index]:
        """Indexes of user tables and materialised views; a partition's part of a partitioned index is not listed."""
        return [
            index
            for index in self.catalog.indexes
            if index.extension is None
            and index.parent_name is None
            and (table := self.table(index.table_key)) is not None
            and table.extension is None
        ]

    @cached_property
    def _indexes_by_table(self) -> Mapping[Key, Sequence[Index]]:
        found: dict[Key, list[Index]] = defaultdict(list)
        for index in self.catalog.indexes:
            found[index.table_key].append(index)
        return found

    def indexes_of(self, key: Key) -> Sequence[Index]:
        """All indexes of a table, valid or not."""
        return self._indexes_by_table.get(key, ())

    def plain_index_over(self, key: Key, columns: Sequence[str]) -> Index | None:
        """The first index of a table over just these columns, in this order, of all of its rows."""
        return self._plain_indexes.get((key, tuple(columns)))

    @cached_property
    def _plain_indexes(self) -> Mapping[tuple[Key, tuple[str, ...]], Index]:
        found: dict[tuple[Key, tuple[str, ...]], Index] = {}
        for index in self.catalog.indexes:
            if index.predicate is None and not index.include and not index.is_expression:
                found.setdefault((index.table_key, index.columns), index)
        return found

    @cached_property
    def _index_parts(self) -> Mapping[Key, Sequence[Index]]:
        found: dict[Key, list[Index]] = defaultdict(list)
        for index in self.catalog.indexes:
            if index.parent_name is not None and index.parent_schema is not None:
                found[(index.parent_schema, index.parent_name)].append(index)
        return found

    def index_children(self, index: Index) -> Sequence[Index]:
        """The direct parts of a partitioned index, one for each partition that has one."""
        return self._index_parts.get(index.key, ())

    def index_parts(self, index: Index) -> Sequence[Index]:
        """The indexes of the leaf partitions that make up a partitioned index, or the index itself."""
        if not index.partitioned:
            return [index]
        return [leaf for part in self._index_parts.get(index.key, ()) for leaf in self.index_parts(part)]

    def index_bytes(self, index: Index) -> int | None:
        """The size of an index over all partitions."""
        if not index.partitioned:
            return index.bytes
        sizes = [part.bytes for part in self.index_parts(index)]
        return None if not sizes or any(size is None for size in sizes) else sum(size or 0 for size in sizes)

    def index_scans(self, index: Index) -> int | None:
        """The scans of an index over all partitions."""
        if not index.partitioned:
            return index.scans
        scans = [part.scans for part in self.index_parts(index)]
        return None if not scans or any(count is None for count in scans) else sum(count or 0 for count in scans)

    # --- constraints -----------------------------------------------------------------------------------------------

    @cached_property
    def constraints(self) -> Sequence[Constraint]:
        """Constraints of user tables, without the copies that partitions inherit."""
        return [
            constraint
            for constraint in self.catalog.constraints
            if not constraint.inherited
            and (table := self.table(constraint.table_key)) is not None
            and table.extension is None
        ]

    @cached_property
    def foreign_keys(self) -> Sequence[Constraint]:
        """Foreign keys of user tables, each once (at the partitioned table, not at its partitions)."""
        return [constraint for constraint in self.constraints if constraint.kind == "foreign-key"]

    @cached_property
    def _constraints_by_table(self) -> Mapping[Key, Sequence[Constraint]]:
        found: dict[Key, list[Constraint]] = defaultdict(list)
        for constraint in self.catalog.constraints:
            found[constraint.table_key].append(constraint)
        return found

    @cached_property
    def _constraints_by_kind(self) -> Mapping[tuple[Key, str], Sequence[Constraint]]:
        found: dict[tuple[Key, str], list[Constraint]] = defaultdict(list)
        for constraint in self.catalog.constraints:
            found[constraint.table_key, constraint.kind].append(constraint)
        return found

    def constraints_of(self, key: Key, kind: str | None = None) -> Sequence[Constraint]:
        """The constraints of a table, of one kind if given."""
        if kind is None:
            return self._constraints_by_table.get(key, ())
        return self._constraints_by_kind.get((key, kind), ())

    def primary_key(self, key: Key) -> Constraint | None:
        """The primary key of a table."""
        found = self.constraints_of(key, "primary-key")
        return found[0] if found else None

    @cached_property
    def _referencing(self) -> Mapping[Key, Sequence[Constraint]]:
        found: dict[Key, list[Constraint]] = defaultdict(list)
        for constraint in self.foreign_keys:
            if constraint.referenced_key is not None:
                found[constraint.referenced_key].append(constraint)
        return found

    def referencing(self, key: Key) -> Sequence[Constraint]:
        """The foreign keys that refer to a table."""
        return self._referencing.get(key, ())

    # --- other objects ---------------------------------------------------------------------------------------------

    @cached_property
    def sequences(self) -> Sequence[SequenceObject]:
        """User sequences."""
        return [sequence for sequence in self.catalog.sequences if sequence.extension is None]

    @cached_property
    def _sequences_by_owner(self) -> Mapping[Key, Sequence[SequenceObject]]:
        found: dict[Key, list[SequenceObject]] = defaultdict(list)
        for sequence in self.sequences:
            if sequence.owner_schema is not None and sequence.owner_table is not None:
                found[sequence.owner_schema, sequence.owner_table].append(sequence)
        return found

    def sequences_of(self, key: Key) -> Sequence[SequenceObject]:
        """The sequences that columns of a table own."""
        return self._sequences_by_owner.get(key, ())

    @cached_property
    def _sequences(self) -> Mapping[Key, SequenceObject]:
        return {sequence.key: sequence for sequence in self.catalog.sequences}

    def sequence(self, key: Key | None) -> SequenceObject | None:
        """The sequence at an address."""
        return None if key is None else self._sequences.get(key)

    @cached_property
    def views(self) -> Sequence[View]:
        """User views."""
        return [view for view in self.catalog.views if view.extension is None]

    @cached_property
    def view_keys(self) -> frozenset[Key]:
        """The addresses of all views, for a look-up of names that are taken."""
        return frozenset(view.key for view in self.catalog.views)

    def view(self, key: Key) -> View | None:
        """The view at an address."""
        return self._views.get(key)

    @cached_property
    def _views(self) -> Mapping[Key, View]:
        return {view.key: view for view in self.catalog.views}

    def views_behind(self, key: Key) -> Sequence[View]:
        """The view at an address and those that it reads, directly or through others."""
        found: dict[Key, View] = {}
        waiting = [key]
        while waiting:
            view = self.view(waiting.pop())
            if view is not None and view.key not in found:
                found[view.key] = view
                waiting += view.reads
        return list(found.values())

    def tables_behind(self, key: Key) -> Sequence[Table]:
        """The tables and materialised views that a view reads, directly or through other views, by address."""
        keys = {one for view in self.views_behind(key) for one in view.reads}
        return [table for one in sorted(keys) if (table := self.table(one)) is not None]

    @cached_property
    def routines(self) -> Sequence[Routine]:
        """User functions and procedures."""
        return [routine for routine in self.catalog.routines if routine.extension is None]

    @cached_property
    def triggers(self) -> Sequence[Trigger]:
        """Triggers of user tables."""
        return [t for t in self.catalog.triggers if (o := self.table(t.table_key)) is None or o.extension is None]

    @cached_property
    def _policies(self) -> Mapping[Key, Sequence[Policy]]:
        found: dict[Key, list[Policy]] = defaultdict(list)
        for policy in self.catalog.policies:
            found[policy.table_key].append(policy)
        return found

    def policies_of(self, key: Key) -> Sequence[Policy]:
        """The row-level security policies of a table."""
        return self._policies.get(key, ())

    @cached_property
    def extensions(self) -> Mapping[str, Extension]:
        """Installed extensions by name."""
        return {e.name: e for e in self.catalog.extensions if e.installed is not None}

    @cached_property
    def roles(self) -> Mapping[str, Role]:
        """Every role by name."""
        return {role.name: role for role in self.security.roles}

    @cached_property
    def _grants(self) -> Mapping[tuple[str, str | None, str], Sequence[Grant]]:
        found: dict[tuple[str, str | None, str], list[Grant]] = defaultdict(list)
        for grant in self.security.grants:
            found[grant.kind, grant.schema, grant.name].append(grant)
        return found

    def grants_on(self, kind: str, schema: str | None, name: str) -> Sequence[Grant]:
        """The grants on an object."""
        return self._grants.get((kind, schema, name), ())

    @cached_property
    def database(self) -> Database | None:
        """The audited database among the server's."""
        return next((database for database in self.server.databases if database.current), None)

    @cached_property
    def activity(self) -> Database | None:
        """The counters of the audited database, or those of the server where it counts for all databases together."""
        return self.server.totals or self.database

    @property
    def activity_probe(self) -> str:
        """The probe that brought these counters."""
        if self.server.totals is None:
            return "databases"
        return "status" if "status" in self.probes else "server-status"

    # --- workload --------------------------------------------------------------------------------------------------

    @property
    def statements(self) -> Sequence[Statement]:
        """Normalised statements of this database with their totals."""
        return self.workload.statements

    @property
    def logs(self) -> Sequence[SlowLog | Unknown]:
        """The log of the server that was read; why not, where there is one that could not be; nothing without one."""
        if self.workload.slow_log is not None:
            return (self.workload.slow_log,)
        probe = self.probes.get("slow-log")
        if probe is None or probe.outcome in (ProbeOutcome.OK, ProbeOutcome.UNSUPPORTED):
            return ()
        return (Unknown(reason=f"the probe slow-log was {probe.outcome}: {probe.reason}", grant=probe.grant),)

    @cached_property
    def statement_uses(self) -> Mapping[Key, Sequence[StatementUse]]:
        """What the statements ask of each table, by the names of its columns in the catalog."""
        return statement_uses(self)

    def writers_of(self, key: Key) -> Sequence[Statement]:
        """The statements that change the rows of a table or view. A name without a schema may be that of any."""
        return writers_of(self, key)

    @cached_property
    def statement_ms(self) -> float:
        """The total time of all visible statements, in milliseconds."""
        return sum(statement.total_ms for statement in self.workload.statements)

    @cached_property
    def sessions(self) -> Sequence[Session]:
        """Client sessions at the moment of the snapshot."""
        return [session for session in self.workload.sessions if session.kind == "client"]
