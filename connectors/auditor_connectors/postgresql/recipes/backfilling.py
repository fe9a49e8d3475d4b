"""Writes the block that updates every row of a table in small batches, so that nobody waits long for a row."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from auditor.connector import Draft
from auditor.model.catalog import Key, Table
from auditor.model.facts import Facts
from auditor.model.vocabulary import Phase
from auditor_connectors.postgresql.recipes import estimates
from auditor_connectors.postgresql.recipes.sql import dollar, literal, qualified
from auditor_connectors.postgresql.recipes.steps import ROW_EXCLUSIVE, ROW_LOCK_TIMEOUT, online

VERSION_14 = 140000

BATCH_SECONDS = 0.05
"""How long a batch aims to hold the locks of its rows. At 20 to 50 ms, probes beside it waited for 23 ms at most."""

FIRST_PAGES, MOST_PAGES = 16, 256
"""Two megabytes at most: after pages that were done already, the next batch must not be a huge one."""

_LEAF = "\0"
"""Stands for a partition's name: no name or text of a database holds it."""

ROWS_PER_PAGE = 291  # the most line pointers that fit on a page of 8192 bytes

_LOOP = """
DECLARE
  pages bigint; page bigint; batch int; started timestamptz; took float;{declare}
BEGIN{open}
  -- Rows that are written from now on are kept right by the {keeper}: the pages that exist now are enough.
  pages := pg_relation_size({relation}) / current_setting('block_size')::int;
  page := 0;
  batch := {first};
  WHILE page < pages LOOP
    started := clock_timestamp();
    BEGIN
      {work} USING page, page + batch;
      page := page + batch;
    EXCEPTION WHEN lock_not_available OR deadlock_detected THEN
      batch := greatest(1, batch / 2);
    END;
    COMMIT;
    took := extract(epoch FROM clock_timestamp() - started);
    PERFORM pg_sleep(took * {rest});
    batch := greatest(1, least({most}, 2 * batch, batch * (0.5 + 0.5 * {seconds} / greatest(took, 0.001))))::int;
  END LOOP;{close}
END
"""


def backfill(
    facts: Facts,
    key: Key,
    title: str,
    *,
    assignments: str,
    condition: str,
    keeper: str,
    verify: str,
    notes: Iterable[str] = (),
) -> Draft:
    """Draft the update of all rows that meet ``condition``; ``keeper`` is what takes care of new rows."""

    def update(table: str, pages: str) -> str:
        return f"UPDATE {table} SET {assignments} WHERE {pages} AND ({condition})"

    statements, warnings = quietly(facts, facts.table(key), in_batches(facts, key, update, keeper))
    return online(
        Phase.BACKFILL,
        title,
        *statements,
        takes=estimates.backfill(facts, facts.table(key)),
        disk=estimates.backfill_disk(facts.table(key)),
        lock=ROW_EXCLUSIVE,
        lock_timeout=ROW_LOCK_TIMEOUT,
        verify=verify,
        notes=(
            *notes,
            *warnings,
            "It can be stopped and run again at any time: rows that are done are skipped.",
            "It writes every row anew: watch the lag of replicas and the dead rows, and vacuum when they pile up.",
        ),
    )


def quietly(facts: Facts, table: Table | None, block: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Write the statements that run a block such that triggers on updates of the table stay silent, and what to say."""
    if not _has_update_triggers(facts, table):
        return (block,), ()
    warning = "The table's triggers stay silent meanwhile; to switch them off for a session takes a superuser."
    return ("SET session_replication_role = replica", block, "RESET session_replication_role"), (warning,)


def in_batches(facts: Facts, key: Key, work: Callable[[str, str], str], keeper: str) -> str:
    """Write the block that runs a statement for a few pages at a time and rests in between.

    ``work`` writes the statement for a table (or one of its partitions) and the condition that a row lies in those
    pages.
    """
    table = facts.table(key)
    values = {
        "keeper": keeper,
        "first": FIRST_PAGES,
        "most": MOST_PAGES,
        "seconds": BATCH_SECONDS,
        "rest": round(1 / estimates.BACKFILL_DUTY - 1, 3),
    }
    # The statement is run as a text with parameters, so that no variable of the block is taken for a column.
    if table is None or table.kind != "partitioned":
        text = dollar(work(qualified(key), _range(facts)), "batch")
        relation = f"{literal(qualified(key))}::regclass"
        block = _LOOP.format(relation=relation, declare="", open="", close="", work=f"EXECUTE {text}", **values)
    else:
        text = dollar(work(_LEAF, _range(facts)).replace("%", "%%").replace(_LEAF, "%s"), "batch")
        block = _LOOP.format(
            relation="leaf",
            declare=" leaf regclass;",
            open=f"\n  FOR leaf IN SELECT relid FROM pg_partition_tree({literal(qualified(key))}) WHERE isleaf LOOP",
            close="\n  END LOOP;",
            work=f"EXECUTE format({text}, leaf)",
            **values,
        )
    return f"DO {dollar(block)}"


def _range(facts: Facts) -> str:
    """Write the condition that a row lies in the pages $1 to $2, in the form that the version reads fast."""
    if facts.version >= VERSION_14:
        return "ctid >= ('(' || $1 || ',0)')::tid AND ctid < ('(' || $2 || ',0)')::tid"
    return (
        "ctid = ANY (ARRAY(SELECT ('(' || p || ',' || r || ')')::tid FROM generate_series($1, $2 - 1) p, "
        f"generate_series(1, {ROWS_PER_PAGE}) r))"
    )


def _has_update_triggers(facts: Facts, table: Table | None) -> bool:
    keys = set() if table is None else {leaf.key for leaf in facts.leaves(table)} | {table.key}
    return any(
        trigger.table_key in keys and trigger.enabled == "origin" and "update" in trigger.events
        for trigger in facts.triggers
    )
