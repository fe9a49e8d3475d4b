"""For how long statements were counted: what their calls have to be divided by."""

from __future__ import annotations

from auditor.model.facts import Facts
from auditor.model.finding import Unknown
from auditor.model.workload import Statement


def days_counted(statement: Statement, facts: Facts, min_days: float) -> float | Unknown:
    """The days over which a statement's calls were counted; Unknown where they are fewer than ``min_days``."""
    window = facts.age(statement.since or facts.workload.statements_since)
    days = window.total_seconds() / 86400 if window is not None else None
    if days is None or days < min_days:
        known = "a time that is not known" if days is None else f"{days:.1f} days"
        return Unknown(reason=f"statements have been counted for {known}; {min_days:g} days are needed")
    return days
