"""How MySQL and MariaDB perform each kind of operation while clients go on working: one recipe per kind."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from auditor.connector import Draft, Recipe
from auditor.model import operation as op
from auditor.model.facts import Facts
from auditor.model.vocabulary import Phase
from auditor_connectors.mysql.recipes import (
    archiving,
    character_sets,
    checks,
    columns,
    indexes,
    keys,
    lookups,
    partitioning,
    references,
    server,
    settings,
    splitting,
    tables,
    types,
)
from auditor_connectors.mysql.recipes.steps import runbook

_BY_OPERATION: Mapping[type[op.Operation], Any] = {
    op.AddIndex: indexes.add_index,
    op.DropIndex: indexes.drop_index,
    op.AddPrimaryKey: keys.add_primary_key,
    op.AddUnique: keys.add_unique,
    op.AddForeignKey: references.add_foreign_key,
    op.AddCheck: checks.add_check,
    op.ValidateConstraint: checks.validate_constraint,
    op.DropConstraint: checks.drop_constraint,
    op.SetNotNull: columns.set_not_null,
    op.SetDefault: columns.set_default,
    op.DropColumn: columns.drop_column,
    op.ChangeColumnType: types.change_column_type,
    op.PartitionTable: partitioning.partition_table,
    op.ArchiveRows: archiving.archive_rows,
    op.EnumToLookup: lookups.enum_to_lookup,
    op.SplitTable: splitting.split_table,
    op.ChangeCharacterSet: character_sets.change_character_set,
    op.SetTableOptions: tables.set_table_options,
    op.RepackTable: tables.repack_table,
    op.AnalyzeTable: tables.analyze_table,
    op.SetSetting: settings.set_setting,
    op.ResetSetting: settings.reset_setting,
    op.UpgradeServer: server.upgrade_server,
    op.EndSession: server.end_session,
    op.ChangeApplication: server.change_application,
}

_ANYWHERE = (op.ChangeApplication,)
"""What has nothing to do with the server that runs it."""


def _by_its_own_means(kind: type[op.Operation], recipe: Any) -> Recipe:
    """Leave to people what a product with the same protocol and another engine does in a way of its own."""

    def drafts(operation: op.Operation, facts: Facts) -> Iterator[Draft]:
        if facts.capabilities.own_versions and not issubclass(kind, _ANYWHERE):
            product = facts.target.flavour or facts.target.product
            yield runbook(
                Phase.EXPAND,
                f"By the means of {product}: {operation.kind.replace('-', ' ')} {operation.path}".rstrip(),
                notes=(f"{product} changes structures online in a way of its own: see its manual.",),
            )
            return
        # What a tool leaves behind is dropped when all else is done, though the recipe drafts it beside the change.
        yield from sorted(recipe(operation, facts), key=lambda draft: Phase(draft.phase).rank)

    return drafts


RECIPES: Mapping[str, Recipe] = {
    str(kind.__struct_config__.tag): _by_its_own_means(kind, recipe) for kind, recipe in _BY_OPERATION.items()
}
"""The kinds of operation that have a recipe; of any other the plan says that it has none."""
