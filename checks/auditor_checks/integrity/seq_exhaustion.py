"""A sequence that feeds no integer key is near its end.

## What
Sequences of which half or more is used, and which feed no integer column of a key: those that feed other columns,
text or decimal keys, or are drawn from by the application. Where a sequence feeds an integer column, the column's
type limits it as well. Sequences that start again, and those that feed integer keys (see pk-int-exhaustion), are left
out.

## Why it matters
At the end every draw fails with an error, and with it the statement that drew: numbering of invoices, batches or
messages stops.

## When it is fine
The limit is a deliberate quota. A small range that moves slowly may last for decades: where the counters cover a
week, the date is given.

## How to fix it
Raise the limit or the type of the sequence: both change only the catalog. Widen a narrow column first.

## Sources
PostgreSQL manual, CREATE SEQUENCE: MAXVALUE and CYCLE; "NO CYCLE" is the default and makes nextval fail at the end.
"""

from __future__ import annotations

from collections.abc import Iterator

from auditor.model.catalog import Sequence
from auditor.model.check import Check
from auditor.model.facts import Facts, TableColumn
from auditor.model.finding import Flaw, Impact, Subject, Unknown
from auditor.model.operation import AlterSequence, AnyOperation, ChangeColumnType
from auditor.model.units import SEQUENCES
from auditor.model.vocabulary import Pillar, Severity
from auditor_checks._words import percent
from auditor_checks.integrity._keys import key_columns
from auditor_checks.integrity._positions import (
    Position,
    capacity,
    deadline,
    fed_columns,
    grade,
    hidden_position,
    largest,
    position,
    position_evidence,
    widest,
)

CHECK = Check(
    title="Sequence is near its end",
    passed="Sequences outside integer keys have numbers left",
    pillar=Pillar.INTEGRITY,
    severity=Severity.HIGH,
    unit=SEQUENCES,
    needs=("tables", "columns", "indexes", "sequences"),
)


def judge(
    sequence: Sequence, facts: Facts, *, half: float = 0.5, most: float = 0.7, nearly_all: float = 0.9
) -> Iterator[Flaw | Unknown]:
    """Grade the sequence by the share of its numbers that is used, unless a key's column is judged for it."""
    fed = fed_columns(sequence, facts)
    if sequence.cycle or any(
        item.column.family == "integer" and item.column.name in key_columns(item.table, facts) for item in fed
    ):
        return
    if unknown := hidden_position(sequence, facts):
        yield unknown
        return
    narrowest = min((item.column for item in fed if item.column.family == "integer"), key=capacity, default=None)
    found = position(sequence, narrowest)
    severity = grade(found.share, half, most, nearly_all)
    if severity is None:
        return
    end = deadline(found.left, [item.table for item in fed], facts)
    yield Flaw(
        severity=severity,
        related=tuple(Subject(kind="column", name=item.path) for item in fed),
        evidence=position_evidence(sequence, found),
        impact=Impact(deadline=end[0] if end else None, risk="every draw fails once the numbers end"),
        explanation=(
            f"{sequence.path} can give numbers up to {found.limit:,} and "
            + ("was never used" if found.last is None else f"has given {found.last:,}")
            + f": {percent(found.share)} is used and {found.left:,} numbers are left. It feeds {_fed(fed)}."
        ),
        recommendation="Widen the column that the sequence feeds before its numbers end."
        if found.by_type
        else "Raise the limit of the sequence before its numbers end, unless the limit is a quota.",
        operations=_operations(sequence, found, fed),
    )


def _fed(fed: tuple[TableColumn, ...]) -> str:
    return ", ".join(item.path for item in fed) if fed else "no column: the application draws from it"


def _operations(sequence: Sequence, found: Position, fed: tuple[TableColumn, ...]) -> tuple[AnyOperation, ...]:
    if found.by_type:
        return tuple(
            ChangeColumnType(
                schema=item.table.schema, table=item.table.name, column=item.column.name, from_type=item.column.type,
                to_type=widest(item.column),
            )
            for item in fed
            if item.column.family == "integer" and (item.column.bits or 64) < 64
        )  # fmt: skip
    if found.limit < 0:
        return ()
    if sequence.bits is not None and sequence.bits < 64 and sequence.maximum == largest(sequence.bits):
        return (AlterSequence(schema=sequence.schema, name=sequence.name, data_type="bigint"),)
    return (AlterSequence(schema=sequence.schema, name=sequence.name, maximum=largest(sequence.bits or 64)),)
