"""Which steps of a plan take something away, what they rely on, and whether they refuse without it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from typing import Any

import psycopg

from auditor.model.plan import Plan, Step
from auditor.model.vocabulary import Phase

LATE = {Phase.SWITCH, Phase.CONTRACT, Phase.REARCHITECT}
# What takes something away, or puts something in the place of another.
TAKES = re.compile(r"\b(DROP (TRIGGER|COLUMN|CONSTRAINT|TABLE|INDEX|NOT NULL|IDENTITY|SEQUENCE)|RENAME|USING INDEX)\b")


def steps_of(plan: Plan) -> list[Step]:
    """All steps in their order."""
    return [step for phase in plan.phases for step in phase.steps]


def taking(plan: Plan, earlier: Iterable[Step]) -> list[Step]:
    """The late steps that take something away or swap it, and rely on one of the others in the same operation."""
    steps = {one.id: one for one in steps_of(plan)}
    known = {one.id for one in earlier}
    return [
        step
        for phase in plan.phases
        if phase.phase in LATE
        for step in phase.steps
        if TAKES.search("\n".join(step.statements))
        and any(steps[one].operation == step.operation for one in _behind(steps, step) & known)
    ]


def _behind(steps: dict[str, Step], step: Step) -> set[str]:
    """The steps that a step waits for, directly or not."""
    found: set[str] = set()
    waiting = [step]
    while waiting:
        fresh = set(waiting.pop().depends_on) - found
        found |= fresh
        waiting += [steps[one] for one in fresh]
    return found


def refuses(ask: Callable[[str], Any], step: Step) -> bool:
    """Whether the step's precondition is not true; one that names what is not there is not."""
    try:
        return step.precondition is not None and ask(step.precondition) is not True
    except psycopg.Error:
        return True
