"""Rules about tables and the server: what is done first, what last, and what excludes what."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from itertools import product
from typing import NamedTuple

from msgspec.structs import replace

from auditor.model.operation import (
    AddForeignKey,
    AddIndex,
    AddPartitions,
    AddPrimaryKey,
    AddReplica,
    AddUnique,
    AnalyzeTable,
    ArchiveRows,
    ChangeCharacterSet,
    ChangeColumnType,
    ChangeHostRule,
    ChangeShardKey,
    CompletePartitionedIndex,
    CreateExtension,
    CreateStatistics,
    DrainDefaultPartition,
    DropColumn,
    DropIndex,
    EnableArchiving,
    EnableChecksums,
    EnableTls,
    EnableTrigger,
    EnumToLookup,
    ExtractJson,
    FinishDetach,
    Operation,
    PartitionTable,
    RefreshCollation,
    RenameColumn,
    RepackTable,
    ReplacePasswordHash,
    ResetSetting,
    SetExpiry,
    SetLogged,
    SetReplicaIdentity,
    SetSetting,
    SetValidator,
    SplitTable,
    UpgradeServer,
    UseTimeSeries,
    VacuumTable,
)
from auditor.planning.agenda import Agenda


def choose_settings(agenda: Agenda) -> None:
    """Give a setting one value: setting it wins over resetting it, unless the reset answers a graver finding."""
    resets = {(one.name, one.role, one.database): one for one in agenda.every(ResetSetting)}
    for setting in agenda.every(SetSetting):
        reset = resets.get((setting.name, setting.role, setting.database))
        if reset is None:
            continue
        graver = agenda.rank(reset) < agenda.rank(setting)
        loser, winner = (setting, reset) if graver else (reset, setting)
        agenda.omit(
            loser, None, f"{winner.id} stands", f"{setting.name} can have one value; the graver finding decides."
        )


def preload_together(agenda: Agenda) -> None:
    """Load all libraries that wait for a restart by the same restart: the list of them is written once."""
    preloaded = [one for one in agenda.every(CreateExtension) if one.preload]
    for one in preloaded:
        others = tuple(other.name for other in preloaded if other.name != one.name)
        if others:
            agenda.replace(replace(one, together=others))


def forgo_partitioning(agenda: Agenda) -> None:
    """A partitioned table can be referred to only by a key that holds the partition column."""
    partitions = {one.table_key: one for one in agenda.every(PartitionTable)}
    for key in agenda.every(AddForeignKey):
        partition = partitions.get((key.referenced_schema, key.referenced_table))
        if partition is None or partition.column in key.referenced_columns or not agenda.stands(partition):
            continue
        reason = (
            f"A foreign key that does not hold {partition.column} cannot refer to a table partitioned by it. "
            "Rules in the data outweigh the layout."
        )
        agenda.omit(partition, None, "The table stays whole for now", reason)


# --- order -------------------------------------------------------------------------------------------------------


class Order(NamedTuple):
    """That operations of the kinds ``later`` wait for those of the kinds ``earlier``; see Edge."""

    later: tuple[type[Operation], ...]
    earlier: tuple[type[Operation], ...]
    reason: str
    firm: bool = True
    wholly: bool = False


_LAYOUT = (SplitTable, PartitionTable, UseTimeSeries, ChangeShardKey)
_INDEXES = (AddIndex, AddUnique, AddPrimaryKey, CompletePartitionedIndex)

ON_ONE_TABLE = (
    Order((VacuumTable,), (), ""),
    Order((PartitionTable,), (SplitTable,), "first what the table holds, then how it is laid out", wholly=True),
    Order(_LAYOUT, _LAYOUT, ""),
    Order(_LAYOUT, (SetValidator,), ""),
    Order(_LAYOUT, (Operation,), "the layout changes when nothing else is under way", wholly=True),
    Order(
        (ArchiveRows,),
        (ChangeColumnType, ChangeCharacterSet, DropColumn, EnumToLookup, ExtractJson),
        "rows of the archive come back only into a table with the same columns",
        wholly=True,
    ),
    Order((RepackTable,), (ArchiveRows,), "it gives back what the deleted rows leave", firm=False),
    Order((RepackTable,), (SetExpiry, RenameColumn), "it gives back what they leave", firm=False, wholly=True),
    Order(
        (SetValidator,),
        (ChangeColumnType, RenameColumn, SplitTable, DropColumn),
        "the rule is about the rows as they will be",
    ),
    Order((EnableTrigger,), (ChangeColumnType, AddPrimaryKey), "writing every row anew must not fire it"),
    Order((SetReplicaIdentity, RepackTable), (AddPrimaryKey,), "it needs the key"),
    Order((DropIndex,), (AddIndex,), "first what is new, then what is gone", firm=False),
    Order((AnalyzeTable,), (CreateStatistics, RepackTable), "the sample should see the result", firm=False),
    Order((DrainDefaultPartition,), (FinishDetach,), "a pending detach is in the way", firm=False),
    Order((AddPartitions, ArchiveRows), (FinishDetach,), "a pending detach is in the way", firm=False),
    Order(
        (AddPartitions, DrainDefaultPartition),
        _INDEXES,
        "a partition that came while an index is built part by part would lack its part",
    ),
    Order((SetLogged,), (Operation,), ""),
    Order((Operation,), (SetLogged,), "the durable copy takes the table's place"),
)
"""What waits for what on the same table. The first line that fits decides; one without a reason: nothing waits."""

_FREEZE = Order((Operation,), (VacuumTable,), "maintenance against wraparound gives way to nothing", firm=False)

ON_THE_SERVER = (
    Order((AddUnique, AddPrimaryKey), (RefreshCollation,), "a damaged index hides duplicates", firm=False),
    Order((ChangeHostRule,), (ReplacePasswordHash,), "the stronger method needs the stronger hash"),
    Order((ChangeHostRule,), (EnableTls,), "passwords should travel encrypted first", firm=False),
    Order((AddReplica,), (EnableArchiving,), "a replica starts from a backup", firm=False),
    Order((EnableChecksums, UpgradeServer), (AddReplica,), "it is done on the replica first", firm=False),
)
"""What waits for what on the whole server."""


def extend_once(agenda: Agenda) -> None:
    """Draining a default partition makes the partitions that come after it, too."""
    drains = {one.table_key: one for one in agenda.every(DrainDefaultPartition)}
    for partitions in agenda.every(AddPartitions):
        drain = drains.get(partitions.table_key)
        if drain is not None:
            reason = "The default partition's rows lie where the new ones would be: both are done in one step."
            agenda.omit(partitions, drain, "The drain makes the coming partitions", reason)


def order_tables(agenda: Agenda) -> None:
    """Order what is done to one table: cleaning first, keys before what needs them, a new layout last."""
    by_table = agenda.by_table(Operation)
    for operations in by_table.values():
        _order_kinds(agenda, operations)
    for key in agenda.every(AddForeignKey):
        for other in by_table.get((key.schema, key.table), ()):
            if isinstance(other, AddIndex) and set(other.columns[: len(key.columns)]) == set(key.columns):
                agenda.require(key, other, "deleting a referenced row must find the referring ones", firm=False)
        for other in by_table.get((key.referenced_schema, key.referenced_table), ()):
            if isinstance(other, AddPrimaryKey | AddUnique | SetLogged):
                agenda.require(key, other, "a foreign key needs the key that it refers to")
            elif isinstance(other, _LAYOUT):
                agenda.require(other, key, "the layout changes when nothing else is under way", wholly=True)


def order_durable(agenda: Agenda) -> None:
    """A durable table may refer to durable ones only: what is referred to becomes durable first."""
    durable = {one.table_key: one for one in agenda.every(SetLogged)}
    for key in agenda.facts.foreign_keys if durable else ():
        child, parent = durable.get(key.table_key), durable.get(key.referenced_key)
        if child is not None and parent is not None and child is not parent:
            agenda.require(child, parent, "a durable table refers to durable ones only")


def _order_kinds(agenda: Agenda, operations: Sequence[Operation]) -> None:
    """Ask for each pair of kinds which rule fits, rather than for each pair of operations."""
    kinds: dict[tuple[type[Operation], bool], list[Operation]] = defaultdict(list)
    for operation in operations:
        kinds[type(operation), isinstance(operation, VacuumTable) and operation.freeze].append(operation)
    for (later, waiting), (earlier, others) in product(kinds.items(), repeat=2):
        rule = _FREEZE if earlier[1] else _order(later[0], earlier[0])
        if rule is not None:
            agenda.require_all(waiting, others, rule.reason, wholly=rule.wholly, firm=rule.firm)


def _order(later: type[Operation], earlier: type[Operation]) -> Order | None:
    """The rule for two kinds, None where nothing waits."""
    for rule in ON_ONE_TABLE:
        if issubclass(later, rule.later) and (not rule.earlier or issubclass(earlier, rule.earlier)):
            return rule if rule.reason else None
    return None


def order_server(agenda: Agenda) -> None:
    """Order what concerns the whole server: safety before risk."""
    for rule in ON_THE_SERVER:
        for later, earlier in product(agenda.every(*rule.later), agenda.every(*rule.earlier)):
            agenda.require(later, earlier, rule.reason, firm=rule.firm)


def archive_or_partition(agenda: Agenda) -> None:
    """Do not copy and delete old rows of a table that the plan partitions: afterwards they go a period at a time."""
    partitioned = {one.table_key: one for one in agenda.every(PartitionTable)}
    for archive in agenda.every(ArchiveRows):
        if (partition := partitioned.get(archive.table_key)) is not None:
            agenda.omit(
                archive, partition, f"{partition.id} stands",
                "Once the table is partitioned, old rows go with their partition; ask again then.",
            )  # fmt: skip


RULES = (
    choose_settings,
    preload_together,
    forgo_partitioning,
    archive_or_partition,
    extend_once,
    order_tables,
    order_durable,
    order_server,
)
