"""What should change, in words that every engine shares: typed values, no statements.

A check proposes operations; the planner merges the ones with the same identity, resolves contradictions, and asks the
engine's recipes how each is done. ``schema``/``table``/``name`` are unquoted, as in the catalog.
"""

from __future__ import annotations

from auditor.model.operation.administration import (
    AddReplica,
    AlterRole,
    ChangeApplication,
    ChangeHostRule,
    CreateExtension,
    DropSlot,
    EnableArchiving,
    EnableChecksums,
    EnableTls,
    EndSession,
    IntroducePooler,
    MoveExtension,
    RefreshCollation,
    ReplacePasswordHash,
    ResetSetting,
    ResolvePreparedTransaction,
    Revoke,
    RevokeMembership,
    SetRoutineSetting,
    SetRowSecurity,
    SetSetting,
    SetViewOption,
    UpdateExtension,
    UpgradeServer,
)
from auditor.model.operation.base import (
    Operation,
)
from auditor.model.operation.documents import (
    ChangeShardKey,
    RenameColumn,
    SetExpiry,
    SetValidator,
    UseTimeSeries,
)
from auditor.model.operation.keyspace import (
    ExpireKeys,
    MoveKeys,
    MoveToCluster,
    RenameKeys,
    RestrictAccounts,
    SplitKey,
    TrimStream,
)
from auditor.model.operation.relocation import (
    ArchiveRows,
    MoveSchema,
)
from auditor.model.operation.restructuring import (
    AddExclusion,
    EnumToLookup,
    ExtractJson,
    MaterialiseView,
    MergeClones,
    MergeTables,
)
from auditor.model.operation.storage import (
    AddPartitions,
    AlterSequence,
    AnalyzeTable,
    ChangeCharacterSet,
    CreateStatistics,
    DrainDefaultPartition,
    FinishDetach,
    PartitionTable,
    RepackTable,
    SetLogged,
    SetReplicaIdentity,
    SetTableOptions,
    SplitTable,
    VacuumTable,
)
from auditor.model.operation.structure import (
    AddCheck,
    AddForeignKey,
    AddIndex,
    AddPrimaryKey,
    AddUnique,
    ChangeColumnType,
    CompletePartitionedIndex,
    DropColumn,
    DropConstraint,
    DropIndex,
    EnableTrigger,
    RebuildIndex,
    SetColumnOption,
    SetDefault,
    SetNotNull,
    UseIdentity,
    ValidateConstraint,
)

__all__ = [
    "AddCheck",
    "AddExclusion",
    "AddForeignKey",
    "AddIndex",
    "AddPartitions",
    "AddPrimaryKey",
    "AddReplica",
    "AddUnique",
    "AlterRole",
    "AlterSequence",
    "AnalyzeTable",
    "AnyOperation",
    "ArchiveRows",
    "ChangeApplication",
    "ChangeCharacterSet",
    "ChangeColumnType",
    "ChangeHostRule",
    "ChangeShardKey",
    "CompletePartitionedIndex",
    "CreateExtension",
    "CreateStatistics",
    "DrainDefaultPartition",
    "DropColumn",
    "DropConstraint",
    "DropIndex",
    "DropSlot",
    "EnableArchiving",
    "EnableChecksums",
    "EnableTls",
    "EnableTrigger",
    "EndSession",
    "EnumToLookup",
    "ExpireKeys",
    "ExtractJson",
    "FinishDetach",
    "IntroducePooler",
    "MaterialiseView",
    "MergeClones",
    "MergeTables",
    "MoveExtension",
    "MoveKeys",
    "MoveSchema",
    "MoveToCluster",
    "Operation",
    "PartitionTable",
    "RebuildIndex",
    "RefreshCollation",
    "RenameColumn",
    "RenameKeys",
    "RepackTable",
    "ReplacePasswordHash",
    "ResetSetting",
    "ResolvePreparedTransaction",
    "RestrictAccounts",
    "Revoke",
    "RevokeMembership",
    "SetColumnOption",
    "SetDefault",
    "SetExpiry",
    "SetLogged",
    "SetNotNull",
    "SetReplicaIdentity",
    "SetRoutineSetting",
    "SetRowSecurity",
    "SetSetting",
    "SetTableOptions",
    "SetValidator",
    "SetViewOption",
    "SplitKey",
    "SplitTable",
    "TrimStream",
    "UpdateExtension",
    "UpgradeServer",
    "UseIdentity",
    "UseTimeSeries",
    "VacuumTable",
    "ValidateConstraint",
]

AnyOperation = (
    AddIndex | DropIndex | RebuildIndex | CompletePartitionedIndex | AddPrimaryKey | AddForeignKey | AddUnique
    | AddCheck | ValidateConstraint | DropConstraint | EnableTrigger | SetNotNull | ChangeColumnType | UseIdentity
    | SetDefault | SetColumnOption | DropColumn | PartitionTable | AddPartitions | DrainDefaultPartition | FinishDetach
    | SetTableOptions | ChangeCharacterSet | RepackTable | VacuumTable | AnalyzeTable | CreateStatistics | SetLogged
    | SetReplicaIdentity | SplitTable | AlterSequence | SetSetting | ResetSetting | AlterRole | RevokeMembership
    | Revoke | SetRoutineSetting | SetViewOption | SetRowSecurity | ChangeHostRule | EnableTls | ReplacePasswordHash
    | CreateExtension | UpdateExtension | MoveExtension | RefreshCollation | DropSlot | AddReplica | EnableArchiving
    | EnableChecksums | IntroducePooler | UpgradeServer | ResolvePreparedTransaction | EndSession | ChangeApplication
    | MoveSchema | ArchiveRows
    | SetValidator | RenameColumn | SetExpiry | UseTimeSeries | ChangeShardKey
    | ExpireKeys | SplitKey | RenameKeys | TrimStream | MoveKeys | RestrictAccounts | MoveToCluster
    | EnumToLookup | ExtractJson | AddExclusion | MergeTables | MergeClones | MaterialiseView
)  # fmt: skip
"""Every operation, as the report's decoder needs it."""
