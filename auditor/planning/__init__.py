"""Operations in, a plan out: duplicates merged, contradictions resolved and explained, steps ordered by dependency.

Nothing here knows an engine: how an operation is done, the recipes of the engine's connector say.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import cast

from auditor.connector import Recipe
from auditor.model.facts import Facts
from auditor.model.finding import Finding
from auditor.model.operation import AnyOperation
from auditor.model.plan import Plan
from auditor.planning import (
    character_sets,
    columns,
    definitions,
    documents,
    exclusions,
    indexes,
    keys,
    mergers,
    moves,
    tables,
    views,
)
from auditor.planning.agenda import Agenda, propose
from auditor.planning.identity import changes_since, identify, shapes_of
from auditor.planning.merging import merge_all
from auditor.planning.ordering import break_cycles
from auditor.planning.writing import write

__all__ = ["changes_since", "make_plan"]


def make_plan(
    facts: Facts,
    operations: Sequence[AnyOperation],
    findings: Sequence[Finding],
    recipes: Mapping[str, Recipe],
    wishes: Sequence[AnyOperation] = (),
) -> Plan:
    """Plan the operations that findings propose, and those that the team asks for (``wishes``), after them.

    ``findings`` are the open ones: they grade the operations and say what each step resolves. The same input gives the
    same plan, whatever its order. ``Plan.operations`` are those that are carried out; the ones that gave way are named
    in ``Plan.conflicts`` with the reason.
    """
    proposals, conflicts = merge_all(propose(operations, findings, wishes))
    agenda = Agenda(facts, proposals)
    agenda.conflicts += conflicts
    changing = (*character_sets.BEFORE, *documents.BEFORE, *columns.BEFORE, *definitions.BEFORE)
    before = (*moves.BEFORE, *mergers.BEFORE, *keys.BEFORE, *changing, *indexes.RULES)
    changed = (*columns.AFTER, *character_sets.AFTER, *definitions.AFTER, *mergers.AFTER)
    after = (*changed, *tables.RULES, *exclusions.RULES, *views.RULES, *moves.AFTER, *keys.AFTER)
    for rule in (*before, *after):
        rule(agenda)
    break_cycles(agenda)
    phases = write(agenda, recipes)
    standing = tuple(cast("AnyOperation", one.operation) for _, one in sorted(agenda.proposals.items()))
    shapes = shapes_of(facts, standing)
    return Plan(
        operations=standing,
        phases=phases,
        conflicts=tuple(sorted(agenda.conflicts, key=lambda one: one.operations)),
        shapes=shapes,
        hash=identify(phases, shapes),
    )
