"""Removes old rows: whole partitions where there are any, else batches, after a copy that was compared row by row."""

from __future__ import annotations

import shlex
from collections.abc import Iterator
from datetime import date, timedelta

from msgspec.structs import replace

from auditor.connector import Draft
from auditor.model.catalog import Column, Constraint, Key, Part, Table
from auditor.model.facts import Facts
from auditor.model.operation import ArchiveRows
from auditor.model.vocabulary import Phase
from auditor_connectors.drafting import application
from auditor_connectors.mysql.quoting import ident
from auditor_connectors.mysql.recipes import estimates
from auditor_connectors.mysql.recipes.accepted import INSTANT
from auditor_connectors.mysql.recipes.batches import NO_KEY, ROW, equal_keys, in_batches, key_columns, same, walk
from auditor_connectors.mysql.recipes.queries import all_of, is_partitioned, not_, table_is_absent
from auditor_connectors.mysql.recipes.sql import free_table, idents, qualified, seconds_of
from auditor_connectors.mysql.recipes.steps import OBSERVATION_DAYS, change, runbook

_MOST = "Those whose {column} lies before {bound} go. Ask who needs them, and what the law wants kept or wants gone."
_RESTORE = (
    "Restore it into a scratch database, compare the number of rows, and write down how it is done and how long it "
    "took: that is the way back from here on."
)
_SCHEDULE = "A job (an EVENT, or one of the application) that takes the same steps once a period, with an alarm."


def archive_rows(operation: ArchiveRows, facts: Facts) -> Iterator[Draft]:
    """Agree on how long rows are kept, then exchange partitions, or copy, compare and delete."""
    key = (operation.schema, operation.table)
    table, path = facts.table(key), ".".join(key)
    bound = facts.now.date() - timedelta(days=operation.keep_days)
    column = table.column(operation.column) if table is not None else None
    obstacles = list(_obstacles(facts, table, column))
    if table is None or column is None or obstacles:
        title = f"Archive the old rows of {path}"
        yield runbook(Phase.PREPARE, title, notes=(f"No statements are written: {'; '.join(obstacles)}.",))
        return
    yield application(
        Phase.PREPARE,
        f"Agree that rows of {path} are kept for {operation.keep_days} days",
        _MOST.format(column=column.name, bound=bound),
        "Reports and exports that reach further back read the archive.",
    )
    if table.partition_columns == (column.name,) and table.partition_strategy == "range":
        yield from _partitions(facts, table, operation, bound)
    else:
        yield from _Rows(facts, table, column, operation, bound).drafts()
    yield runbook(Phase.CONTRACT, f"Have old rows of {path} removed by a schedule", notes=(_SCHEDULE,))


def _obstacles(facts: Facts, table: Table | None, column: Column | None) -> Iterator[str]:
    if table is None or column is None or column.family not in ("date", "timestamp", "timestamp-tz"):
        yield "the column is not in the snapshot, or holds no dates or times"
    elif not key_columns(facts, table):
        yield NO_KEY
    elif (table.engine or "").lower() != "innodb":
        yield f"it is stored by {table.engine}, which takes nothing back"
    elif any(one.table_key == table.key for one in facts.referencing(table.key)):
        yield "its rows refer to each other: a statement cannot look for those that refer to a row that it deletes"


def _export(key: Key, phase: Phase) -> Draft:
    names = " ".join(shlex.quote(name) for name in key)
    return runbook(
        phase,
        f"Export {'.'.join(key)}, and try to restore it",
        notes=(
            f"$ mysqldump --single-transaction {names} > archive.sql && sha256sum archive.sql > archive.sql.sha256",
            _RESTORE,
        ),
    )


# --- partitions --------------------------------------------------------------------------------------------------


