"""A busy table that does not fit into memory is keyed by random UUIDs.

## What
Tables larger than the buffer cache that still receive rows, and whose primary key begins with a UUID in random order:
its default makes random ones, or the sampled keys have no order at all in the table. UUIDs that rise with time
(version 7) are not reported.

On MySQL and MariaDB the default tells: UUID() as text, or as bytes in the order of the text, begins with the part of
the time that comes back to its beginning every seven minutes. Left out are UUID_TO_BIN(UUID(), 1) and MariaDB's type
UUID, which put the slow part first.

## Why it matters
PostgreSQL: Each new key lands on another page of the index. Once the index is larger than the cache nearly every insert
reads a page and, after a checkpoint, logs it in full: the log and the write load grow several times over what rising
keys need.

MySQL, MariaDB: InnoDB keeps the rows themselves in the order of the primary key: the table grows in random places. Once
it is larger than the buffer pool nearly every insert reads a page, and pages are split before they are full. Each
secondary index repeats the long key.

## When it is fine
The table fits into the cache, or is hardly written. Sharded systems may want keys that spread evenly.

## How to fix it
Make new keys rise with time: UUID version 7. Old keys stay as they are; the index can be rebuilt later.

PostgreSQL: From version 18 on the server makes them, by uuidv7(); before, the application.

MySQL: The application makes them; or BINARY(16) takes UUID_TO_BIN(UUID(), 1).

MariaDB: The application makes them; or the type UUID, which puts the slow part of UUID() first.

## Sources
PostgreSQL manual, "UUID Functions" (9.14): uuidv4 and uuidv7; "WAL Configuration" (28.5): full_page_writes after a
checkpoint; MySQL manual, "Miscellaneous Functions" (UUID_TO_BIN), "Clustered and Secondary Indexes"; MariaDB
documentation, "UUID Data Type"; RFC 9562, section 2.1: random UUIDs have poor index locality.
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
from auditor_checks._settings import PRODUCTS
from auditor_checks.integrity._keys import inserted_rows

CHECK = Check(
    title="Random UUID keys in a table larger than the cache",
    passed="No large, busy table is keyed by random UUIDs",
    pillar=Pillar.INTEGRITY,
    severity=Severity.MEDIUM,
    unit=TABLES,
    needs=("tables", "columns", "constraints", "sizes", "settings"),
    engines=("postgresql", *PRODUCTS),
)

_RANDOM = re.compile(r"\b(gen_random_uuid|uuid_generate_v4|uuidv4)\s*\(")
_RISES = re.compile(r"v7|v6|ulid|sequential|time", re.IGNORECASE)
_UUIDV7_SINCE = 180000
_SCATTERED = re.compile(r"\b(?:uuid|sys_guid|random_bytes)\s*\(", re.IGNORECASE)
_SLOW_PART_FIRST = re.compile(r"\buuid_to_bin\s*\(.*,\s*(?:1|true)\s*\)", re.IGNORECASE)


def judge(
    table: Table, facts: Facts, *, cache_share: float = 1.0, least_inserts: float = 1_000, ordered: float = 0.5
) -> Iterator[Flaw | Unknown]:
    """Report the table when it outgrew the cache, takes inserts, and its keys come in no order."""
    key, (setting, cache) = facts.primary_key(table.key), _cache(facts)
    column = table.column(key.columns[0]) if key is not None else None
    if column is None or not _may_be_scattered(table, column, facts):
        return
    if cache is None or table.bytes is None or table.bytes < cache_share * cache:
        return
    if any(column.name in other.columns for other in facts.constraints_of(table.key, "foreign-key")):
        return  # the keys come from another table
    inserted = inserted_rows(table, facts)
    if inserted is None:
        yield Unknown(reason=f"how many rows are inserted into {table.path} is not counted")
        return
    if inserted < least_inserts:
        return
    clustered = facts.target.engine in PRODUCTS
    made_here = clustered or bool(_RANDOM.search(column.default or ""))
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
            Evidence(name=setting, value=cache, unit="bytes", probe="settings"),
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
            f"each key of {column.name} lands on another page of the {'table' if clustered else 'index'}"
            + (f", as its default is {column.default}." if made_here else ", as the order of the sampled keys shows.")
        ),
        recommendation="Make new keys rise with time (UUID version 7); the old ones stay.",
        operations=(_operation(table, column, made_here, facts.version),),
    )  # fmt: skip


def _cache(facts: Facts) -> tuple[str, int | None]:
    """The setting that bounds the engine's own cache, and its bytes."""
    if facts.target.engine not in PRODUCTS:
        return "shared_buffers", facts.setting_bytes("shared_buffers")
    pool = facts.setting_number("innodb_buffer_pool_size")
    return "innodb_buffer_pool_size", None if pool is None else int(pool)


def _may_be_scattered(table: Table, column: Column, facts: Facts) -> bool:
    """Whether a key is a UUID that need not rise; InnoDB has no type for these, so that the default has to tell."""
    if facts.target.engine not in PRODUCTS:
        return column.family == "uuid"
    default = column.default or ""
    scattered = _SCATTERED.search(default) and not _SLOW_PART_FIRST.search(default)
    return bool(scattered) and column.family != "uuid" and (table.engine or "").lower() == "innodb"


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
