"""A primary key stores UUIDs as text.

## What
Primary key columns of a text type whose sampled values are UUIDs, or that are filled by a function that makes UUIDs.
Where no values were sampled, a declared length of exactly 36 characters is taken as a hint, marked as possible. Keys
with a prefix ("usr_…") are text and not reported. The columns that refer to the key are named with it.

## Why it matters
PostgreSQL, MySQL, MariaDB: Text takes 37 bytes where a UUID takes 16, in the table, in its index and in every table
that refers to it; comparing it follows the rules of a language instead of comparing bytes; and nothing keeps "A…" and
"a…", or a typing mistake, apart.

MongoDB: Text takes 41 bytes where a binary UUID takes 21, in the documents, in the index over ``_id`` and in every
reference; random ones go to all places of the index, which then has to stay in the cache as a whole; and "A…" and "a…"
are two keys.

## When it is fine
Keys that another system issues and that only look like UUIDs today. A small table costs little.

## How to fix it
PostgreSQL, MySQL, MariaDB: Change the key and everything that refers to it to the type for UUIDs, beside the running
application: new columns, kept in step by triggers, filled in batches, swapped together.

MongoDB: An ``_id`` is for good. Give new documents binary UUIDs in the order of time (version 7) or ObjectIds.

## Sources
PostgreSQL manual, "UUID Type" (8.12): 128 bits; "Character Types" (8.3): short strings need one byte more than they
have.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from auditor.model.catalog import Column
from auditor.model.check import Check
from auditor.model.facts import Facts, TableColumn
from auditor.model.finding import Evidence, Flaw, Impact, Subject, Unknown
from auditor.model.operation import ChangeApplication, ChangeColumnType
from auditor.model.units import Unit, column_subject
from auditor.model.vocabulary import Confidence, Pillar, Severity
from auditor_checks._bookkeeping import tool_of
from auditor_checks._words import percent
from auditor_checks.integrity._keys import children_of, table_subject
from auditor_checks.integrity._statistics import untold

_MAKES_UUID = re.compile(r"\b(gen_random_uuid|uuid_generate_v\w+|uuidv[47])\s*\(")


def text_keys(facts: Facts) -> list[TableColumn]:
    """The text columns of primary keys that do not repeat another table's key."""
    found = []
    for table in facts.tables:
        if table.kind == "collection" and (own := table.column("_id")) is not None and own.family == "text":
            found.append(TableColumn(table, own))
        key = facts.primary_key(table.key)
        borrowed = {c for other in facts.constraints_of(table.key, "foreign-key") for c in other.columns}
        for name in key.columns if key is not None and tool_of(table) is None else ():
            column = table.column(name)
            if column is not None and column.family in ("text", "char") and name not in borrowed:
                found.append(TableColumn(table, column))
    return found


CHECK = Check(
    title="Primary key stores UUIDs as text",
    passed="No primary key stores UUIDs as text",
    pillar=Pillar.INTEGRITY,
    severity=Severity.MEDIUM,
    unit=Unit(
        plural="text primary keys", items=text_keys, subject=column_subject,
        weight=lambda facts, key: facts.exposure(key.table),
    ),
    needs=("tables|collections", "columns|fields", "constraints|collections"),
)  # fmt: skip


def judge(
    key: TableColumn, facts: Facts, *, uuid_share: float = 0.95, small_rows: float = 1_000
) -> Iterator[Flaw | Unknown]:
    """Judge by sampled shapes first, then by the default, then by the length."""
    table, column = key
    sampled = column.statistics is not None and column.statistics.sampled_values > 0
    share = column.statistics.shapes.get("uuid", 0.0) if column.statistics is not None and sampled else None
    confidence = _confidence(column, share, uuid_share)
    if confidence is None:
        if share is None and column.length in (None, 36) and (unknown := untold(table, facts)):
            yield unknown
        return
    rows, children = facts.rows(table), children_of(table, column, facts)
    width = column.statistics.average_width if column.statistics is not None else None
    wasted = round(2 * rows * max(0, (width or 37) - 16)) if rows else None
    yield Flaw(
        severity=Severity.LOW
        if rows < small_rows and (confidence is Confidence.POSSIBLE or table.kind == "collection")
        else Severity.MEDIUM,
        confidence=confidence,
        related=(table_subject(table), *(Subject(kind="column", name=child.path) for child in children)),
        evidence=(
            Evidence(name="type", value=column.type, probe="columns|fields"),
            Evidence(name="share of sampled values that are UUIDs", value=share, probe="column-statistics|fields"),
            Evidence(name="average width", value=width, unit="bytes", probe="column-statistics|fields"),
            Evidence(name="rows", value=round(rows), unit="rows", probe="tables|collection-sizes"),
            Evidence(
                name="columns that refer to it", value=len(children), unit="columns", probe="constraints|references"
            ),
        ),
        impact=Impact(bytes=wasted, rows=round(rows)),
        explanation=f"{column.name} ({column.type}) of {table.path} holds UUIDs as text: {_why(column, share)}. "
        f"A UUID takes 16 bytes, its text 36 and more, here in {rows:,.0f} rows, their index and {len(children)} "
        f"referring {facts.capabilities.terms.column}(s).",
        recommendation="Give new documents binary UUIDs in the order of time, and leave the old ones as they are."
        if table.kind == "collection"
        else f"Change {column.name} and the columns that refer to it to {facts.capabilities.uuid_type} "
        "beside the running application.",
        operations=(_new_keys(key),)
        if table.kind == "collection"
        else tuple(
            ChangeColumnType(
                schema=item.table.schema, table=item.table.name, column=item.column.name, from_type=item.column.type,
                to_type=facts.capabilities.uuid_type, using="{column}::uuid" if facts.capabilities.casts else None,
            )
            for item in (key, *children)
            if item.column.family in ("text", "char")
        ),
    )  # fmt: skip


def _new_keys(key: TableColumn) -> ChangeApplication:
    """The key of a document cannot be changed: new ones get a better one."""
    return ChangeApplication(
        topic="uuid-keys", subject=key.path,
        instruction=f"Write new documents of {key.table.path} with a binary UUID (subtype 4, version 7) or an "
        "ObjectId as _id; old ones keep theirs.",
    )  # fmt: skip


def _confidence(column: Column, share: float | None, uuid_share: float) -> Confidence | None:
    """How sure it is that the column holds UUIDs; None when it does not."""
    if share is not None:
        return Confidence.CERTAIN if share >= uuid_share else None
    if _MAKES_UUID.search(column.default or ""):
        prefixed = "||" in (column.default or "") or "concat" in (column.default or "")
        return None if prefixed else Confidence.LIKELY
    return Confidence.POSSIBLE if column.length == 36 else None


def _why(column: Column, share: float | None) -> str:
    if share is not None:
        return f"{percent(share)} of the sampled values are"
    if column.default:
        return "its default makes one"
    return "it is declared 36 characters long, as one is when written out"
