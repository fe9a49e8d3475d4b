"""The recipe for triggers."""

from __future__ import annotations

from collections.abc import Iterator

from auditor.connector import Draft
from auditor.model.facts import Facts
from auditor.model.operation import EnableTrigger
from auditor.model.vocabulary import Phase
from auditor_connectors.drafting import application
from auditor_connectors.postgresql.recipes.queries import trigger_is
from auditor_connectors.postgresql.recipes.sql import ident, qualified
from auditor_connectors.postgresql.recipes.steps import SHARE_ROW_EXCLUSIVE, brief


def enable_trigger(operation: EnableTrigger, facts: Facts) -> Iterator[Draft]:
    """Have what it missed made up for, then switch it on under a brief lock that lets reads pass."""
    key, path = (operation.schema, operation.table), f"{operation.name} of {operation.schema}.{operation.table}"
    alter = f"ALTER TABLE {qualified(key)}"
    yield application(
        Phase.EXPAND,
        f"Make up for what the trigger {path} missed",
        "Find the rows that were written since it was switched off, and do for them what it does. If it is not wanted "
        "any more, drop it instead, and leave out the step that switches it on.",
    )
    yield brief(
        facts,
        Phase.SWITCH,
        f"Switch on the trigger {path}",
        f"{alter} ENABLE TRIGGER {ident(operation.name)}",
        lock=SHARE_ROW_EXCLUSIVE,
        verify=trigger_is(key, operation.name, "tgenabled = 'O'"),
        rollback=(f"{alter} DISABLE TRIGGER {ident(operation.name)}",),
        notes=("Writes fire it from the next statement on: those take longer, and fail where it raises an error.",),
    )
