"""A busy table that does not fit into memory is keyed by random UUIDs.

## What
Tables larger than the buffer cache that still receive rows, and whose primary key begins with a UUID in random order:
its default makes random ones, or the sampled keys have no order at all in the table. UUIDs that rise with time
(version 7) are not reported.

## Why it matters
Each new key lands on another page of the index. Once the index is larger than the cache nearly every insert reads a
page and, after a checkpoint, logs it in full: the log and the write load grow several times over what rising keys
need.

## When it is fine
The table fits into the cache, or is hardly written. Sharded systems may want keys that spread evenly.

## How to fix it
Make new keys rise with time: UUID version 7, built in from PostgreSQL 18 as uuidv7(), before that from the
application. Old keys stay as they are; the index can be rebuilt later.

## Sources
PostgreSQL manual, "UUID Functions" (9.14): uuidv4 and uuidv7; "WAL Configuration" (28.5): full_page_writes after a
checkpoint; RFC 9562, section 2.1: random UUIDs have poor index locality.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from auditor.model.catalog import Column, Table
from auditor.model.check import Check
from auditor.model.facts import Facts
from auditor.model.finding import Evidence, Flaw, Subject, Unknown
from auditor.model.operation import AnyOperation, ChangeApplication, SetDefault
from auditor.model.units import TABLES
from auditor.model.vocabulary import Confidence, Pillar, Severity
from auditor.text import size
from auditor_checks._hidden import hidden_statistics
from auditor_checks.integrity._keys import inserted_rows

CHECK = Check(
    title="Random UUID keys in a table larger than the cache",
    passed="No large, busy table is keyed by random UUIDs",
    pillar=Pillar.INTEGRITY,
    severity=Severity.MEDIUM,
    unit=TABLES,
    needs=("tables", "columns", "constraints", "sizes", "settings"),
    engines=("postgresql",),
)

_RANDOM = re.compile(r"\b(gen_random_uuid|uuid_generate_v4|uuidv4)\s*\(")
_RISES = re.compile(r"v7|v6|ulid|sequential|time", re.IGNORECASE)
_UUIDV7_SINCE = 180000


def judge(
    table: Table, facts: Facts, *, cache_share: float = 1.0, least_inserts: float = 1_000, ordered: float = 0.5
) -> Iterator[Flaw | Unknown]:
    """Report the table when it outgrew the cache, takes inserts, and its keys come in no order."""
    key, cache = facts.primary_key(table.key), facts.setting_bytes("shared_buffers")
    column = table.column(key.columns[0]) if key is not None else None
    inserted = inserted_rows(table, facts) or 0
    if column is None or column.family != "uuid" or inserted < least_inserts:
        return
    if cache is None or table.bytes is None or table.bytes < cache_share * cache:
        return
    if any(column.name in other.columns for other in facts.constraints_of(table.key, "foreign-key")):
        return  # the keys come from another table
    made_here = bool(_RANDOM.search(column.default or ""))
    order = column.statistics.correlation if column.statistics is not None else None
    if order is None and not made_here:
        if not table.statistics_visible:
            yield hidden_statistics(table, facts)
        return
    if (column.default and not made_here and _RISES.search(column.default)) or abs(order or 0.0) >= ordered:
        return
    log = facts.server.log_statistics
    yield Flaw(
        confidence=Confidence.CERTAIN if made_here else Confidence.LIKELY,
        subject=Subject(kind="column", name=table.column_path(column.name)),
        related=(Subject(kind="table", name=table.path),),
        evidence=(
            Evidence(name="size of the table with its indexes", value=table.bytes, unit="bytes", probe="sizes"),
            Evidence(name="shared_buffers", value=cache, unit="bytes", probe="settings"),
            Evidence(name="rows inserted", value=inserted, unit="rows", probe="table-usage"),
            Evidence(
                name="order of the keys in the table (1: rising, 0: none)",
                value=None if order is None else round(order, 3), probe="column-statistics",
            ),
            Evidence(
                name="share of log records that hold a full page",
                value=round(log.full_pages / log.records, 3) if log is not None and log.records else None,
                probe="log-statistics",
            ),
        ),
        explanation=(
            f"{table.path} is {size(table.bytes)} large, the cache {size(cache)}; {inserted:,} rows were inserted, and "
            f"each key of {column.name} lands on another page of the index"
            + (f", as its default is {column.default}." if made_here else ", as the order of the sampled keys shows.")
        ),
        recommendation="Make new keys rise with time (UUID version 7); the old ones stay.",
        operations=(_operation(table, column, made_here, facts.version),),
    )  # fmt: skip


def _operation(table: Table, column: Column, made_here: bool, version: int) -> AnyOperation:
    if made_here and version >= _UUIDV7_SINCE:
        return SetDefault(
            schema=table.schema, table=table.name, column=column.name, expression="uuidv7()", previous=column.default
        )
    path = table.column_path(column.name)
    return ChangeApplication(
        topic="time-ordered-keys", subject=path,
        instruction=f"Give {path} UUIDs of version 7 from the application, which rise with time.",
    )  # fmt: skip
