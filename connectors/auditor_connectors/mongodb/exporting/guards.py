"""JavaScript that looks before a step acts and after it, for a shell whose answers nobody reads."""

from __future__ import annotations

from auditor.model.plan import Step
from auditor.text import visible
from auditor_connectors.mongodb.javascript import text


def demand(query: str, message: str) -> str:
    """Write a statement that ends the script with the message unless the expression is true."""
    return f"if (!({query})) throw new Error({text(visible(message))})"


def tick(step: str) -> str:
    """Write the statement by which a session says that people have done a step."""
    return f"globalThis.auditorDone = [...(globalThis.auditorDone ?? []), {text(step)}]"


def is_ticked(step: str) -> str:
    """Write the expression that is true in such a session."""
    return f"(globalThis.auditorDone ?? []).includes({text(step)})"


def redoes(step: Step) -> bool:
    """Whether doing the step again is its purpose: there is no such statement here."""
    del step
    return False
