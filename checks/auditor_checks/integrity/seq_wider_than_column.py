"""A sequence can give numbers that the column it feeds cannot hold.

## What
Sequences whose limit lies beyond the range of an integer column that they feed, by their type or by their limit.

## Why it matters
An identity column does not notice: past the end of its type it wraps around, and rows get negative numbers, then
numbers that are taken (measured on PostgreSQL 18: after 2,147,483,647 an integer identity went on with -2,147,483,648
without an error). A column with a plain default fails, but monitoring that looks at the sequence's own limit never
sees it coming. Such sequences come from old dumps, and from widening a sequence before its column.

## When it is fine
A plain default on a column that is far from its end: the insert fails there, as it would at the sequence's own end.
Then it is only noted.

## How to fix it
Widen the column first, the sequence after it. Until then give the sequence the column's limit, so that it stops
there.

## Sources
PostgreSQL manual, CREATE SEQUENCE: the type bigint is the default; "Serial Types" (8.1.4); measured as said above.
"""

from __future__ import annotations

from collections.abc import Iterator

from auditor.model.catalog import Sequence
from auditor.model.check import Check
from auditor.model.facts import Facts, TableColumn
from auditor.model.finding import Evidence, Flaw, Impact, Subject
from auditor.model.operation import AlterSequence, AnyOperation, ChangeColumnType
from auditor.model.units import SEQUENCES
from auditor.model.vocabulary import Pillar, Severity
from auditor_checks.integrity._keys import integer_bits
from auditor_checks.integrity._positions import fed_columns, largest

CHECK = Check(
    title="Sequence goes beyond the column it feeds",
    passed="No sequence goes beyond the column it feeds",
    pillar=Pillar.INTEGRITY,
    severity=Severity.HIGH,
    unit=SEQUENCES,
    needs=("tables", "columns", "sequences"),
    engines=("postgresql",),
)


def judge(sequence: Sequence, facts: Facts, *, half: float = 0.5) -> Iterator[Flaw]:
    """Compare the limit of the sequence with the range of every column that it feeds; from ``half`` on widen it."""
    beyond = [item for item in fed_columns(sequence, facts) if _goes_beyond(sequence, integer_bits(item.column))]
    if not beyond:
        return
    narrowest = min(beyond, key=lambda item: item.column.bits or 64)
    fits = largest(narrowest.column.bits or 64)
    wraps = sequence.identity
    share = abs(sequence.last_value or 0) / fits
    end = sequence.maximum if sequence.increment > 0 else sequence.minimum
    yield Flaw(
        severity=Severity.HIGH if wraps else Severity.LOW if share >= half else Severity.INFO,
        related=tuple(Subject(kind="column", name=item.path) for item in beyond),
        evidence=(
            Evidence(name="limit of the sequence", value=end, probe="sequences"),
            Evidence(name="type of the column", value=narrowest.column.type, probe="columns"),
            Evidence(name="last number", value=sequence.last_value, probe="sequences"),
            Evidence(name="the column is an identity", value=wraps, probe="columns"),
        ),
        impact=Impact(risk="numbers that wrap around to negative ones" if wraps else "failing inserts"),
        explanation=(
            f"{sequence.path} goes to {end:,}, but {narrowest.path} ({narrowest.column.type}) ends at {fits:,}: there "
            + ("the identity wraps around to negative numbers without an error." if wraps else "every insert fails.")
        ),
        recommendation=f"Widen {narrowest.path} to bigint." if share >= half else _until_then(narrowest),
        operations=_operations(sequence, beyond, fits, share >= half),
    )


def _goes_beyond(sequence: Sequence, bits: int | None) -> bool:
    if bits is None:
        return False
    return sequence.maximum > largest(bits) if sequence.increment > 0 else sequence.minimum < -largest(bits) - 1


def _until_then(item: TableColumn) -> str:
    return (
        f"Give the sequence the limit of {item.column.type}; if more rows are to come, widen {item.column.name} first."
    )


def _operations(sequence: Sequence, beyond: list[TableColumn], fits: int, widen: bool) -> tuple[AnyOperation, ...]:
    """Widen the columns when they are half full, else stop the sequence at their end (where it has not passed it)."""
    if widen:
        return tuple(
            ChangeColumnType(
                schema=item.table.schema, table=item.table.name, column=item.column.name,
                from_type=item.column.type, to_type="bigint",
            )
            for item in beyond
        )  # fmt: skip
    if sequence.increment < 0:
        return ()
    return (AlterSequence(schema=sequence.schema, name=sequence.name, maximum=fits),)
