"""How MongoDB performs each kind of operation while clients go on working: one recipe per kind."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from auditor.connector import Draft, Recipe
from auditor.model import operation as op
from auditor.model.facts import Facts
from auditor.model.vocabulary import Phase
from auditor_connectors.mongodb.recipes import (
    accounts,
    clones,
    expiry,
    fields,
    indexes,
    series,
    server,
    settings,
    sharding,
    splitting,
    types,
    validators,
)
from auditor_connectors.mongodb.recipes.steps import draft

_BY_OPERATION: Mapping[type[op.Operation], Any] = {
    op.AddIndex: indexes.add_index,
    op.DropIndex: indexes.drop_index,
    op.SetValidator: validators.set_validator,
    op.ChangeColumnType: types.change_column_type,
    op.RenameColumn: fields.rename_column,
    op.DropColumn: fields.drop_column,
    op.SetExpiry: expiry.set_expiry,
    op.SplitTable: splitting.split_table,
    op.MergeClones: clones.merge_clones,
    op.UseTimeSeries: series.use_time_series,
    op.ChangeShardKey: sharding.change_shard_key,
    op.SetSetting: settings.set_setting,
    op.ResetSetting: settings.reset_setting,
    op.AlterRole: accounts.alter_role,
    op.Revoke: accounts.revoke,
    op.RevokeMembership: accounts.revoke_membership,
    op.RepackTable: server.repack_table,
    op.EnableTls: server.enable_tls,
    op.AddReplica: server.add_replica,
    op.UpgradeServer: server.upgrade_server,
    op.EndSession: server.end_session,
    op.ChangeApplication: server.change_application,
}


_ANYWHERE = (op.ChangeApplication,)
"""What has nothing to do with the server that runs it."""


def _in_phases(kind: type[op.Operation], recipe: Any) -> Recipe:
    """Let what a recipe drafts stand in the order of its phases, whatever the order in which it comes to mind.

    What a product with the same protocol and another engine does in a way of its own is left to people.
    """

    def drafts(operation: op.Operation, facts: Facts) -> Iterator[Draft]:
        if facts.capabilities.own_versions and not issubclass(kind, _ANYWHERE):
            product = facts.target.flavour or facts.target.product
            title = f"By the means of {product}: {operation.kind.replace('-', ' ')} {operation.path}".rstrip()
            yield draft(Phase.EXPAND, title, notes=(f"{product} does this in a way of its own: see its manual.",))
            return
        yield from sorted(recipe(operation, facts), key=lambda one: Phase(one.phase).rank)

    return drafts


RECIPES: Mapping[str, Recipe] = {
    str(kind.__struct_config__.tag): _in_phases(kind, recipe) for kind, recipe in _BY_OPERATION.items()
}
"""The kinds of operation that have a recipe; of any other the plan says that it has none."""
