"""What several checks of statements say in the same words."""

from __future__ import annotations

import re

from auditor.model.catalog import Table
from auditor.model.facts import Facts
from auditor.model.finding import Evidence, Subject
from auditor.model.units import table_subject
from auditor.model.workload import Statement

PROBE = "statements|profile"
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


_SUMMARY = re.compile(
    r"(?i)\bgroup\s+by\b|\bdistinct\b|\bhaving\b|\bunion\b|\bover\s*\("
    r"|\b(?:count|sum|avg|min|max|std\w*|var\w*|group_concat|json_(?:array|object)agg|bit_\w+|exists)\s*\("
)


def summarizes(statement: Statement) -> bool:
    """Whether the statement makes few rows of many: how many it returns then says nothing of how many it needs."""
    if statement.parsed is not None:
        return statement.parsed.summarizes
    return _SUMMARY.search(statement.text) is not None


def joins_whole(statement: Statement) -> bool:
    """Whether most of its calls join some table without an index."""
    return bool(statement.full_joins) and (statement.full_joins or 0) >= 0.5 * statement.calls


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
        *_threshold(facts.workload.statements_threshold_ms),
    )


def _threshold(threshold: float | None) -> tuple[Evidence, ...]:
    """Where only slow calls were counted, from when on one is slow."""
    if threshold is None:
        return ()
    return (Evidence(name="calls counted from", value=threshold, unit="milliseconds", probe=PROBE),)


def tables_read(statement: Statement, facts: Facts) -> list[Table]:
    """The tables that a statement reads, as far as its text tells."""
    found = (
        facts.table(key)
        for key, uses in sorted(facts.statement_uses.items())
        if any(use.statement is statement for use in uses)
    )
    return [table for table in found if table is not None]


def tables_of(statement: Statement, facts: Facts) -> tuple[Subject, ...]:
    """The tables that a statement reads as a finding names them."""
    return tuple(table_subject(table) for table in tables_read(statement, facts))
