"""A numbered key is running out of numbers.

## What
Integer columns of a primary or unique key that a sequence feeds (serial, identity, or any default from a sequence)
and whose sequence is half through or more. The position is held against the smaller of two limits, the column type's
and the sequence's own, in the direction of its increment. Sequences that are allowed to start again are left out.

## Why it matters
When the numbers end every insert fails, at once and everywhere, and the only cure rewrites the table: a type change
under a lock takes hours on a large one.

PostgreSQL: A sequence of bigint over an integer identity does worse: it starts to hand out negative numbers without an
error.

## When it is fine
The table will be retired before the numbers end; the counter was set forward on purpose and moves slowly. Where the
usage counters cover a week, the date on which the numbers end at their rate is given.

## How to fix it
Widen the column, and every column that refers to it, beside the running application: new column, kept in step by a
trigger, filled in batches, swapped in one short transaction.

PostgreSQL: Where only the sequence is too narrow, change the sequence: that rewrites nothing. To gain time, let the
sequence use the negative half of the type.

MySQL, MariaDB: gh-ost and pt-online-schema-change copy the table so. To gain time, UNSIGNED doubles the range.

## Sources
PostgreSQL manual, "Numeric Types" (8.1): the ranges of smallint, integer and bigint; CREATE SEQUENCE: MAXVALUE,
CYCLE.
"""

from __future__ import annotations

from collections.abc import Iterator

from auditor.model.check import Check
from auditor.model.facts import Facts, TableColumn
from auditor.model.finding import Evidence, Flaw, Impact, Subject, Unknown
from auditor.model.operation import AlterSequence, AnyOperation, ChangeColumnType
from auditor.model.units import Unit
from auditor.model.vocabulary import Pillar, Severity
from auditor_checks._words import percent
from auditor_checks.integrity._keys import table_subject
from auditor_checks.integrity._positions import (
    Position,
    capacity,
    deadline,
    fed_columns,
    grade,
    hidden_position,
    narrow_children,
    numbered_keys,
    position,
    position_evidence,
    widest,
)

CHECK = Check(
    title="Numbered key is running out of numbers",
    passed="Numbered keys have numbers left",
    pillar=Pillar.INTEGRITY,
    severity=Severity.CRITICAL,
    unit=Unit(
        plural="numbered keys", items=numbered_keys, subject=lambda key: Subject(kind="column", name=key.path),
        weight=lambda facts, key: facts.exposure(key.table),
    ),
    needs=("tables", "columns", "constraints", "indexes", "sequences"),
)  # fmt: skip


def judge(
    key: TableColumn,
    facts: Facts,
    *,
    half: float = 0.5,
    most: float = 0.7,
    nearly_all: float = 0.9,
    near_days: float = 180,
) -> Iterator[Flaw | Unknown]:
    """Grade the key by the share of its numbers that is used, and by the date on which they end."""
    sequence = facts.sequence(key.column.sequence)
    if sequence is None:
        return
    if unknown := hidden_position(sequence, facts):
        yield unknown
        return
    found = position(sequence, key.column)
    severity = grade(found.share, half, most, nearly_all)
    if severity is None:
        return
    fed = fed_columns(sequence, facts)
    end = deadline(found.left, [item.table for item in fed], facts)
    if end is not None and end[1] * near_days >= found.left:
        severity = Severity.CRITICAL
    children = narrow_children(key.table, key.column, facts)
    rate = (
        (Evidence(name="rows inserted per day", value=round(end[1], 1), unit="rows", probe="table-usage"),)
        if end
        else ()
    )
    yield Flaw(
        severity=severity,
        related=(
            table_subject(key.table),
            Subject(kind="sequence", name=sequence.path),
            *(Subject(kind="column", name=child.path) for child in children),
        ),
        evidence=(*position_evidence(sequence, found), *rate),
        impact=Impact(
            rows=round(facts.rows(key.table)), deadline=end[0] if end else None,
            risk="every insert fails once the numbers end",
        ),
        explanation=_explain(key, found, len(children), end[0] if end else None),
        recommendation=_recommend(key, found, len(children)),
        operations=_operations(key, found, children, facts),
    )  # fmt: skip


def _explain(key: TableColumn, found: Position, children: int, date: str | None) -> str:
    last = "not used yet" if found.last is None else f"at {found.last:,}"
    text = f"{key.path} ({key.column.type}) can hold numbers up to {found.limit:,}; its numbers are {last}: "
    text += f"{percent(found.share)} is used and {found.left:,} numbers are left."
    if date:
        text += f" At the counted rate of inserts they end on {date}."
    return text + (f" {children} narrow column(s) of other tables refer to it." if children else "")


def _recommend(key: TableColumn, found: Position, children: int) -> str:
    if not found.by_type and found.limit < capacity(key.column):
        return f"Raise the limit of the sequence to that of {key.column.type}: it changes only the catalog."
    others = f" and the {children} column(s) that refer to it" if children else ""
    wide = widest(key.column)
    return f"Widen {key.column.name}{others} to {wide} beside the running application, before the numbers end."


def _operations(
    key: TableColumn, found: Position, children: list[TableColumn], facts: Facts
) -> tuple[AnyOperation, ...]:
    sequence, bits = facts.sequence(key.column.sequence), key.column.bits or 64
    if sequence is None:
        return ()
    wider = (sequence.bits or 64) < bits
    if wider or (not found.by_type and 0 < found.limit < capacity(key.column)):
        return (
            AlterSequence(
                schema=sequence.schema, name=sequence.name,
                data_type=("bigint" if bits == 64 else "integer") if wider else None,
                maximum=None if wider else capacity(key.column),
            ),
        )  # fmt: skip
    changes = [
        ChangeColumnType(
            schema=item.table.schema, table=item.table.name, column=item.column.name, from_type=item.column.type,
            to_type=widest(item.column),
        )
        for item in (key, *children)
    ]  # fmt: skip
    narrow = (sequence.bits or 64) < 64
    after = [AlterSequence(schema=sequence.schema, name=sequence.name, data_type="bigint")] if narrow else []
    return (*changes, *after)
