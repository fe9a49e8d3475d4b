"""Statements that look before a step acts and after it: plain SQL, for programs that do not read answers."""

from __future__ import annotations

import re

from auditor.model.plan import Step
from auditor.text import visible
from auditor_connectors.mysql.recipes.sql import literal

_SHOWN = 90
"""Letters of a message: the products show a hundred, and two hundred, of the name of a lock."""

_LONGER_THAN_ANY_NAME = 600
_UPKEEP = re.compile(r"SET SESSION |ANALYZE TABLE |ALTER TABLE .* FORCE, ", re.DOTALL)


def demand(query: str, message: str) -> str:
    """Write a statement that fails with the message unless the query returns true.

    Outside of a routine neither product has a statement that fails on a condition. The name of a lock that is too long
    is an error that shows the name, and whether a lock is free may be asked by anybody and changes nothing.
    """
    text = literal(visible(message)[:_SHOWN] + " ")
    wrong = f"RPAD({text}, {_LONGER_THAN_ANY_NAME}, '.')"
    return f"SET @auditor = IS_FREE_LOCK(IF(({query}), 'auditor', {wrong}))"


def tick(step: str) -> str:
    """Write the statement by which a session says that people have done a step."""
    return f"SET @auditor_done = {literal(step)}"


def is_ticked(step: str) -> str:
    """Write the query that is true in such a session."""
    return f"SELECT coalesce(find_in_set({literal(step)}, @auditor_done), 0) > 0"


def redoes(step: Step) -> bool:
    """Whether doing the step again is its purpose, so that a verification which is true already says nothing."""
    return bool(step.statements) and all(_UPKEEP.match(statement) for statement in step.statements)
