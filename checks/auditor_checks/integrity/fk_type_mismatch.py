"""A foreign key's column has another type than the column it refers to.

## What
Columns of a foreign key whose type differs from the referenced one's: another type, another width of float,
blank-padded against variable text, or an integer that is wider than the referenced one. Declared lengths and
precisions, text against varchar, and domains over the same type are no difference. An integer that is narrower than
the referenced one is reported by fk-column-narrower alone.

## Why it matters
Every check of the reference and every join converts values, which costs time and can keep an index from being used.
What compares equal may not be the same.

PostgreSQL: A timestamp without time zone that refers to one with changes its meaning with the session; blank-padded
text loses its trailing blanks.

## When it is fine
In the middle of a type change: the referring column is widened before the key. A wider integer is therefore graded
low.

## How to fix it
Change the referring column to the referenced type beside the running application. A plain ALTER TYPE rewrites the
table under an exclusive lock.

## Sources
PostgreSQL manual, "Foreign Keys" (5.5.5): the number and type of the constrained columns need to match those
referenced.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from auditor.model.catalog import Column, Constraint
from auditor.model.check import Check
from auditor.model.facts import Facts
from auditor.model.finding import Evidence, Flaw, Subject
from auditor.model.operation import ChangeColumnType
from auditor.model.vocabulary import Pillar, Severity
from auditor_checks._references import REFERENCES
from auditor_checks.integrity._keys import column_pairs, integer_bits

CHECK = Check(
    title="Foreign key column has another type than the key it refers to",
    passed="Foreign key columns have the type of the keys they refer to",
    pillar=Pillar.INTEGRITY,
    severity=Severity.MEDIUM,
    unit=REFERENCES,
    needs=("tables", "columns", "constraints"),
)

_LIMITS = re.compile(r"\([^)]*\)")
_SAME = {"character varying": "text", "varchar": "text"}


def judge(key: Constraint, facts: Facts) -> Iterator[Flaw]:
    """Compare the base types of each pair of columns."""
    for child, parent in column_pairs(key, facts):
        own, referenced = _base(child.column), _base(parent.column)
        if own == referenced:
            continue
        bits, wide = integer_bits(child.column), integer_bits(parent.column)
        if bits is not None and wide is not None and bits < wide:
            continue
        wider = bits is not None and wide is not None
        yield Flaw(
            subject=Subject(kind="column", name=child.path),
            severity=Severity.LOW if wider else Severity.MEDIUM,
            title="Foreign key column is wider than the key it refers to" if wider else None,
            related=(Subject(kind="constraint", name=key.path), Subject(kind="column", name=parent.path)),
            evidence=(
                Evidence(name="type of the column", value=child.column.type, probe="columns"),
                Evidence(name="type of the referenced key", value=parent.column.type, probe="columns"),
                Evidence(name="rows", value=round(facts.rows(child.table)), unit="rows", probe="tables"),
            ),
            explanation=f"{child.path} is {child.column.type}, {parent.path}, to which it refers, {parent.column.type}"
            + (
                ": it can hold values that the key never takes."
                if wider
                else ": every check of the reference and every join converts one into the other."
            ),
            recommendation=f"Give both one type: widen {parent.path} to {child.column.type} if numbers may run out, "
            "else leave it until the next change of the table."
            if wider
            else f"Change {child.path} to {parent.column.type} beside the running application.",
            operations=()
            if wider
            else (
                ChangeColumnType(
                    schema=child.table.schema, table=child.table.name, column=child.column.name,
                    from_type=child.column.type, to_type=parent.column.type,
                ),
            ),
        )  # fmt: skip


def _base(column: Column) -> str:
    """The type behind a domain, without its limits, and with what only differs by a limit taken as one."""
    text = " ".join(_LIMITS.sub("", column.base_type or column.type).split())
    return _SAME.get(text, text)
