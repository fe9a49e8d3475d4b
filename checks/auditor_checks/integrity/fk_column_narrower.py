"""A foreign key's column is narrower than the key that it refers to.

## What
Integer columns of a foreign key that have fewer bits than the referenced column. The finding is graded by how far the
referenced key's sequence, or its rows, have come towards the largest number that the narrow column can hold.

## Why it matters
As soon as the referenced key passes that number, rows can be made that nothing can refer to: inserts into the
referring table fail, while everything about the referenced table looks healthy. A key that was widened to bigint in
time leaves this trap behind in every table that was forgotten.

## When it is fine
The referenced table can never hold that many rows; a list of countries will not pass 32,767. Where the referenced key
is far below the limit the finding is low.

## How to fix it
Widen the referring column beside the running application before the referenced key passes the limit.

## Sources
PostgreSQL manual, "Foreign Keys" (5.5.5): number and type of the columns need to match; "Numeric Types" (8.1):
ranges.
"""

from __future__ import annotations

from collections.abc import Iterator

from auditor.model.catalog import Constraint
from auditor.model.check import Check
from auditor.model.facts import Facts, TableColumn
from auditor.model.finding import Evidence, Flaw, Impact, Subject, Unknown
from auditor.model.operation import ChangeColumnType
from auditor.model.vocabulary import Pillar, Severity
from auditor_checks._references import REFERENCES
from auditor_checks._words import percent
from auditor_checks.integrity._keys import column_pairs, integer_bits
from auditor_checks.integrity._positions import capacity, deadline, grade, hidden_position

CHECK = Check(
    title="Foreign key column is narrower than the key it refers to",
    passed="No foreign key column is narrower than the key it refers to",
    pillar=Pillar.INTEGRITY,
    severity=Severity.MEDIUM,
    unit=REFERENCES,
    needs=("tables", "columns", "constraints", "sequences"),
)


def judge(
    key: Constraint, facts: Facts, *, half: float = 0.5, most: float = 0.7, nearly_all: float = 0.9
) -> Iterator[Flaw | Unknown]:
    """Report each column pair whose own side is the narrower integer."""
    for child, parent in column_pairs(key, facts):
        bits, wide = integer_bits(child.column), integer_bits(parent.column)
        if bits is None or wide is None or bits >= wide:
            continue
        sequence = facts.sequence(parent.column.sequence)
        if sequence is not None and (unknown := hidden_position(sequence, facts)):
            yield unknown
        last = sequence.last_value if sequence is not None else None
        limit, rows = capacity(child.column), facts.rows(parent.table)
        share = max(abs(last or 0), rows) / limit
        severity = grade(share, half, most, nearly_all) or Severity.LOW
        end = deadline(max(0, limit - abs(last)), [parent.table], facts) if last is not None else None
        yield Flaw(
            subject=Subject(kind="column", name=child.path),
            severity=severity,
            related=(
                Subject(kind="constraint", name=key.path), Subject(kind="column", name=parent.path),
                *([Subject(kind="sequence", name=sequence.path)] if sequence is not None else []),
            ),
            evidence=(
                Evidence(name="type of the column", value=child.column.type, probe="columns"),
                Evidence(name="type of the referenced key", value=parent.column.type, probe="columns"),
                Evidence(name="last number of the referenced key", value=last, probe="sequences"),
                Evidence(name="rows of the referenced table", value=round(rows), unit="rows", probe="tables"),
                Evidence(name="largest number that the column holds", value=limit, probe="columns"),
            ),
            impact=Impact(
                rows=round(facts.rows(child.table)), deadline=end[0] if end is not None else None,
                risk="rows that nothing can refer to, and failing inserts",
            ),
            explanation=_explain(child, parent, last, share, end[0] if end is not None else None),
            recommendation=f"Widen {child.path} to {parent.column.type} beside the running application.",
            operations=(
                ChangeColumnType(
                    schema=child.table.schema, table=child.table.name, column=child.column.name,
                    from_type=child.column.type, to_type=_widened(child, parent, wide),
                ),
            ),
        )  # fmt: skip


def _explain(child: TableColumn, parent: TableColumn, last: int | None, share: float, date: str | None) -> str:
    limit = capacity(child.column)
    text = f"{child.path} is {child.column.type} and ends at {limit:,}; {parent.path}, to which it refers, is "
    text += f"{parent.column.type}"
    if last is not None:
        text += f" and has come to {last:,}" + (f", {percent(share)} of that" if share >= 0.001 else "")
    text += f". At the counted rate of inserts it gets there on {date}." if date else "."
    return text


def _widened(child: TableColumn, parent: TableColumn, bits: int) -> str:
    """The type that the column is given: that of the key where numbers may have no sign, else one of the usual two."""
    if parent.column.unsigned or child.column.unsigned or bits < 32:
        return parent.column.type
    return "bigint" if bits == 64 else "integer"
