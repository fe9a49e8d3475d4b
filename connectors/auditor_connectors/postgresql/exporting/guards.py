"""Statements that look before a step acts and after it: plain SQL, for programs that do not read answers."""

from __future__ import annotations

import re

from auditor.model.plan import Step
from auditor.text import visible
from auditor_connectors.postgresql.recipes.sql import dollar, literal

# Sampling, vacuuming and rebuilding are done to be done again; a checkpoint leaves nothing that could be looked at.
_UPKEEP = re.compile(r"(SET|RESET|ANALYZE|VACUUM|REINDEX|REFRESH MATERIALIZED VIEW|CHECKPOINT)\b", re.IGNORECASE)

_DEMAND = """
DECLARE answer boolean;
BEGIN
  EXECUTE {query} INTO answer;
  IF answer IS NOT TRUE THEN
    RAISE EXCEPTION USING MESSAGE = {message};
  END IF;
END
"""

# What a verification looks at may not be there before the step: that is an answer. Anything else is an error.
_ASK = """
DECLARE answer boolean;
BEGIN
  EXECUTE {query} INTO answer;
  PERFORM set_config('auditor.answer', CASE WHEN answer THEN 'on' ELSE 'off' END, false);
EXCEPTION WHEN undefined_table OR undefined_column OR undefined_function OR undefined_object OR invalid_schema_name THEN
  PERFORM set_config('auditor.answer', 'off', false);
END
"""


def demand(query: str, message: str) -> str:
    """Write a statement that fails with the message unless the query returns true."""
    return f"DO {dollar(_DEMAND.format(query=literal(query), message=literal(visible(message))))}"


def ask(query: str) -> str:
    """Write a statement that leaves "on" or "off" in the setting ``auditor.answer``."""
    return f"DO {dollar(_ASK.format(query=literal(query)))}"


def tick(step: str) -> str:
    """Write the statement by which a session says that people have done a step."""
    return f"SET auditor.done = {literal(step)}"


def is_ticked(step: str) -> str:
    """Write the query that is true in such a session."""
    return f"SELECT {literal(step)} = ANY (string_to_array(current_setting('auditor.done', true), ','))"


def redoes(step: Step) -> bool:
    """Whether doing the step again is its purpose, so that a verification which is true already says nothing."""
    return bool(step.statements) and all(_UPKEEP.match(statement) for statement in step.statements)
