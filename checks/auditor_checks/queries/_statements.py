"""What several checks of statements say in the same words."""

from __future__ import annotations

from collections.abc import Iterable

from auditor.model.facts import Facts
from auditor.model.finding import Evidence, Subject
from auditor.model.workload import Statement

PROBE = "statements"
TEXT_LENGTH = 240
OWN_TOOLS = ("pg_", "information_schema", "current_setting", "performance_schema", "mysql.", "sys.")


def share(statement: Statement, facts: Facts) -> float:
    """The statement's share of the time of all statements of the database."""
    total = facts.workload.statements_total_ms or facts.statement_ms
    return statement.total_ms / total if total else 0.0


def is_application(statement: Statement) -> bool:
    """Whether the statement is the application's: not maintenance, not a question to the catalog."""
    text = statement.text.lower().replace("`", "")
    return statement.kind in ("select", "insert", "update", "delete", "merge") and not any(
        f"from {word}" in text or f"join {word}" in text for word in OWN_TOOLS
    )


def short(text: str) -> str:
    """Cut a statement's text to what fits into a report's cell."""
    return text if len(text) <= TEXT_LENGTH else text[: TEXT_LENGTH - 1] + "…"


def common_evidence(statement: Statement, facts: Facts) -> tuple[Evidence, ...]:
    """The figures that every finding on a statement gives."""
    return (
        Evidence(name="statement", value=short(statement.text), probe=PROBE),
        Evidence(name="calls", value=statement.calls, unit="calls", probe=PROBE),
        Evidence(name="total time", value=round(statement.total_ms, 1), unit="milliseconds", probe=PROBE),
        Evidence(name="mean time", value=round(statement.mean_ms, 3), unit="milliseconds", probe=PROBE),
        Evidence(
            name="share of all statements' time", value=round(share(statement, facts), 4), unit="share", probe=PROBE
        ),
    )


def tables_of(statement: Statement, facts: Facts) -> tuple[Subject, ...]:
    """The tables that a statement reads, as far as its text tells."""
    names: Iterable[str] = (
        ".".join(key) for key, uses in facts.statement_uses.items() if any(use.statement is statement for use in uses)
    )
    return tuple(Subject(kind="table", name=name) for name in sorted(set(names)))
