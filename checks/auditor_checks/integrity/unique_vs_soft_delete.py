"""A unique key counts rows that are only marked as deleted.

## What
Unique keys, other than the primary key, in tables with a column that marks rows as deleted, where neither the key's
columns nor its condition know that column. Keys that are never used again are left out: generated ids, tokens,
digests, running numbers; so are keys that a foreign key refers to, which must hold for every row.

## Why it matters
A customer who deleted the account cannot sign up again with the same address; a product code stays taken for ever.
People work around it by changing the values of deleted rows.

## When it is fine
Values must never be used again, even after a deletion: user names, invoice numbers. Marked as possible while no row
is deleted.

## How to fix it
Build a unique index limited to the rows that are not deleted, then drop the old key.

## Sources
PostgreSQL manual, "Partial Indexes" (11.8), example of a unique index over a part of a table.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from auditor.model.catalog import Column, Index, Table
from auditor.model.check import Check
from auditor.model.facts import Facts
from auditor.model.finding import Evidence, Flaw, Impact, Subject
from auditor.model.operation import AddIndex, AddUnique, AnyOperation, ChangeApplication
from auditor.model.units import Unit
from auditor.model.vocabulary import Confidence, Pillar, Severity
from auditor_checks._hidden import values_probe
from auditor_checks._names import words
from auditor_checks._soft_delete import deleted_share, deletion_mark, live_condition
from auditor_checks._words import percent
from auditor_checks.integrity._keys import column_subjects, holds_key, table_subject

_NEVER_AGAIN = {
    "token", "hash", "uuid", "guid", "digest", "checksum", "secret", "ulid", "nonce", "fingerprint", "key", "md5",
    "sha", "sha1", "sha256", "sha512",
}  # fmt: skip
_RUNNING = {("number",), ("no",), ("nr",), ("num",), ("reference",), ("ref",)}
_OF_PEOPLE = {"phone", "mobile", "fax", "telephone", "cell", "contact"}


def keys_beside_a_mark(facts: Facts) -> list[Index]:
    """The unique indexes, primary keys left out, of tables whose rows are marked as deleted."""
    found = []
    for index in facts.indexes:
        table = facts.table(index.table_key)
        if index.unique and index.usable and not index.primary and table is not None and deletion_mark(table):
            found.append(index)
    return found


CHECK = Check(
    title="Unique key counts soft-deleted rows",
    passed="Unique keys let deleted values be used again",
    pillar=Pillar.INTEGRITY,
    severity=Severity.MEDIUM,
    confidence=Confidence.LIKELY,
    unit=Unit(
        plural="unique keys of tables with soft deletion", items=keys_beside_a_mark,
        subject=lambda index: Subject(kind="index", name=index.path),
        weight=lambda facts, index: facts.exposure(facts.table(index.table_key)),
    ),
    needs=("tables", "columns", "indexes", "constraints"),
)  # fmt: skip


def judge(index: Index, facts: Facts) -> Iterator[Flaw]:
    """Report the key unless it knows the mark, is generated, or must hold for every row."""
    table = facts.table(index.table_key)
    mark = deletion_mark(table) if table is not None else None
    if table is None or mark is None or _knows(index, mark) or index.replica_identity or _generated(index, table):
        return
    if holds_key(index.columns, index, table, facts):
        return
    if any(key.index == index.name for key in facts.referencing(table.key)):
        return
    share = deleted_share(mark)
    rows = facts.rows(table)
    yield Flaw(
        severity=Severity.MEDIUM if share else Severity.LOW,
        confidence=Confidence.LIKELY if share else Confidence.POSSIBLE,
        related=(table_subject(table), *column_subjects(table, (*index.columns, mark.name))),
        evidence=(
            Evidence(name="column that marks deleted rows", value=mark.name, probe="columns"),
            Evidence(name="share of deleted rows", value=share, probe=values_probe(facts)),
            Evidence(name="rows", value=round(rows), unit="rows", probe="tables"),
        ),
        impact=Impact(rows=round(rows * share) if share else None, risk="values that can never be used again"),
        explanation=f"{index.name} of {table.path} counts the rows that {mark.name} marks as deleted"
        + (f" ({percent(share)} of {rows:,.0f} rows)" if share else "")
        + ": a value of a deleted row cannot be stored again.",
        recommendation=f"If a value may be used again, limit the key to rows with {live_condition(mark)}."
        if facts.capabilities.partial_indexes
        else f"If a value may be used again, {_WITHOUT_CONDITIONS.format(mark=mark.name)}",
        operations=(_operation(index, table, mark, facts),),
    )


def _knows(index: Index, mark: Column) -> bool:
    spelled = " ".join(filter(None, (index.predicate, *(part.expression for part in index.parts), *index.columns)))
    return re.search(rf"(?<!\w){re.escape(mark.name)}(?!\w)", spelled) is not None


def _generated(index: Index, table: Table) -> bool:
    """Whether the key holds something that is made anew for each row: an id, a token, a running number."""
    return any(_is_made_anew(column) for name in index.columns if (column := table.column(name)) is not None)


def _is_made_anew(column: Column) -> bool:
    name = words(column.name)
    uuids = column.statistics.shapes.get("uuid", 0.0) if column.statistics is not None else 0.0
    numbered = name[-1:] in _RUNNING and _OF_PEOPLE.isdisjoint(name)
    generated = column.family == "uuid" or column.identity is not None or column.sequence is not None or uuids > 0.9
    return generated or numbered or name == ("public", "id") or not _NEVER_AGAIN.isdisjoint(name)


_WITHOUT_CONDITIONS = (
    "let the key hold a generated column that is the value while {mark} says that the row lives, and null afterwards: "
    "nulls may repeat."
)
"""What stands for a unique key with a condition where an engine has none."""


def _operation(index: Index, table: Table, mark: Column, facts: Facts) -> AnyOperation:
    if not facts.capabilities.partial_indexes:
        return ChangeApplication(
            topic="unique-among-the-living", subject=index.path,
            instruction=f"If a value of {index.path} may be used again after its row was deleted, "
            + _WITHOUT_CONDITIONS.format(mark=mark.name),
        )  # fmt: skip
    condition = live_condition(mark)
    if index.predicate is not None:
        condition = f"({index.predicate}) AND {condition}"
    if index.is_expression:
        expressions = tuple(part.expression or f'"{part.column}"' for part in index.parts)
        return AddIndex(
            schema=table.schema, table=table.name, expressions=expressions, predicate=condition, unique=True,
            replaces=index.name,
        )  # fmt: skip
    return AddUnique(
        schema=table.schema, table=table.name, columns=index.columns, predicate=condition,
        replaces=index.constraint or index.name,
    )  # fmt: skip
