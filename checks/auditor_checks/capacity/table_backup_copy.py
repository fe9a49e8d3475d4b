"""A copy of a table was kept beside it.

## What
Tables named as another of the same schema with "old", "bak", "backup", "copy", "orig" or a date behind or before it,
that have most of its columns, to which nobody refers by a foreign key, and to which nothing was written since the
counters began, where they are known.

## Why it matters
Somebody saved the rows before a change and forgot them. The copy takes space and is in every backup; it keeps personal
data beyond the day on which they had to be deleted; and a program or a report that reads the wrong one of the two is
hard to notice.

## When it is fine
The change is some days old, and the copy has a day on which it goes.

## How to fix it
Ask whoever made it. Keep a dump, rename the table for some weeks, and drop it.

## Sources
M. Fowler and P. Sadalage, "Evolutionary Database Design"; Regulation (EU) 2016/679, article 5 (1) e: storage
limitation.
"""

from __future__ import annotations

from collections.abc import Iterator

from auditor.model.catalog import Table
from auditor.model.check import Check
from auditor.model.facts import Facts
from auditor.model.finding import Evidence, Flaw, Impact, Subject
from auditor.model.operation import ChangeApplication
from auditor.model.units import TABLES
from auditor.model.vocabulary import Confidence, Pillar, Severity
from auditor.text import size
from auditor_checks._names import words
from auditor_checks._words import fitting

CHECK = Check(
    title="Copy of a table was kept beside it",
    passed="No copy of a table was kept beside it",
    pillar=Pillar.CAPACITY,
    severity=Severity.LOW,
    confidence=Confidence.LIKELY,
    unit=TABLES,
    needs=("tables", "columns", "constraints"),
)
_MARKS = frozenset({"old", "bak", "bkp", "bck", "backup", "copy", "orig", "original", "sav", "saved", "prev"})


def judge(table: Table, facts: Facts, *, same: float = 0.7, columns: float = 2) -> Iterator[Flaw]:
    """Take the marks off the table's name, and compare it with the table of what is left."""
    if table.kind != "table" or table.key in facts.inheritors or table.inherits or table.name.startswith("_"):
        return
    base = next((other for other in _bases(table, facts) if _alike(table, other, same, columns)), None)
    if base is None:
        return
    shared = {column.name for column in table.columns} & {column.name for column in base.columns}
    if facts.referencing(table.key) or facts.constraints_of(table.key, "foreign-key"):
        return  # it takes part in the schema
    written = facts.writes(table) if table.usage is not None else None
    if written:
        return
    yield Flaw(
        title=fitting(f"{table.path} looks like a copy of {base.name}"),
        related=(Subject(kind="table", name=base.path),),
        confidence=Confidence.POSSIBLE if written is None else Confidence.LIKELY,
        evidence=(
            Evidence(name="table of the plain name", value=base.path, probe="tables"),
            Evidence(name="columns that both have", value=len(shared), unit="columns", probe="columns"),
            Evidence(name="columns", value=len(table.columns), unit="columns", probe="columns"),
            Evidence(name="rows written", value=written, unit="rows", probe="table-usage"),
            Evidence(name="size", value=table.bytes, unit="bytes", probe="sizes"),
        ),
        impact=Impact(bytes=table.bytes, risk="rows that were to be deleted, and reports from the wrong table"),
        explanation=f"{table.path} has {len(shared)} of the {len(base.columns)} columns of {base.path} and its name"
        + (", and nothing was written to it" if written is not None else "")
        + (f"; it takes {size(table.bytes)}." if table.bytes else "."),
        recommendation="Ask whoever made it; keep a dump, rename it for some weeks, and drop it.",
        operations=(
            ChangeApplication(
                topic="unused-table", subject=table.path,
                instruction=f"Find out who needs {table.path}; rename it for some weeks, dump it, and drop it.",
            ),
        ),
    )  # fmt: skip


def _alike(table: Table, base: Table, same: float, columns: float) -> bool:
    """Whether two tables have most of their columns in common."""
    own, other = {column.name for column in table.columns}, {column.name for column in base.columns}
    plain = base.kind in ("table", "partitioned") and len(other) >= columns
    return plain and len(own & other) >= same * max(len(own), len(other))


def _bases(table: Table, facts: Facts) -> Iterator[Table]:
    """The tables whose name is left without the marks: "orders_old", "bak_orders", "orders_20260131"."""
    names = {words(other.name): other for other in facts.tables_in(table.schema) if other is not table}
    own = words(table.name)
    while (shorter := _without_mark(own)) is not None:
        if shorter in names:
            yield names[shorter]
        own = shorter


def _without_mark(name: tuple[str, ...]) -> tuple[str, ...] | None:
    """The words of a name without a mark or a date (20260131, 2026_01_31) at its end, or a mark before it."""
    if len(name) < 2:
        return None
    if name[-1] in _MARKS or (len(name[-1]) == 8 and name[-1].isdigit() and name[-1][:2] in ("19", "20")):
        return name[:-1]
    if len(name) > 3 and all(word.isdigit() for word in name[-3:]) and [len(word) for word in name[-3:]] == [4, 2, 2]:
        return name[:-3]
    return name[1:] if name[0] in _MARKS else None
