"""A column draws its default from a sequence that does not belong to it.

## What
Sequences that feed a column by default and are owned by no column, by another column, or that feed several columns.
Partitions and inheriting tables, which draw from their parent's sequence by design, do not count; nor do identities.

## Why it matters
An unowned sequence stays behind when its table is dropped and is missed when rights are granted or tables are copied.
One that belongs to another table stands in the way when that table is dropped, and with CASCADE takes this table's
default along, so that inserts fail. Columns that share one see gaps that nobody can explain, and use its numbers up
together.

## When it is fine
One sequence for several tables on purpose, so that a number names one thing in the whole system. Marked as possible.

## How to fix it
Let the column own its sequence: that changes only the catalog. Give each of several columns its own, or write down
why they share one.

## Sources
PostgreSQL manual, CREATE SEQUENCE, OWNED BY: the table must have the same owner and be in the same schema; "Serial
Types" (8.1.4): a serial column owns its sequence.
"""

from __future__ import annotations

from collections.abc import Iterator
from collections.abc import Sequence as Many

from auditor.model.catalog import Sequence, dotted
from auditor.model.check import Check
from auditor.model.facts import Facts, TableColumn
from auditor.model.finding import Evidence, Flaw, Subject
from auditor.model.operation import AlterSequence, ChangeApplication
from auditor.model.units import SEQUENCES
from auditor.model.vocabulary import Confidence, Pillar, Severity
from auditor_checks.integrity._positions import fed_columns

CHECK = Check(
    title="Sequence is unowned or shared",
    passed="Every column owns the sequence that feeds it",
    pillar=Pillar.INTEGRITY,
    severity=Severity.LOW,
    unit=SEQUENCES,
    needs=("tables", "columns", "sequences"),
)


def judge(sequence: Sequence, facts: Facts) -> Iterator[Flaw]:
    """Report the sequence unless it feeds nothing, or one column that owns it."""
    fed = fed_columns(sequence, facts)
    owner = (
        dotted(sequence.owner_schema, sequence.owner_table, sequence.owner_column)
        if sequence.owner_schema and sequence.owner_table and sequence.owner_column
        else None
    )
    strangers = [item for item in fed if item.path != owner]
    if not strangers:
        return
    shared = len(fed) > 1
    yield Flaw(
        title="Sequence feeds several columns"
        if shared
        else None
        if owner is None
        else "Sequence belongs to another column",
        severity=Severity.LOW if shared or owner is None else Severity.MEDIUM,
        confidence=Confidence.POSSIBLE if shared and owner is None else Confidence.CERTAIN,
        related=(
            *(Subject(kind="column", name=item.path) for item in fed),
            *([Subject(kind="column", name=owner)] if owner and all(item.path != owner for item in fed) else []),
        ),
        evidence=(
            Evidence(name="columns that it feeds", value=len(fed), unit="columns", probe="sequences"),
            Evidence(name="column that owns it", value=owner, probe="sequences"),
        ),
        explanation=_explain(sequence, fed, owner),
        recommendation="Give each column a sequence of its own, or write down that the numbers are shared on purpose."
        if shared
        else f"Let {fed[0].path} own the sequence.",
        operations=_operations(sequence, fed),
    )


def _explain(sequence: Sequence, fed: Many[TableColumn], owner: str | None) -> str:
    text = f"{sequence.path} feeds {', '.join(item.path for item in fed)} and belongs to {owner or 'no column'}"
    if len(fed) > 1:
        return text + ": the columns use its numbers up together" + ("." if owner is None else _cascade(owner))
    return text + (": it stays behind when the table is dropped." if owner is None else _cascade(owner))


def _cascade(owner: str) -> str:
    return f", and dropping {owner} takes the default of the others along or fails."


def _operations(sequence: Sequence, fed: Many[TableColumn]) -> tuple[AlterSequence | ChangeApplication, ...]:
    if len(fed) > 1:
        return (
            ChangeApplication(
                topic="separate-sequences", subject=sequence.path,
                instruction=f"Decide whether {', '.join(item.path for item in fed)} share numbers on purpose. If not, "
                "create a sequence for each, set it beyond the column's largest value, and change the defaults.",
            ),
        )  # fmt: skip
    table, column = fed[0]
    if table.schema != sequence.schema:
        return ()  # a sequence can be owned only within its schema
    return (
        AlterSequence(
            schema=sequence.schema, name=sequence.name, owned_by=(table.schema, table.name, column.name)
        ),
    )  # fmt: skip