def _partitions(facts: Facts, table: Table, operation: ArchiveRows, bound: date) -> Iterator[Draft]:
    """Change places of each old partition and an empty table, export that, and drop both after a while."""
    old = [one for one in table.parts if one.until is not None and one.until[:10] <= bound.isoformat()]
    for part in old:
        archive = free_table(facts, table.schema, (operation.archive or table.name, part.name), "archive")
        yield _empty(facts, table, archive)
        yield _exchange(facts, table, part, archive)
        yield _export(archive, Phase.CONTRACT)
        yield _drop(
            facts,
            archive,
            precondition=_is_empty(table, part),
            notes=(f"The partition {part.name} stays, and is empty: the schedule may drop it.",),
        )


def _empty(facts: Facts, table: Table, archive: Key) -> Draft:
    return change(
        facts,
        Phase.EXPAND,
        f"Make {'.'.join(archive)} for an old partition of {table.path}",
        f"CREATE TABLE IF NOT EXISTS {qualified(archive)} LIKE {qualified(table.key)}",
        INSTANT,
        takes=estimates.brief(),
        after=(f"ALTER TABLE {qualified(archive)} REMOVE PARTITIONING",),
        verify=all_of(not_(table_is_absent(archive)), not_(is_partitioned(archive))),
        rollback=(f"DROP TABLE IF EXISTS {qualified(archive)}",),
    )


def _exchange(facts: Facts, table: Table, part: Part, archive: Key) -> Draft:
    swap = f"ALTER TABLE {qualified(table.key)} EXCHANGE PARTITION {ident(part.name)} WITH TABLE {qualified(archive)}"
    return change(
        facts,
        Phase.CONTRACT,
        f"Move the partition {part.name} of {table.path} to {'.'.join(archive)}",
        swap,
        INSTANT,
        takes=estimates.brief("two files change places"),
        precondition=_holds_nothing(archive),
        verify=_is_empty(table, part),
        rollback=(swap,),
        notes=("Its rows can be read there. The way back looks at each of them, whether it belongs to the partition.",),
    )


def _is_empty(table: Table, part: Part) -> str:
    return f"SELECT NOT EXISTS (SELECT 1 FROM {qualified(table.key)} PARTITION ({ident(part.name)}))"


def _holds_nothing(table: Key) -> str:
    return f"SELECT NOT EXISTS (SELECT 1 FROM {qualified(table)})"


def _drop(facts: Facts, archive: Key, *, precondition: str, notes: tuple[str, ...] = ()) -> Draft:
    return change(
        facts,
        Phase.CONTRACT,
        f"Drop {'.'.join(archive)}, or keep it where old rows are read",
        f"DROP TABLE IF EXISTS {qualified(archive)}",
        INSTANT,
        takes=estimates.brief("files are removed"),
        precondition=precondition,
        verify=table_is_absent(archive),
        reversible=False,
        point_of_no_return=True,
        observe_days=OBSERVATION_DAYS,
        notes=("After the export was restored once: from here on it is the only way back.", *notes),
    )


# --- rows --------------------------------------------------------------------------------------------------------


