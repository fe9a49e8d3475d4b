"""How MongoDB performs each kind of operation while clients go on working: one recipe per kind."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from auditor.connector import Draft, Recipe
from auditor.model import operation as op
from auditor.model.facts import Facts
from auditor.model.vocabulary import Phase
from auditor_connectors.mongodb.recipes import accounts, expiry, fields, indexes, server, settings, types, validators

_BY_OPERATION: Mapping[type[op.Operation], Any] = {
    op.AddIndex: indexes.add_index,
    op.DropIndex: indexes.drop_index,
    op.SetValidator: validators.set_validator,
    op.ChangeColumnType: types.change_column_type,
    op.RenameColumn: fields.rename_column,
    op.DropColumn: fields.drop_column,
    op.SetExpiry: expiry.set_expiry,
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


def _in_phases(recipe: Any) -> Recipe:
    """Let what a recipe drafts stand in the order of its phases, whatever the order in which it comes to mind."""

    def drafts(operation: op.Operation, facts: Facts) -> Iterator[Draft]:
        yield from sorted(recipe(operation, facts), key=lambda draft: Phase(draft.phase).rank)

    return drafts


RECIPES: Mapping[str, Recipe] = {
    str(kind.__struct_config__.tag): _in_phases(recipe) for kind, recipe in _BY_OPERATION.items()
}
"""The kinds of operation that have a recipe; of any other the plan says that it has none."""
