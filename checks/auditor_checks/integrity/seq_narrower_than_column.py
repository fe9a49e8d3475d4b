"""A sequence is narrower than the column that it feeds.

## What
Sequences of type smallint or integer, without a limit of their own, that feed a wider integer column. A sequence
whose limit was set on purpose below that of its type, and one that starts again, are left out. How near the end is,
is told by pk-int-exhaustion and seq-exhaustion.

## Why it matters
The column was widened, the sequence was not: inserts will fail at 2,147,483,647 although the table has room for four
thousand million times as many rows, and monitoring that looks at the column's type stays green.

## When it is fine
The table will never come near the limit of the sequence.

## How to fix it
Change the type of the sequence to that of the column. It changes only the catalog, and its limit rises with it.

## Sources
PostgreSQL manual, ALTER SEQUENCE: changing the type changes the limits if they were those of the old type; ALTER
TABLE … ALTER COLUMN TYPE leaves the sequence of a serial column as it is.
"""

from __future__ import annotations

from collections.abc import Iterator

from auditor.model.catalog import Sequence
from auditor.model.check import Check
from auditor.model.facts import Facts, TableColumn
from auditor.model.finding import Evidence, Flaw, Subject
from auditor.model.operation import AlterSequence
from auditor.model.units import SEQUENCES
from auditor.model.vocabulary import Pillar, Severity
from auditor_checks.integrity._keys import integer_bits
from auditor_checks.integrity._positions import capacity, fed_columns, largest

CHECK = Check(
    title="Sequence is narrower than the column it feeds",
    passed="No sequence is narrower than the column it feeds",
    pillar=Pillar.INTEGRITY,
    severity=Severity.MEDIUM,
    unit=SEQUENCES,
    needs=("tables", "columns", "sequences"),
)


def judge(sequence: Sequence, facts: Facts, *, used: float = 0.1) -> Iterator[Flaw]:
    """Compare the type of the sequence with that of every column that it feeds; ``used`` is the share for medium."""
    bits = sequence.bits
    if bits is None or sequence.cycle or not _limited_by_type(sequence, bits):
        return
    wider = [item for item in fed_columns(sequence, facts) if (integer_bits(item.column) or 0) > bits]
    if not wider:
        return
    share = abs(sequence.last_value or 0) / largest(bits)
    known = sequence.readable
    yield Flaw(
        severity=Severity.LOW if known and share < used else Severity.MEDIUM,
        related=tuple(Subject(kind="column", name=item.path) for item in wider),
        evidence=(
            Evidence(name="bits of the sequence", value=bits, unit="bits", probe="sequences"),
            Evidence(name="type of the column", value=wider[0].column.type, probe="columns"),
            Evidence(name="last number", value=sequence.last_value, probe="sequences"),
            Evidence(name="last number that fits", value=largest(bits), probe="sequences"),
        ),
        explanation=f"{_names(wider)} can hold {capacity(wider[0].column):,}, but {sequence.path} ends at "
        f"{largest(bits):,}: every insert fails there.",
        recommendation=f"Change the type of {sequence.path} to {wider[0].column.type}; nothing is rewritten.",
        operations=(AlterSequence(schema=sequence.schema, name=sequence.name, data_type=_type(wider)),),
    )


def _limited_by_type(sequence: Sequence, bits: int) -> bool:
    """Whether the end of the sequence is that of its type, in the direction in which it counts."""
    return sequence.maximum == largest(bits) if sequence.increment > 0 else sequence.minimum == -largest(bits) - 1


def _type(wider: list[TableColumn]) -> str:
    return "bigint" if any((item.column.bits or 64) == 64 for item in wider) else "integer"


def _names(wider: list[TableColumn]) -> str:
    return ", ".join(item.path for item in wider)
