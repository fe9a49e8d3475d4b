"""How PostgreSQL performs each kind of operation while clients go on working: drafts of steps, one recipe per kind."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from auditor.connector import Recipe
from auditor.model import operation as op
from auditor_connectors.postgresql.recipes import (
    access,
    application,
    archiving,
    clones_merging,
    columns,
    columns_type,
    constraints,
    documents,
    exclusions,
    extracting,
    indexes,
    lookups,
    materialising,
    merging,
    partitioning,
    partitions,
    replication,
    sequences,
    server,
    settings,
    splitting,
    tables,
    triggers,
    upgrading,
)
from auditor_connectors.postgresql.recipes.ranges import with_ranges
from auditor_connectors.postgresql.recipes.spelling import copyable

_BY_OPERATION: Mapping[type[op.Operation], Any] = {
    op.AddIndex: indexes.add_index,
    op.DropIndex: indexes.drop_index,
    op.RebuildIndex: indexes.rebuild_index,
    op.CompletePartitionedIndex: indexes.complete_partitioned_index,
    op.AddPrimaryKey: constraints.add_primary_key,
    op.AddForeignKey: constraints.add_foreign_key,
    op.AddUnique: constraints.add_unique,
    op.AddCheck: constraints.add_check,
    op.ValidateConstraint: constraints.validate_constraint,
    op.DropConstraint: constraints.drop_constraint,
    op.EnableTrigger: triggers.enable_trigger,
    op.SetNotNull: constraints.set_not_null,
    op.ChangeColumnType: columns_type.change_column_type,
    op.UseIdentity: sequences.use_identity,
    op.SetDefault: columns.set_default,
    op.SetColumnOption: columns.set_column_option,
    op.DropColumn: columns.drop_column,
    op.PartitionTable: partitioning.partition_table,
    op.AddPartitions: partitions.add_partitions,
    op.DrainDefaultPartition: partitions.drain_default_partition,
    op.FinishDetach: partitions.finish_detach,
    op.SetTableOptions: tables.set_table_options,
    op.RepackTable: tables.repack_table,
    op.VacuumTable: tables.vacuum_table,
    op.AnalyzeTable: tables.analyze_table,
    op.CreateStatistics: tables.create_statistics,
    op.SetLogged: tables.set_logged,
    op.SetReplicaIdentity: tables.set_replica_identity,
    op.MoveSchema: extracting.move_schema,
    op.ArchiveRows: archiving.archive_rows,
    op.SplitTable: splitting.split_table,
    op.AlterSequence: sequences.alter_sequence,
    op.SetSetting: settings.set_setting,
    op.ResetSetting: settings.reset_setting,
    op.AlterRole: access.alter_role,
    op.RevokeMembership: access.revoke_membership,
    op.Revoke: access.revoke,
    op.SetRoutineSetting: access.set_routine_setting,
    op.SetViewOption: access.set_view_option,
    op.SetRowSecurity: access.set_row_security,
    op.ChangeHostRule: access.change_host_rule,
    op.EnableTls: access.enable_tls,
    op.ReplacePasswordHash: access.replace_password_hash,
    op.CreateExtension: server.create_extension,
    op.UpdateExtension: server.update_extension,
    op.MoveExtension: server.move_extension,
    op.RefreshCollation: server.refresh_collation,
    op.DropSlot: replication.drop_slot,
    op.AddReplica: replication.add_replica,
    op.EnableArchiving: replication.enable_archiving,
    op.EnableChecksums: server.enable_checksums,
    op.IntroducePooler: server.introduce_pooler,
    op.UpgradeServer: upgrading.upgrade_server,
    op.ResolvePreparedTransaction: server.resolve_prepared_transaction,
    op.EndSession: server.end_session,
    op.ChangeApplication: application.change_application,
    op.EnumToLookup: lookups.enum_to_lookup,
    op.ExtractJson: documents.extract_json,
    op.AddExclusion: exclusions.add_exclusion,
    op.MergeTables: merging.merge_tables,
    op.MergeClones: clones_merging.merge_clones,
    op.MaterialiseView: materialising.materialise_view,
}

RECIPES: Mapping[str, Recipe] = {
    str(kind.__struct_config__.tag): copyable(with_ranges(recipe)) for kind, recipe in _BY_OPERATION.items()
}
"""Every kind of operation with the recipe that performs it."""
