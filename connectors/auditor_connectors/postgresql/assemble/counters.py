"""Counters that were handed in too late, put right where the size of the table contradicts them.

A session hands in what it counted up to a second after the statement. Where it analyses or vacuums a table within that
second, the rows that were just looked at are counted once more: a load that ends with ANALYZE leaves a table that seems
to have doubled since, and a VACUUM dead rows that it has removed.
https://www.postgresql.org/docs/18/monitoring-stats.html#MONITORING-STATS-VIEWS
"""

from __future__ import annotations

from msgspec.structs import replace

from auditor.model.statistics import TableUsage


def settled(usage: TableUsage, rows: float, growth: float) -> TableUsage:
    """Take back what cannot have happened after the last look at the table.

    ``rows`` is what that look saw, ``growth`` how many pages the table has for each page that it had then. Rows that
    were added need room, half of which may have been free, and no more rows can die than there are.
    """
    analyzed = max(usage.last_analyze or "", usage.last_autoanalyze or "")
    vacuumed = max(usage.last_vacuum or "", usage.last_autovacuum or "")
    if rows <= 0 or not (analyzed or vacuumed):
        return usage
    by_analysis, by_vacuum = analyzed >= vacuumed, vacuumed >= analyzed  # both when it was the same second
    modified, since_vacuum = usage.modified_since_analyze, usage.inserted_since_vacuum or 0
    live, dead = usage.live_rows, usage.dead_rows
    if live > rows and modified >= usage.writes and (growth - 1) * rows < usage.inserted / 2:
        live = min(round(rows), max(live - usage.inserted, 0))
        modified -= usage.inserted if by_analysis else 0
        since_vacuum = 0 if by_vacuum else since_vacuum
    if by_analysis and growth <= 1 and not usage.updated and modified > rows:
        modified, live = 0, round(rows)
    if by_vacuum and dead > rows + since_vacuum + usage.updated:
        dead, live = 0, round(rows)
    return replace(
        usage,
        live_rows=live,
        dead_rows=dead,
        modified_since_analyze=modified,
        inserted_since_vacuum=None if usage.inserted_since_vacuum is None else since_vacuum,
    )
