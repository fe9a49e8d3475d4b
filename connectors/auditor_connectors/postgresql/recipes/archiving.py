"""Removes old rows: whole partitions where there are any, else batches, after a copy that was compared row by row."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator, Sequence
from datetime import date, timedelta

from auditor.connector import Draft
from auditor.model.catalog import Constraint, Key, Table
from auditor.model.facts import Facts
from auditor.model.operation import ArchiveRows
from auditor.model.vocabulary import Phase
from auditor_connectors.drafting import application
from auditor_connectors.postgresql.recipes import estimates
from auditor_connectors.postgresql.recipes.backfilling import in_batches
from auditor_connectors.postgresql.recipes.locking import lock_tables
from auditor_connectors.postgresql.recipes.queries import absent, all_of, constraint_absent, present
from auditor_connectors.postgresql.recipes.restoring import owned
from auditor_connectors.postgresql.recipes.sql import dollar, ident, idents, literal, qualified, regclass, relation_name
from auditor_connectors.postgresql.recipes.steps import (
    OBSERVATION_DAYS,
    ROW_EXCLUSIVE,
    ROW_LOCK_TIMEOUT,
    brief,
    online,
    runbook,
)

VERSION_14 = 140000


def archive_rows(operation: ArchiveRows, facts: Facts) -> Iterator[Draft]:
    """Agree on how long rows are kept, then detach partitions, or copy, compare and delete."""
    key = (operation.schema, operation.table)
    table = facts.table(key)
    bound = facts.now.date() - timedelta(days=operation.keep_days)
    yield application(
        Phase.PREPARE,
        f"Agree that rows of {table.path if table else operation.table} are kept for {operation.keep_days} days",
        f"Those whose {operation.column} lies before {bound} go. Ask who needs them, and what the law wants kept or "
        "wants gone; reports and exports that reach further back read the archive.",
    )
    column = table.column(operation.column) if table is not None else None
    if table is None or column is None or column.family not in ("date", "timestamp", "timestamp-tz"):
        yield _by_hand(operation, "the column is not in the snapshot, or holds no dates or times")
    elif table.kind == "partitioned" and table.partition_columns == (operation.column,):
        yield from _partitions(facts, table, bound)
    elif table.kind != "table" or facts.primary_key(key) is None:
        yield _by_hand(operation, "it is partitioned otherwise, or nothing identifies a row: it needs a primary key")
    else:
        yield from _Rows(facts, table, operation, bound).drafts()
    yield runbook(
        Phase.CONTRACT,
        f"Have old rows of {'.'.join(key)} removed by a schedule",
        notes=(
            (
                "A job that takes the same steps once a period, with an alarm when it has not: pg_partman and pg_cron "
                "for partitions, the application's own for rows."
            ),
        ),
    )


def _by_hand(operation: ArchiveRows, reason: str) -> Draft:
    return runbook(
        Phase.PREPARE,
        f"Archive old rows of {operation.schema}.{operation.table} by hand",
        notes=(f"No statements are written: {reason}.",),
    )


# --- partitions --------------------------------------------------------------------------------------------------


def _partitions(facts: Facts, table: Table, bound: date) -> Iterator[Draft]:
    """Detach all that are old, export them, and drop them after a while."""
    old = [one for one in facts.partitions.get(table.key, ()) if (end := _ends(one)) is not None and end <= bound]
    for partition in old:
        yield _detach(facts, table, partition)
    for partition in old:
        yield _export(Phase.CONTRACT, partition.key)
    for partition in old:
        yield from _drop(facts, partition)


def _ends(partition: Table) -> date | None:
    """The day at which a range partition ends, None where it has no such bound."""
    upper = re.search(r"TO \('(\d{4}-\d\d-\d\d)[^']*'\)\Z", partition.partition_bound or "")
    return date.fromisoformat(upper.group(1)) if upper else None


def _detach(facts: Facts, table: Table, partition: Table) -> Draft:
    parent, part = qualified(table.key), qualified(partition.key)
    default = any(one.default_partition for one in facts.partitions.get(table.key, ()))
    verify = _detached(partition)
    back = f"ALTER TABLE {parent} ATTACH PARTITION {part} {partition.partition_bound}"
    detach = f"ALTER TABLE {parent} DETACH PARTITION {part}"
    title = f"Detach {partition.path} from {table.path}"
    note = "Its rows are in a table of their own, and can be read there; attaching it again brings them back."
    # At its end a concurrent detach locks what the table refers to against writers (SHARE ROW EXCLUSIVE, seen on 14 to
    # 18), and cannot give up there: the partition would stay half detached.
    refers_to = {one.referenced_key for one in facts.constraints_of(table.key, "foreign-key")} - {None, table.key}
    locks = lock_tables(facts, [table.key], only_writers=[one for one in refers_to if one]) if refers_to else ()
    if facts.version < VERSION_14 or default or facts.referencing(table.key) or refers_to:
        return brief(facts, Phase.CONTRACT, title, *locks, detach, verify=verify, rollback=(back,), notes=(note,))
    return online(
        Phase.CONTRACT,
        title,
        f"{detach} CONCURRENTLY",
        takes=estimates.Estimate(1.0, "waits for queries on the table that run already"),
        verify=verify,
        rollback=(back, _drop_check(facts, partition)),
        notes=(
            note,
            "If it is interrupted, finish it with DETACH PARTITION … FINALIZE.",
            (
                "At its end it locks the partition itself, not the table, against readers for an instant. Who reads "
                "the partition by its own name is waited for, and who comes after waits too: end long queries there."
            ),
        ),
    )


def _detached(partition: Table) -> str:
    return f"SELECT NOT EXISTS (SELECT FROM pg_inherits WHERE inhrelid = {regclass(partition.key)})"


def _drop_check(facts: Facts, partition: Table) -> str:
    """Drop the check of the bounds that a concurrent detach leaves, and that spares the scan when it is attached."""
    known = ", ".join(literal(one.name) for one in facts.constraints_of(partition.key, "check"))
    body = f"""
