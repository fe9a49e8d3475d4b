"""A primary key takes many columns or many bytes.

## What
Primary keys of four or more columns, or whose values are wide on average. Columns that the key must hold because they
are part of a foreign key or of the partition key do not count.

## Why it matters
Every table that refers to the row has to repeat the whole key, with an index over it; every join compares all of it;
and a change of any part changes the row's identity everywhere.

## When it is fine
A join table whose key is made of the keys of what it joins; a fact table that nothing refers to. Keys that nothing
refers to are graded lower.

## How to fix it
Give the row a number of its own as primary key, and keep the old key as a unique one. Move the referring tables over
one by one.

## Sources
PostgreSQL manual, "Primary Keys" (5.5.4) and "Foreign Keys" (5.5.5): a reference repeats the referenced columns.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from auditor.model.catalog import Column, Table
from auditor.model.check import Check
from auditor.model.facts import Facts
from auditor.model.finding import Evidence, Flaw, Subject, Unknown
from auditor.model.operation import ChangeApplication
from auditor.model.units import TABLES
from auditor.model.vocabulary import Pillar, Severity
from auditor_checks._hidden import values_probe
from auditor_checks.integrity._keys import column_subjects
from auditor_checks.integrity._statistics import untold

CHECK = Check(
    title="Primary key is very wide",
    passed="Primary keys are narrow",
    pillar=Pillar.INTEGRITY,
    severity=Severity.MEDIUM,
    unit=TABLES,
    needs=("tables", "columns", "constraints"),
)

_FIXED_BYTES = {"boolean": 1, "date": 4, "time": 8, "timestamp": 8, "timestamp-tz": 8, "uuid": 16, "enum": 4}


def judge(table: Table, facts: Facts, *, many_columns: float = 4, wide_bytes: float = 64) -> Iterator[Flaw | Unknown]:
    """Count the key's own columns, and add up their average widths."""
    key = facts.primary_key(table.key)
    if key is None:
        return
    borrowed = {c for other in facts.constraints_of(table.key, "foreign-key") for c in other.columns}
    own = [c for n in key.columns if (c := table.column(n)) and n not in borrowed and n not in table.partition_columns]
    widths = [_width(column) for column in own]
    width = sum(width or 0 for width in widths)
    many = len(own) >= 2 and len(own) + len(borrowed & set(key.columns)) >= many_columns
    if not many and width < wide_bytes:
        if None in widths and (unknown := untold(table, facts)):
            yield unknown
        return
    referring = facts.referencing(table.key)
    yield Flaw(
        severity=Severity.MEDIUM if referring else Severity.LOW,
        related=(
            Subject(kind="constraint", name=key.path),
            *column_subjects(table, key.columns),
            *(Subject(kind="constraint", name=other.path) for other in referring),
        ),
        evidence=(
            Evidence(name="columns of the key", value=len(key.columns), unit="columns", probe="constraints"),
            Evidence(
                name="average width of its own columns", value=None if None in widths else width, unit="bytes",
                probe=values_probe(facts),
            ),
            Evidence(name="foreign keys that repeat it", value=len(referring), unit="constraints", probe="constraints"),
        ),
        explanation=_explain(table, key.columns, own, width, len(referring)),
        recommendation="Add a number as primary key and keep the present key unique; move the referring tables over "
        "one by one, then drop their copies of the old key.",
        operations=(
            ChangeApplication(
                topic="introduce-surrogate-key", subject=table.path,
                instruction=f"Add a number to {table.path} as its primary key, keep "
                f"({', '.join(key.columns)}) unique, and let code and referring tables use the number.",
            ),
        ),
    )  # fmt: skip


def _width(column: Column) -> int | None:
    """The average width in bytes: of the type where it is fixed, else as measured."""
    if column.family in ("integer", "float") and column.bits is not None:
        return column.bits // 8
    if column.family in _FIXED_BYTES:
        return _FIXED_BYTES[column.family]
    return None if column.statistics is None else column.statistics.average_width


def _explain(table: Table, columns: Sequence[str], own: Sequence[Column], width: int, referring: int) -> str:
    text = f"The primary key of {table.path} is made of {len(columns)} column(s), {len(own)} of them its own"
    text += f" with {width:,} bytes on average" if width else ""
    return text + (
        f"; {referring} foreign key(s) repeat it in other tables." if referring else "; nothing refers to it."
    )