class _Rows:
    """A table, its archive, and the conditions that tell which rows are old, copied, and free to go."""

    def __init__(self, facts: Facts, table: Table, column: Column, operation: ArchiveRows, bound: date) -> None:
        self.facts, self.table = facts, table
        wanted = operation.archive
        taken = wanted is None or facts.table((table.schema, wanted)) is not None
        self.archive = free_table(facts, table.schema, (table.name,), "archive")
        if wanted is not None and not taken:
            self.archive = (table.schema, wanted)
        # The zone of a session would move a day's beginning for a TIMESTAMP.
        moment = f"from_unixtime({seconds_of(bound)})" if column.family == "timestamp-tz" else f"'{bound}'"
        self.old = f"{ROW}.{ident(column.name)} < {moment}"
        self.keys = key_columns(facts, table)
        self.written = [one for one in table.columns if one.generated is None]
        references = facts.referencing(table.key)
        self.references = references
        self.free = "".join(f" AND NOT EXISTS ({_referring(one)})" for one in references)

    @property
    def _archived(self) -> str:
        found = f"{equal_keys(self.keys, 'a', ROW)} AND {same(self.written, 'a', ROW)}"
        return f"EXISTS (SELECT 1 FROM {qualified(self.archive)} a WHERE {found})"

    @property
    def _deleted(self) -> str:
        return f"SELECT NOT EXISTS (SELECT 1 FROM {qualified(self.table.key)} {ROW} WHERE {self.old}{self.free})"

    def drafts(self) -> Iterator[Draft]:
        """Draft all steps."""
        yield change(
            self.facts,
            Phase.EXPAND,
            f"Make {'.'.join(self.archive)} for the old rows of {self.table.path}",
            f"CREATE TABLE {qualified(self.archive)} LIKE {qualified(self.table.key)}",
            INSTANT,
            takes=estimates.brief(),
            verify=not_(table_is_absent(self.archive)),
            rollback=(f"DROP TABLE IF EXISTS {qualified(self.archive)}",),
        )
        yield self._copy()
        yield _export(self.archive, Phase.BACKFILL)
        yield self._delete()
        yield _drop(self.facts, self.archive, precondition=self._deleted)

    def _copy(self) -> Draft:
        names = idents(one.name for one in self.written)
        values = ", ".join(f"{ROW}.{ident(one.name)}" for one in self.written)
        source, archive = qualified(self.table.key), qualified(self.archive)
        return in_batches(
            self.facts,
            Phase.BACKFILL,
            f"Copy the old rows of {self.table.path}",
            self.table,
            # REPLACE: where a unique value has gone to another row since, the newer copy of both has to be there.
            lambda page: (
                f"REPLACE INTO {archive} ({names}) SELECT {values} FROM {source} {ROW} "
                f"WHERE {page} AND {self.old} AND NOT {self._archived}"
            ),
            purpose="copy",
            verify=f"SELECT NOT EXISTS (SELECT 1 FROM {source} {ROW} WHERE {self.old} AND NOT {self._archived})",
            disk=self.table.bytes,
            rollback=(f"TRUNCATE TABLE {archive}",),
            notes=("The verification compares every old row to the letter.",),
        )

    def _delete(self) -> Draft:
        names = idents(one.name for one in self.written)
        values = ", ".join(f"{ROW}.{ident(one.name)}" for one in self.written)
        source, archive = qualified(self.table.key), qualified(self.archive)
        known = f"EXISTS (SELECT 1 FROM {source} t WHERE {equal_keys(self.keys, 't', ROW)})"
        back = replace(self.table, schema=self.archive[0], name=self.archive[1])
        triggers = [
            one.name for one in self.facts.triggers if one.table_key == self.table.key and "delete" in one.events
        ]
        named = ", ".join(".".join((*one.table_key, one.name)) for one in self.references)
        return in_batches(
            self.facts,
            Phase.CONTRACT,
            f"Delete the rows of {self.table.path} that are in the archive",
            self.table,
            lambda page: (
                f"DELETE {ROW} FROM {source} {ROW} WHERE {page} AND {self.old} AND {self._archived}{self.free}"
            ),
            purpose="delete",
            precondition=not_(table_is_absent(self.archive)),
            verify=self._deleted,
            rollback=walk(
                self.facts,
                back,
                lambda page: (
                    f"INSERT INTO {source} ({names}) SELECT {values} FROM {archive} {ROW} WHERE {page} AND NOT {known}"
                ),
                "restore",
                keys=self.keys,
            ),
            notes=(
                "A row goes only if the archive holds it to the letter.",
                *((f"Rows that others refer to stay ({named}): archive those tables first.",) if named else ()),
                *((f"These triggers fire for every row: {', '.join(triggers)}.",) if triggers else ()),
            ),
        )


def _referring(key: Constraint) -> str:
    pairs = zip(key.columns, key.referenced_columns, strict=False)
    matches = " AND ".join(f"c.{ident(here)} = {ROW}.{ident(there)}" for here, there in pairs)
    return f"SELECT 1 FROM {qualified(key.table_key)} c WHERE {matches}"
