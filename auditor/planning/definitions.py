"""Rules where a statement writes all of a column's definition: a later one would take back what an earlier one did.

The steps of each operation are written from the column as it is when the plan is made.
"""

from __future__ import annotations

from auditor.model.operation import (
    ChangeCharacterSet,
    ChangeColumnType,
    EnumToLookup,
    Operation,
    SetDefault,
    SetNotNull,
)
from auditor.planning.agenda import Agenda
from auditor.planning.columns import ColumnKey


def forbid_null_later(agenda: Agenda) -> None:
    """Do not forbid NULL in a column that gets another type or character set."""
    if not agenda.facts.capabilities.columns_anew:
        return
    changing: dict[ColumnKey, Operation] = {
        **{(one.schema, one.table, one.column): one for one in agenda.every(ChangeColumnType)},
        **{(one.schema, one.table, one.column): one for one in agenda.every(EnumToLookup)},
    }
    for change in agenda.every(ChangeCharacterSet):
        changing |= {(change.schema, change.table or "", name): change for name in change.columns}
    for other in agenda.every(SetNotNull):
        found = changing.get((other.schema, other.table, other.column))
        if found is not None:
            reason = "Both write the definition of the column anew: ask again when the other change is done."
            agenda.omit(other, None, f"{found.id} stands", reason)


def default_after_null(agenda: Agenda) -> None:
    """Change a default, which takes no more than that, when the definition has been written anew."""
    if not agenda.facts.capabilities.columns_anew:
        return
    forbidding = {(one.schema, one.table, one.column): one for one in agenda.every(SetNotNull)}
    for default in agenda.every(SetDefault):
        found = forbidding.get((default.schema, default.table, default.column))
        if found is not None:
            agenda.require(default, found, "what writes the definition anew would write the old default")


BEFORE = (forbid_null_later,)
"""What decides which operations stand."""

AFTER = (default_after_null,)
"""What orders those that stand, once changes of one table have been joined."""
