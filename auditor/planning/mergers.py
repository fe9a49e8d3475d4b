"""Puts the merging of tables into a plan: its steps name what hangs on both now, so nothing else changes that."""

from __future__ import annotations

from auditor.model.catalog import Key
from auditor.model.operation import (
    AnalyzeTable,
    ArchiveRows,
    ChangeColumnType,
    DropColumn,
    MergeClones,
    MergeTables,
    Operation,
    PartitionTable,
    Revoke,
    SetLogged,
    SplitTable,
    VacuumTable,
)
from auditor.planning.agenda import Agenda
from auditor.planning.identity import touched

_HARMLESS = (AnalyzeTable, VacuumTable)
"""Kinds that leave a table as it is."""

_ANEW = (ArchiveRows, PartitionTable, SetLogged, SplitTable)
"""Kinds that make a table, or a copy of its rows, with the columns that it has now."""


def settle_merges(agenda: Agenda) -> None:
    """Let a table that goes be changed by nothing else, nor the one that stays in what the merging relies on.

    What the team asks for goes before what findings propose, and between two wishes the merging waits.
    """
    for merge in _merges(agenda):
        for other in agenda.every(Operation):
            if (
                other is merge
                or not (agenda.stands(merge) and agenda.stands(other))
                or not _collides(agenda, merge, other)
            ):
                continue
            wanted, asked = agenda.proposals[merge.id].wished, agenda.proposals[other.id].wished
            if isinstance(other, MergeTables | MergeClones) or (wanted and not asked):
                _leave_out(agenda, other, merge)
            else:
                _leave_out(agenda, merge, other)


def give_way(agenda: Agenda) -> None:
    """Put a merging off where a change of types has come to take a key of its tables along."""
    for merge in _merges(agenda):
        for change in agenda.every(ChangeColumnType):
            if agenda.stands(merge) and _collides(agenda, merge, change):
                _leave_out(agenda, merge, change)


def _merges(agenda: Agenda) -> list[MergeTables | MergeClones]:
    return [*agenda.every(MergeTables), *agenda.every(MergeClones)]


def _leave_out(agenda: Agenda, loser: Operation, winner: Operation) -> None:
    reason = f"{winner.id} changes a table that the steps of {loser.id} rely on: audit again when that is done."
    agenda.omit(loser, None, f"{winner.id} stands", reason)


def _collides(agenda: Agenda, merge: MergeTables | MergeClones, other: Operation) -> bool:
    tables = set(touched(other))
    if isinstance(other, Revoke) and other.schema is not None:
        tables.add((other.schema, other.name))
    if isinstance(other, _HARMLESS):
        return False
    if isinstance(merge, MergeClones):
        return not tables.isdisjoint(touched(merge))
    gone = (merge.schema, merge.other)
    if gone in tables:
        return True
    if merge.table_key not in tables:
        return False
    if isinstance(other, ChangeColumnType | DropColumn):
        return other.column in _key(agenda, merge, gone)
    return isinstance(other, (*_ANEW, MergeTables))


def _key(agenda: Agenda, merge: MergeTables, gone: Key) -> frozenset[str]:
    """The columns of the table that stays which the other one refers to."""
    keys = agenda.facts.constraints_of(gone, "foreign-key")
    return frozenset(name for one in keys if one.referenced_key == merge.table_key for name in one.referenced_columns)


BEFORE = (settle_merges,)
"""What decides which operations stand."""

AFTER = (give_way,)
"""What depends on the changes of types that others take along."""
