"""Puts the keeping of a view's rows into a plan: what changes the tables that the view reads comes first."""

from __future__ import annotations

from auditor.model.operation import (
    AddExclusion,
    ChangeColumnType,
    DropColumn,
    EnumToLookup,
    MaterialiseView,
    Operation,
    PartitionTable,
    SetLogged,
    SetViewOption,
    SplitTable,
)
from auditor.planning.agenda import Agenda
from auditor.planning.waves import tables_of

_ANEW = (AddExclusion, ChangeColumnType, EnumToLookup, PartitionTable, SetLogged)
"""Kinds that put another table or column in the place of one: kept rows would hold on to the old one."""

_LESS = (DropColumn, SplitTable)
"""Kinds that take columns away at their very end: kept rows would hold on to these."""


def place_views(agenda: Agenda) -> None:
    """Keep rows only once the tables behind them have their shape, and not for a view that each reads with own eyes."""
    by_readers = {
        (one.schema, one.name): one for one in agenda.every(SetViewOption)
        if one.option == "security_invoker" and one.value.lower() not in ("false", "off", "0", "no")
    }  # fmt: skip
    for view in agenda.every(MaterialiseView):
        obstacle = by_readers.get((view.schema, view.view))
        if obstacle is not None:
            reason = "What its readers may see would depend on who they are, and rows that are kept are everybody's."
            agenda.omit(view, None, f"{obstacle.id} stands", reason)
            continue
        tables = set(tables_of(view, agenda.facts))
        for operation in agenda.every(Operation):
            less = isinstance(operation, _LESS)
            if (less or isinstance(operation, _ANEW)) and tables & set(tables_of(operation, agenda.facts)):
                agenda.require(view, operation, "kept rows hold on to the tables behind them", wholly=less)


RULES = (place_views,)
