"""How PostgreSQL performs each kind of operation while clients go on working: drafts of steps, one recipe per kind."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from auditor.connector import Recipe
from auditor.model import operation as op
from auditor_connectors.postgresql.recipes import constraints, indexes, sequences, settings

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
    op.SetNotNull: constraints.set_not_null,
    op.UseIdentity: sequences.use_identity,
    op.AlterSequence: sequences.alter_sequence,
    op.SetSetting: settings.set_setting,
    op.ResetSetting: settings.reset_setting,
}

RECIPES: Mapping[str, Recipe] = {str(kind.__struct_config__.tag): recipe for kind, recipe in _BY_OPERATION.items()}
"""Every kind of operation with the recipe that performs it."""
