"""The planner's statistics of a table are out of date.

## What
Analysed tables of some size of which so many rows were changed since then that the next automatic analysis is overdue
by a factor. Tables that were never analysed, or only while they were empty, are another check's business. A partitioned
table is reported once.

InnoDB gathers statistics anew when a tenth of the rows was changed, unless innodb_stats_auto_recalc or the table's
STATS_AUTO_RECALC is off. What was changed within the last hour is not looked at there.

## Why it matters
The optimizer chooses by the statistics: with wrong ones it takes a nested loop for a million rows, or a scan for one.

## When it is fine
A load has just ended and the analysis will come within minutes.

## How to fix it
Analyse the table now, and at the end of loads.

PostgreSQL: If this comes back, let autovacuum analyse it earlier by a smaller scale factor.

MySQL, MariaDB: Switch the automatic statistics of InnoDB on.

## Sources
PostgreSQL manual, "Updating Planner Statistics" (24.1.3); MySQL manual, "Configuring Persistent Optimizer Statistics
Parameters".
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from auditor.model.catalog import Table
from auditor.model.check import Check
from auditor.model.facts import Facts
from auditor.model.finding import Evidence, Flaw, Impact, Subject, Unknown, Verdict
from auditor.model.operation import AnalyzeTable
from auditor.model.units import TABLES
from auditor.model.vocabulary import Pillar, Severity
from auditor_checks._settings import PRODUCTS, is_off
from auditor_checks._words import fitting
from auditor_checks.operations._autovacuum import analyze_threshold

_RECALCULATED_AT = 0.1
"""The share of changed rows at which InnoDB gathers statistics by itself, by its manual."""

CHECK = Check(
    title="Statistics of a table are out of date",
    passed="Statistics of tables are up to date",
    pillar=Pillar.OPERATIONS,
    severity=Severity.LOW,
    unit=TABLES,
    needs=("tables", "changed-rows|table-usage", "index-sizes|table-usage", "settings"),
    engines=("postgresql", *PRODUCTS),
)


def judge(
    table: Table, facts: Facts, *, factor: float = 3.0, min_rows: float = 10_000, medium_rows: float = 1_000_000
) -> Iterator[Verdict]:
    """Report the table if the changes since its last analysis are a multiple of the threshold."""
    if facts.target.engine in PRODUCTS:
        yield from _innodb(table, facts, factor, min_rows, medium_rows)
        return
    stale = [
        (leaf.usage.modified_since_analyze, leaf)
        for leaf in facts.leaves(table)
        if leaf.usage is not None
        and not _was_empty(leaf)
        and (leaf.usage.last_analyze or leaf.usage.last_autoanalyze)
        and max(facts.rows(leaf), leaf.usage.live_rows) >= min_rows
        and (threshold := analyze_threshold(leaf, facts)) is not None
        and leaf.usage.modified_since_analyze > factor * threshold
    ]
    if not stale:
        return
    modified, worst = max(stale, key=lambda entry: (entry[0], entry[1].key))
    rows, usage = facts.rows(worst), worst.usage
    live = usage.live_rows if usage is not None else 0
    last = max(filter(None, (usage.last_analyze, usage.last_autoanalyze)), default=None) if usage is not None else None
    yield Flaw(
        title=fitting(f"{modified:,} rows of {worst.name} changed since it was analysed"),
        related=tuple(Subject(kind="partition", name=leaf.path) for _, leaf in stale if leaf is not table)[:20],
        severity=Severity.MEDIUM if max(rows, live) >= medium_rows else Severity.LOW,
        evidence=(
            Evidence(name="rows changed since the last analysis", value=modified, unit="rows", probe="table-usage"),
            Evidence(name="rows that the planner assumes", value=round(rows), unit="rows", probe="tables"),
            Evidence(name="rows by the counters", value=live, unit="rows", probe="table-usage"),
            Evidence(name="last analysis", value=last, probe="table-usage"),
        ),
        impact=Impact(rows=modified, risk="plans that are made for other data"),
        explanation=(
            f"The planner assumes {rows:,.0f} rows in {worst.path}; {modified:,} rows were changed since its last "
            f"analysis, and the counters say {live:,}."
        ),
        recommendation="Analyse it now; analyse at the end of loads, or lower the table's analyze scale factor.",
        operations=tuple(AnalyzeTable(schema=leaf.schema, table=leaf.name) for _, leaf in stale),
    )


def _innodb(
    table: Table, facts: Facts, factor: float, min_rows: float, medium_rows: float, *, quiet_hours: float = 1.0
) -> Iterator[Verdict]:
    """Compare what InnoDB counted with the tenth of the rows at which it gathers statistics by itself."""
    rows, changed, age = facts.rows(table), table.changed_rows, facts.age(table.statistics_at)
    if rows < min_rows or age is None or age < timedelta(hours=quiet_hours):
        return
    if changed is None:
        yield Unknown(reason=f"the server does not tell how many rows changed in the partitions of {table.path}")
        return
    if changed <= factor * _RECALCULATED_AT * rows:
        return
    own = table.options.get("stats_auto_recalc", "").lower()
    off = own == "0" or (own != "1" and is_off(facts.setting("innodb_stats_auto_recalc")))
    yield Flaw(
        title=fitting(f"{changed:,} rows of {table.name} changed since its statistics were gathered"),
        severity=Severity.MEDIUM if rows >= medium_rows else Severity.LOW,
        evidence=(
            Evidence(name="rows changed since then", value=changed, unit="rows", probe="changed-rows"),
            Evidence(name="rows that the optimizer assumes", value=round(rows), unit="rows", probe="tables"),
            Evidence(name="statistics gathered", value=table.statistics_at, probe="index-sizes"),
            Evidence(
                name="innodb_stats_auto_recalc", value=facts.setting("innodb_stats_auto_recalc"), probe="settings"
            ),
            Evidence(name="STATS_AUTO_RECALC of the table", value=own or None, probe="tables"),
        ),
        impact=Impact(rows=changed, risk="plans that are made for other data"),
        explanation=f"The optimizer assumes {rows:,.0f} rows in {table.path}, and values as they were on "
        f"{table.statistics_at}; {changed:,} rows were changed since then."
        + (" The automatic statistics are off for it." if off else ""),
        recommendation="Analyse it now" + (", and switch the automatic statistics on." if off else "."),
        operations=(AnalyzeTable(schema=table.schema, table=table.name),),
    )


def _was_empty(table: Table) -> bool:
    """Whether the analysis met no rows: then there are no statistics that could be old."""
    return table.statistics_visible and all(column.statistics is None for column in table.columns)