DECLARE name text;
BEGIN
  FOR name IN SELECT conname FROM pg_constraint WHERE conrelid = {regclass(partition.key)} AND contype = 'c'
      AND conname <> ALL (ARRAY[{known}]::text[]) LOOP
    EXECUTE format({literal(f"ALTER TABLE {qualified(partition.key).replace('%', '%%')} DROP CONSTRAINT %I")}, name);
  END LOOP;
END
"""
    return f"DO {dollar(body)}"


def _drop(facts: Facts, partition: Table) -> Iterator[Draft]:
    part = qualified(partition.key)
    for key in facts.constraints_of(partition.key, "foreign-key"):
        yield brief(
            facts,
            Phase.CONTRACT,
            f"Drop the reference {key.path}",
            f"ALTER TABLE {part} DROP CONSTRAINT {ident(key.name)}",
            precondition=_detached(partition),
            verify=constraint_absent(partition.key, key.name),
            reversible=False,
            notes=("Dropping the table with it would lock what it refers to for as long as the files take to go.",),
        )
    yield brief(
        facts,
        Phase.CONTRACT,
        f"Drop {partition.path}",
        f"DROP TABLE {part}",
        precondition=all_of(present(partition.key), _detached(partition)),
        verify=absent(partition.key),
        reversible=False,
        point_of_no_return=True,
        observe_days=OBSERVATION_DAYS,
        notes=("Removing the files of a large table takes seconds on some file systems; only its own lock is held.",),
    )


def _export(phase: Phase, key: Key) -> Draft:
    pattern = shlex.quote(".".join('"' + name.replace('"', '""') + '"' for name in key))
    return runbook(
        phase,
        f"Export {'.'.join(key)}, and try to restore it",
        notes=(
            f"$ pg_dump -Fc -t {pattern} -f archive.dump && sha256sum archive.dump > archive.dump.sha256",
            (
                "Restore it into a scratch database (pg_restore), compare the number of rows, and write down how it is "
                "done and how long it took: that is the way back from here on."
            ),
        ),
    )


# --- rows --------------------------------------------------------------------------------------------------------


class _Rows:
    """A plain table, its archive and the ledger of what was copied and deleted."""

    def __init__(self, facts: Facts, table: Table, operation: ArchiveRows, bound: date) -> None:
        self.facts, self.table = facts, table
        name = operation.archive or relation_name(facts, table.key, (), "archive")
        self.archive: Key = (table.schema, name)
        self.ledger: Key = (table.schema, relation_name(facts, (table.schema, name), (), "ledger"))
        self.old = f"{ident(operation.column)} < {literal(bound.isoformat())}"
        primary = facts.primary_key(table.key)
        self.keys: Sequence[str] = primary.columns if primary is not None else ()
        self.free = "".join(f" AND NOT EXISTS ({_children(one)})" for one in facts.referencing(table.key))

    def drafts(self) -> Iterator[Draft]:
        """Draft all steps."""
        yield self._create()
        yield self._copy()
        yield _export(Phase.BACKFILL, self.archive)
        yield self._delete()
        yield online(
            Phase.CONTRACT,
            f"Vacuum {self.table.path}",
            f"VACUUM (ANALYZE, TRUNCATE FALSE) {qualified(self.table.key)}",
            takes=estimates.vacuum(self.facts, self.table, freeze=False),
            notes=("New rows take the room of those that went; the file keeps its size.",),
        )
        yield self._drop()

    def _create(self) -> Draft:
        return brief(
            self.facts,
            Phase.EXPAND,
            f"Create {'.'.join(self.archive)} for the old rows of {self.table.path}, and a ledger",
            f"CREATE TABLE {qualified(self.archive)} (LIKE {qualified(self.table.key)} INCLUDING COMMENTS INCLUDING "
            "STORAGE)",
            f"ALTER TABLE {qualified(self.archive)} ADD PRIMARY KEY ({idents(self.keys)})",
            f"CREATE TABLE {qualified(self.ledger)} (made_at timestamptz NOT NULL DEFAULT clock_timestamp(), deed text "
            "NOT NULL, first_page bigint NOT NULL, page_after bigint NOT NULL, rows bigint NOT NULL)",
            *owned(self.table, self.archive),
            *owned(self.table, self.ledger),
            lock="ACCESS SHARE",
            precondition=absent(self.archive),
            verify=present(self.ledger),
            rollback=(
                f"DROP TABLE IF EXISTS {qualified(self.archive)}",
                f"DROP TABLE IF EXISTS {qualified(self.ledger)}",
            ),
        )

    def _copy(self) -> Draft:
        names = [column.name for column in self.table.columns]
        rest = [name for name in names if name not in self.keys]
        again = "DO UPDATE SET " + ", ".join(f"{ident(one)} = excluded.{ident(one)}" for one in rest) if rest else ""

        def work(table: str, pages: str) -> str:
            return (
                f"WITH done AS (INSERT INTO {qualified(self.archive)} ({idents(names)}) SELECT {idents(names)} FROM "
                f"{table} WHERE {pages} AND {self.old} ON CONFLICT ({idents(self.keys)}) {again or 'DO NOTHING'} "
                f"RETURNING 1) {self._entry('copied')}"
            )

        return online(
            Phase.BACKFILL,
            f"Copy the old rows of {self.table.path}",
            in_batches(self.facts, self.table.key, work, "bound"),
            takes=estimates.batched_copy(self.facts, self.table),
            disk=estimates.copy_disk(self.table),
            lock=ROW_EXCLUSIVE,
            lock_timeout=ROW_LOCK_TIMEOUT,
            verify=f"SELECT NOT EXISTS (SELECT FROM {qualified(self.table.key)} auditor_row WHERE {self.old} AND NOT "
            f"{self._is_archived()})",
            rollback=(f"TRUNCATE {qualified(self.archive)}, {qualified(self.ledger)}",),
            notes=(
                (
                    "It can be run again at any time, and takes over what has changed meanwhile. The verification "
                    "compares every row."
                ),
            ),
        )

    def _delete(self) -> Draft:
        plain = [column.name for column in self.table.columns if column.generated is None]
        always = any(column.identity == "always" for column in self.table.columns)
        references = self.facts.referencing(self.table.key)

        def work(table: str, pages: str) -> str:
            return (
                f"WITH done AS (DELETE FROM {table} auditor_row WHERE {pages} AND {self.old} AND {self._is_archived()}"
                f"{self.free} RETURNING 1) {self._entry('deleted')}"
            )

        triggers = [
            one.name for one in self.facts.triggers if one.table_key == self.table.key and "delete" in one.events
        ]
        return online(
            Phase.CONTRACT,
            f"Delete the rows of {self.table.path} that are in the archive",
            in_batches(self.facts, self.table.key, work, "bound"),
            takes=estimates.backfill(self.facts, self.table),
            lock=ROW_EXCLUSIVE,
            lock_timeout=ROW_LOCK_TIMEOUT,
            precondition=present(self.archive),
            verify=self._are_deleted(),
            rollback=(
                (f"INSERT INTO {qualified(self.table.key)} ({idents(plain)})"
                f"{' OVERRIDING SYSTEM VALUE' if always else ''} SELECT {idents(plain)} FROM {qualified(self.archive)} "
                f"WHERE {self.old} ON CONFLICT ({idents(self.keys)}) DO NOTHING"),
            ),
            notes=(
                "A row goes only if the archive holds it letter by letter. It can be stopped, and run again.",
                *(((f"Rows that others refer to stay: {', '.join(one.path for one in references)}. Archive those "
                   "tables first; an index on each reference makes the look short."),) if references else ()),
                *((f"These triggers fire for every row: {', '.join(triggers)}.",) if triggers else ()),
            ),
        )  # fmt: skip

    def _drop(self) -> Draft:
        return brief(
            self.facts,
            Phase.CONTRACT,
            f"Drop {'.'.join(self.archive)}, or keep it where old rows are read",
            f"DROP TABLE {qualified(self.archive)}",
            f"DROP TABLE {qualified(self.ledger)}",
            precondition=all_of(present(self.archive), self._are_deleted()),
            verify=absent(self.archive),
            reversible=False,
            point_of_no_return=True,
            observe_days=OBSERVATION_DAYS,
            notes=("After the export was restored once: from here on it is the only way back.",),
        )

    def _are_deleted(self) -> str:
        return f"SELECT NOT EXISTS (SELECT FROM {qualified(self.table.key)} auditor_row WHERE {self.old}{self.free})"

    def _is_archived(self) -> str:
        same = " AND ".join(f"a.{ident(one)} = auditor_row.{ident(one)}" for one in self.keys)
        return f"EXISTS (SELECT FROM {qualified(self.archive)} a WHERE {same} AND (a.*)::text = (auditor_row.*)::text)"

    def _entry(self, deed: str) -> str:
        return (
            f"INSERT INTO {qualified(self.ledger)} (deed, first_page, page_after, rows) SELECT '{deed}', $1, $2, "
            "count(*) FROM done"
        )


def _children(key: Constraint) -> str:
    same = " AND ".join(
        f"c.{ident(here)} = auditor_row.{ident(there)}"
        for here, there in zip(key.columns, key.referenced_columns, strict=True)
    )
    return f"SELECT FROM {qualified(key.table_key)} c WHERE {same}"
