"""Rules about tables that move to another database: nothing else is done to them from the copy's start on.

What brings the rows over while clients write brings rows alone, not definitions.
"""

from __future__ import annotations

from collections.abc import Mapping

from auditor.model.catalog import Key
from auditor.model.operation import (
    AddForeignKey,
    ArchiveRows,
    EnumToLookup,
    MaterialiseView,
    MergeClones,
    MergeTables,
    MoveSchema,
    Operation,
    PartitionTable,
    SplitTable,
    UpgradeServer,
)
from auditor.planning.agenda import Agenda
from auditor.planning.waves import tables_of

_MAKE_TABLES = (ArchiveRows, EnumToLookup, MaterialiseView, MergeClones, MergeTables, PartitionTable, SplitTable)
"""Kinds that make tables, or a view, beside those that they work on or read: a move names those that are there now."""


def settle_moves(agenda: Agenda) -> None:
    """Move a table once, and not in the same plan as what makes another table of it; cut what would refer across."""
    moved: dict[Key, MoveSchema] = {}
    for move in agenda.every(MoveSchema):
        tables = tables_of_move(agenda, move)
        earlier = next((moved[key] for key in sorted(tables) if key in moved), None)
        if earlier is not None:
            agenda.omit(move, None, f"{earlier.id} stands", "A table moves once.")
            continue
        moved |= dict.fromkeys(tables, move)
    for operation in agenda.every(*_MAKE_TABLES):
        taking = _move_of(agenda, operation, moved)
        if taking is not None and agenda.stands(taking):
            _choose(agenda, operation, taking)
    for reference in agenda.every(AddForeignKey):
        there = moved.get((reference.referenced_schema, reference.referenced_table))
        here = moved.get((reference.schema, reference.table))
        cutting = here or there
        if cutting is not None and here is not there and agenda.stands(cutting):
            agenda.omit(
                reference, None, f"{cutting.id} stands", "A reference between two databases cannot be declared."
            )


def _choose(agenda: Agenda, operation: Operation, move: MoveSchema) -> None:
    """What the team asks for goes before what findings propose; else the smaller change does."""
    reason = f"{operation.id} makes a table that the steps of {move.id} would leave behind: audit again afterwards."
    asked, wanted = (agenda.proposals[one.id].wished for one in (move, operation))
    if asked and not wanted:
        agenda.omit(operation, None, f"{move.id} stands", reason)
    else:
        agenda.omit(move, None, f"{operation.id} stands", reason)


def order_moves(agenda: Agenda) -> None:
    """Finish everything else on the tables before they are copied; change the layout on the server that stays."""
    moved = {key: move for move in agenda.every(MoveSchema) for key in tables_of_move(agenda, move)}
    for operation in agenda.every(Operation):
        for key in sorted(set(tables_of(operation, agenda.facts)) & moved.keys()):
            agenda.require(moved[key], operation, "a change of a table does not travel with its rows", wholly=True)
    for upgrade in agenda.every(UpgradeServer):
        for operation in agenda.every(MoveSchema, PartitionTable, SplitTable) if upgrade.major else ():
            agenda.require(operation, upgrade, "a change of a table does not travel with its rows", wholly=True)


def tables_of_move(agenda: Agenda, move: MoveSchema) -> frozenset[Key]:
    """The tables that a move takes, without their partitions."""
    tables = agenda.facts.tables_in(move.schema)
    return frozenset(one.key for one in tables if not move.tables or one.name in move.tables)


def _move_of(agenda: Agenda, operation: Operation, moved: Mapping[Key, MoveSchema]) -> MoveSchema | None:
    return next((moved[key] for key in sorted(tables_of(operation, agenda.facts)) if key in moved), None)


BEFORE = (settle_moves,)
"""What decides which operations stand."""

AFTER = (order_moves,)
"""What orders those that stand."""
