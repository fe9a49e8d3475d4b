"""Puts the declaration of exclusions into a plan: a copy that bears one may take the table's place."""

from __future__ import annotations

from auditor.model.operation import (
    AddExclusion,
    ChangeColumnType,
    DropColumn,
    EnumToLookup,
    Operation,
    PartitionTable,
    SetLogged,
    VacuumTable,
)
from auditor.planning.agenda import Agenda

_ANEW = (PartitionTable, SetLogged)
"""Kinds that make the table anew as it was when it was planned for, without the exclusion."""

_ANOTHER_COLUMN = (ChangeColumnType, DropColumn, EnumToLookup)
"""Kinds after which a column is gone or another one has its name, and nothing holds the exclusion any more."""


def place_exclusions(agenda: Agenda) -> None:
    """Leave out an exclusion that another operation would take away again; else it comes before all the others."""
    by_table = agenda.by_table(Operation)
    for exclusion in agenda.every(AddExclusion):
        key = exclusion.table_key
        others = [one for one in by_table[key] if one is not exclusion and agenda.stands(one)] if key else []
        obstacle = next((one for one in others if _takes_away(one, exclusion)), None)
        if obstacle is not None:
            reason = f"{obstacle.id} would take it away again: audit again when that is done."
            agenda.omit(exclusion, None, "The exclusion is planned another time", reason)
            continue
        for one in others:
            if not isinstance(one, VacuumTable | AddExclusion):
                agenda.require(one, exclusion, "a copy that bears the exclusion may take the table's place")


def _takes_away(one: Operation, exclusion: AddExclusion) -> bool:
    if isinstance(one, AddExclusion):
        return one.id < exclusion.id  # one copy at a time
    if isinstance(one, _ANOTHER_COLUMN):
        return one.column in (*exclusion.columns, *exclusion.period)
    return isinstance(one, _ANEW)


RULES = (place_exclusions,)
