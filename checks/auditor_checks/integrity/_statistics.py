"""How far column statistics can be trusted."""

from __future__ import annotations

from auditor.model.catalog import Table
from auditor.model.facts import Facts
from auditor.model.finding import Unknown
from auditor_checks._hidden import hidden_statistics


def untold(table: Table, facts: Facts) -> Unknown | None:
    """Say why the column statistics of a table with rows are missing; None where they are there, or nothing is."""
    if "column-statistics" not in facts.probes:
        return Unknown(reason=f"nothing is known of the values of {table.path}") if facts.rows(table) > 0 else None
    if not table.statistics_visible:
        return hidden_statistics(table, facts)
    if facts.rows(table) > 0 and all(column.statistics is None for column in table.columns):
        return Unknown(reason=f"{table.path} was never analysed, so nothing is known of its values")
    return None


def is_fresh(table: Table, facts: Facts, tolerated: float = 0.2) -> bool:
    """Whether at most a share of the rows was modified since the statistics were taken.

    Autovacuum takes them anew at a tenth (autovacuum_analyze_scale_factor); a fifth means that it lags behind.
    """
    usages = [leaf.usage for leaf in facts.leaves(table) if leaf.usage is not None]
    modified = sum(usage.modified_since_analyze for usage in usages)
    return modified <= tolerated * max(facts.rows(table), 1.0)
