"""A text column holds lists with a separator.

## What
Text columns whose sampled values mostly are short tokens with the same separator between them, of which a blank may
follow where there are three or more. A few different values count as well where many rows repeat them. The shares are
computed by the server; no value leaves it.

## Why it matters
No constraint can check the members, a member cannot be found through an ordinary index, and changing one rewrites the
list. Joins need to take the text apart.

## When it is fine
The text is opaque to the database: it is only stored and given back (a copied file row, a search query).

## How to fix it
Use a child table with one row for each member, or an array with an inverted index when the members have no life of
their own.

## Sources
E. F. Codd (1970), atomic values; B. Karwin, "SQL Antipatterns", Jaywalking.
"""

from __future__ import annotations

from collections.abc import Iterator

from auditor.model.check import Check
from auditor.model.facts import Facts, TableColumn
from auditor.model.finding import Evidence, Flaw, Verdict
from auditor.model.operation import SplitTable
from auditor.model.units import COLUMNS
from auditor.model.vocabulary import Confidence, Pillar, Severity
from auditor_checks._hidden import hidden_statistics
from auditor_checks._words import fitting

CHECK = Check(
    title="Text holds lists with a separator",
    passed="No text holds lists with a separator",
    pillar=Pillar.MODELLING,
    severity=Severity.MEDIUM,
    confidence=Confidence.LIKELY,
    unit=COLUMNS,
    needs=("tables", "columns", "column-statistics"),
)


def judge(
    item: TableColumn, facts: Facts, *, share: float = 0.6, values: float = 20, many_rows: float = 1_000
) -> Iterator[Verdict]:
    """Compare the share of separated values among the samples with the limit.

    Of many rows the sample holds few values only where there are no others; then three lists among them suffice.
    """
    column, statistics = item.column, item.column.statistics
    if column.family != "text":
        return
    if statistics is None:
        if not item.table.statistics_visible:
            yield hidden_statistics(item.table, facts)
        return
    lists = statistics.shapes.get("delimited", 0.0)
    few = facts.rows(item.table) >= many_rows and lists * statistics.sampled_values >= 3
    if lists < share or (statistics.sampled_values < values and not few):
        return
    yield Flaw(
        title=fitting(f"{column.name} holds lists with a separator"),
        evidence=(
            Evidence(
                name="sampled values that are lists", value=round(lists, 3), unit="share", probe="column-statistics"
            ),
            Evidence(name="values sampled", value=statistics.sampled_values, unit="values", probe="column-statistics"),
            Evidence(name="rows", value=round(facts.rows(item.table)), unit="rows", probe="tables"),
        ),
        explanation=f"{lists:.0%} of the sampled values of {item.path} are short tokens with a separator between them.",
        recommendation="Move the members into a child table, or into an array with an inverted index.",
        operations=(
            SplitTable(
                schema=item.table.schema,
                table=item.table.name,
                columns=(column.name,),
                into=f"{item.table.name}_{column.name}",
            ),
        ),
    )
