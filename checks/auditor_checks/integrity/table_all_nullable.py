"""A table demands nothing but its key.

## What
Tables of four columns or more beside the primary key, all of them nullable and in no check constraint that speaks of
nulls. Left out: unlogged tables, tables without a primary key (see table-no-pk), and tables whose primary key is
another table's, which hold what is optional there.

## Why it matters
A row that says nothing is accepted. Whatever the application takes for granted is a habit of its present version.

## When it is fine
A row that is filled step by step, such as a draft or a form; landing tables of imports.

## How to fix it
Go through the columns and make those mandatory without which a row has no meaning, one by one beside the running
application.

## Sources
PostgreSQL manual, "Not-Null Constraints" (5.5.2): in most database designs the majority of columns should be not
null.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from auditor.model.catalog import Table
from auditor.model.check import Check
from auditor.model.facts import Facts
from auditor.model.finding import Evidence, Flaw
from auditor.model.operation import ChangeApplication
from auditor.model.units import TABLES
from auditor.model.vocabulary import Confidence, Pillar, Severity
from auditor_checks._hidden import values_probe
from auditor_checks.integrity._implied import records_what_is_gone
from auditor_checks.integrity._keys import column_subjects

CHECK = Check(
    title="Nothing in the table is mandatory but its key",
    passed="Tables demand more than their key",
    pillar=Pillar.INTEGRITY,
    severity=Severity.LOW,
    confidence=Confidence.LIKELY,
    unit=TABLES,
    needs=("tables", "columns", "constraints"),
)


def judge(table: Table, facts: Facts, *, least_columns: float = 4, least_rows: float = 1_000) -> Iterator[Flaw]:
    """Report the table when every column outside of the primary key may be null."""
    key = facts.primary_key(table.key)
    if key is None or table.persistence != "permanent" or records_what_is_gone(table):
        return
    rest = [column for column in table.columns if column.name not in key.columns and column.generated is None]
    if len(rest) < least_columns or not all(column.nullable for column in rest):
        return
    borrowed = {name for other in facts.constraints_of(table.key, "foreign-key") for name in other.columns}
    if set(key.columns) <= borrowed or _speaks_of_nulls(table, facts):
        return
    rows = facts.rows(table)
    never = [column.name for column in rest if column.statistics is not None and column.statistics.null_fraction == 0.0]
    if rows < least_rows:
        never = []
    yield Flaw(
        related=column_subjects(table, never),
        evidence=(
            Evidence(name="columns beside the key", value=len(rest), unit="columns", probe="columns"),
            Evidence(name="mandatory ones among them", value=0, unit="columns", probe="columns"),
            Evidence(name="never null in the sample", value=len(never), unit="columns", probe=values_probe(facts)),
            Evidence(name="rows", value=round(rows), unit="rows", probe="tables"),
        ),
        explanation=f"All {len(rest)} columns of {table.path} beside its key may be null: an empty row is valid."
        + (f" In {rows:,.0f} rows {', '.join(never)} never were." if never else ""),
        recommendation="Make the columns mandatory without which a row has no meaning"
        + (f"; those that were never null are the candidates: {', '.join(never)}." if never else "."),
        operations=(
            ChangeApplication(
                topic="mandatory-columns", subject=table.path,
                instruction=f"Decide which columns of {table.path} a row cannot do without, and forbid nulls in them.",
            ),
        ),
    )  # fmt: skip


def _speaks_of_nulls(table: Table, facts: Facts) -> bool:
    return any(
        re.search(r"num_(?:non)?nulls|IS NOT NULL", check.definition or "")
        for check in facts.constraints_of(table.key, "check")
    )
