"""How Redis and Valkey perform each kind of operation while clients go on working: one recipe per kind."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from auditor.connector import Draft, Recipe
from auditor.model import operation as op
from auditor.model.facts import Facts
from auditor.model.vocabulary import Phase
from auditor_connectors.redis.recipes import (
    accounts,
    clustering,
    expiring,
    moving,
    server,
    settings,
    splitting,
    streams,
    topology,
)

_BY_OPERATION: Mapping[type[op.Operation], Any] = {
    op.ExpireKeys: expiring.expire_keys,
    op.SplitKey: splitting.split_key,
    op.RenameKeys: moving.rename_keys,
    op.MoveKeys: moving.move_keys,
    op.TrimStream: streams.trim_stream,
    op.SetSetting: settings.set_setting,
    op.ResetSetting: settings.reset_setting,
    op.RestrictAccounts: accounts.restrict_accounts,
    op.AlterRole: accounts.alter_role,
    op.EnableTls: topology.enable_tls,
    op.AddReplica: topology.add_replica,
    op.UpgradeServer: topology.upgrade_server,
    op.MoveToCluster: clustering.move_to_cluster,
    op.IntroducePooler: server.introduce_pooler,
    op.EndSession: server.end_session,
    op.ChangeApplication: server.change_application,
}


def _in_phases(recipe: Any) -> Recipe:
    """Let what a recipe drafts stand in the order of its phases, whatever the order in which it comes to mind."""

    def drafts(operation: op.Operation, facts: Facts) -> Iterator[Draft]:
        yield from sorted(recipe(operation, facts), key=lambda one: Phase(one.phase).rank)

    return drafts


RECIPES: Mapping[str, Recipe] = {
    str(kind.__struct_config__.tag): _in_phases(recipe) for kind, recipe in _BY_OPERATION.items()
}
"""The kinds of operation that have a recipe; of any other the plan says that it has none."""
