"""An integer key that the application numbers is close to the end of its type.

## What
Primary keys of one smallint or integer column that no sequence feeds and that is no foreign key, where the values
that the planner sampled reach far into the type's range, or the rows alone fill much of it. The audit does not read
the largest key; it judges by the share of the range that the sampled values reach, leaving out the few highest, and
by the row count.

## Why it matters
Numbers that the application hands out (a counter table, a block allocator, the largest key plus one) end like those
of a sequence, and no monitoring of sequences sees it coming. At the end every insert fails.

## When it is fine
Keys that are scattered over the range on purpose: hashes, numbers of another system, hand-made codes. Where the rows
are few for the range they reach, the finding is graded lower and marked as possible.

## How to fix it
Widen the column, and every column that refers to it, to bigint beside the running application; let the database
number the rows from then on.

## Sources
PostgreSQL manual, "Numeric Types" (8.1): the ranges of smallint and integer; view pg_stats: histogram_bounds.
"""

from __future__ import annotations

from collections.abc import Iterator

from auditor.model.check import Check
from auditor.model.facts import Facts, TableColumn
from auditor.model.finding import Evidence, Flaw, Impact, Subject, Unknown
from auditor.model.operation import ChangeColumnType
from auditor.model.units import Unit
from auditor.model.vocabulary import Confidence, Pillar, Severity
from auditor_checks._words import percent
from auditor_checks.integrity._keys import table_subject
from auditor_checks.integrity._positions import capacity, grade, narrow_children, widest
from auditor_checks.integrity._statistics import untold


def application_keys(facts: Facts) -> list[TableColumn]:
    """The narrow integer primary keys that neither a sequence nor another table's key fills."""
    found = []
    for table in facts.tables:
        key = facts.primary_key(table.key)
        column = table.column(key.columns[0]) if key is not None and len(key.columns) == 1 else None
        if column is None or column.family != "integer" or (column.bits or 64) >= 64:
            continue
        borrowed = any(column.name in other.columns for other in facts.constraints_of(table.key, "foreign-key"))
        if not (column.identity or column.sequence or column.default or column.generated or borrowed):
            found.append(TableColumn(table, column))
    return found


CHECK = Check(
    title="Application-numbered key nears the end of its type",
    passed="Application-numbered keys have room in their type",
    pillar=Pillar.INTEGRITY,
    severity=Severity.CRITICAL,
    unit=Unit(
        plural="integer keys without a sequence", items=application_keys,
        subject=lambda key: Subject(kind="column", name=key.path),
        weight=lambda facts, key: facts.exposure(key.table),
    ),
    needs=("tables", "columns", "constraints", "sequences"),
)  # fmt: skip


def judge(
    key: TableColumn, facts: Facts, *, half: float = 0.5, most: float = 0.7, nearly_all: float = 0.9, dense: float = 0.1
) -> Iterator[Flaw | Unknown]:
    """Grade the key by the share of its type's range that sampled values or the rows themselves reach."""
    table, column = key
    limit = capacity(column)
    rows = facts.rows(table)
    reached = column.statistics.range_used if column.statistics is not None else None
    share = max(rows / limit, reached or 0.0)
    severity = grade(share, half, most, nearly_all)
    if severity is None:
        if reached is None and (unknown := untold(table, facts)):
            yield unknown
        return
    scattered = rows < dense * share * limit
    if scattered:
        severity = list(Severity)[severity.rank + 1]
    children = narrow_children(table, column, facts)
    yield Flaw(
        severity=severity,
        confidence=Confidence.POSSIBLE if scattered else Confidence.CERTAIN,
        related=(table_subject(table), *(Subject(kind="column", name=child.path) for child in children)),
        evidence=(
            Evidence(name="share of the range that sampled keys reach", value=reached, probe="column-statistics"),
            Evidence(name="rows", value=round(rows), unit="rows", probe="tables"),
            Evidence(name="largest number that fits", value=limit, probe="columns"),
        ),
        impact=Impact(rows=round(rows), risk="every insert fails once the numbers end"),
        explanation=_explain(key, share, rows, scattered),
        recommendation=f"Find out who numbers {table.path}; if the numbers grow, widen {column.name} and the columns "
        f"that refer to it to {widest(column)} beside the running application.",
        operations=tuple(
            ChangeColumnType(
                schema=item.table.schema, table=item.table.name, column=item.column.name, from_type=item.column.type,
                to_type=widest(item.column),
            )
            for item in (key, *children)
        ),
    )  # fmt: skip


def _explain(key: TableColumn, share: float, rows: float, scattered: bool) -> str:
    table, column = key
    text = (
        f"No sequence feeds {column.name} ({column.type}) of {table.path}, and its values reach {percent(share)} of "
        f"{capacity(column):,}, the largest that fits; the table holds {rows:,.0f} rows."
    )
    if scattered:
        text += " That is few for such numbers: they may be scattered on purpose, or may have started high."
    return text
