"""Bash that looks before a step acts and after it, where nobody reads its answers."""

from __future__ import annotations

from auditor.model.plan import Step
from auditor.text import visible
from auditor_connectors.redis.recipes.shell import quote


def demand(query: str, message: str) -> str:
    """Write the lines that end the script with the message unless the test holds."""
    return f"(\n{query}\n) || {{ echo {quote(visible(message))} >&2; exit 1; }}"


def tick(step: str) -> str:
    """Write the line by which a shell says that people have done a step."""
    return f'auditor_done="${{auditor_done:-}} "{quote(step)}" "'


def is_ticked(step: str) -> str:
    """Write the test that holds in such a shell."""
    return f"[[ ${{auditor_done:-}} == *{quote(f' {step} ')}* ]]"


def redoes(step: Step) -> bool:
    """Whether doing the step again is its purpose: there is no such statement here."""
    del step
    return False
