"""Moves columns of a table into a companion, or numbered columns into rows of a child, with triggers in between."""

from __future__ import annotations

import re
from collections.abc import Iterator

from auditor.connector import Draft
from auditor.model.catalog import Key, Table
from auditor.model.facts import Facts
from auditor.model.operation import SplitTable
from auditor.model.vocabulary import Phase
from auditor_connectors.postgresql.recipes import estimates
from auditor_connectors.postgresql.recipes.backfilling import ROW_LOCK_TIMEOUT, in_batches
from auditor_connectors.postgresql.recipes.queries import (
    absent,
    all_of,
    column_absent,
    column_is,
    constraint_is,
    no_dependents,
    present,
)
from auditor_connectors.postgresql.recipes.restoring import owner_and_grants
from auditor_connectors.postgresql.recipes.sql import (
    dollar,
    free_name,
    ident,
    idents,
    literal,
    qualified,
    relation_name,
    short_hash,
)
from auditor_connectors.postgresql.recipes.steps import (
    ROW_EXCLUSIVE,
    SHARE_ROW_EXCLUSIVE,
    application,
    atomically,
    brief,
    online,
    runbook,
    scan,
)

_NUMBERED = re.compile(r"(.*?)_?\d+\Z", re.DOTALL)


class Split:
    """The table, its new companion or child, and how a row of the one becomes rows of the other."""

    def __init__(self, facts: Facts, table: Table, operation: SplitTable, key_columns: tuple[str, ...]) -> None:
        self.facts, self.table, self.old, self.columns = facts, table, table.key, operation.columns
        wanted = (operation.schema, operation.into)
        taken = facts.table(wanted) is not None
        self.new: Key = (operation.schema, relation_name(facts, table.key, (), "part")) if taken else wanted
        self.key_columns = key_columns
        self.sync: Key = (operation.schema, f"auditor_split_{short_hash(*table.key, operation.into)}")
        stems = {match.group(1) if (match := _NUMBERED.match(name)) else name for name in operation.columns}
        self.value = stems.pop() if len(stems) == 1 and len(operation.columns) > 1 else None
        """The name of the one column that numbered columns become; None for a companion."""

    def type_of(self, name: str) -> str:
        """The type of a column of the table."""
        column = self.table.column(name)
        return column.type if column is not None else "text"

    def create(self) -> str:
        """Write the definition of the new table, without the foreign key."""
        keys = [f"{ident(name)} {self.type_of(name)} NOT NULL" for name in self.key_columns]
        if self.value is None:
            rest = [f"{ident(name)} {self.type_of(name)}" for name in self.columns]
            primary = idents(self.key_columns)
        else:
            value = f"{ident(self.value)} {self.type_of(self.columns[0])} NOT NULL"
            rest = ['"position" smallint NOT NULL', value]
            primary = f'{idents(self.key_columns)}, "position"'
        return f"CREATE TABLE {qualified(self.new)} ({', '.join([*keys, *rest])}, PRIMARY KEY ({primary}))"

    def rows(self, source: str) -> str:
        """Write the query that turns the row ``source`` into its rows of the new table."""
        keys = ", ".join(f"{source}.{ident(name)}" for name in self.key_columns)
        if self.value is None:
            columns = ", ".join(f"{source}.{ident(name)}" for name in self.columns)
            filled = " OR ".join(f"{source}.{ident(name)} IS NOT NULL" for name in self.columns)
            return f"SELECT {keys}, {columns} WHERE {filled}"
        values = ", ".join(f"({number}, {source}.{ident(name)})" for number, name in enumerate(self.columns, start=1))
        return f"SELECT {keys}, v.n, v.x FROM (VALUES {values}) v (n, x) WHERE v.x IS NOT NULL"


def split_table(operation: SplitTable, facts: Facts) -> Iterator[Draft]:
    """Create the other table, keep it current by a trigger, fill it, move readers, then writers; then drop columns."""
    table = facts.table((operation.schema, operation.table))
    primary = facts.primary_key((operation.schema, operation.table))
    if table is None or primary is None or table.kind != "table":
        yield runbook(
            Phase.REARCHITECT,
            f"Move {', '.join(operation.columns)} of {operation.schema}.{operation.table} into {operation.into}",
            notes=("The table needs a primary key of its own first, which the rows of the new one can refer to.",),
        )
        return
    split = Split(facts, table, operation, primary.columns)
    yield from _expand(split)
    yield from _fill(split)
    yield from _move(split)
    yield from _contract(split)


def _expand(split: Split) -> Iterator[Draft]:
    old, new, sync = qualified(split.old), qualified(split.new), qualified(split.sync)
    yield brief(
        split.facts,
        Phase.REARCHITECT,
        f"Create the table {'.'.join(split.new)}",
        split.create(),
        *owner_and_grants(split.facts, split.table, split.new),
        lock="ACCESS SHARE",
        precondition=absent(split.new),
        verify=present(split.new),
        rollback=(f"DROP TABLE IF EXISTS {new}",),
    )
    mine = " AND ".join(f"{ident(column)} = OLD.{ident(column)}" for column in split.key_columns)
    body = f"""
BEGIN
  IF TG_OP <> 'INSERT' THEN
    DELETE FROM {new} WHERE {mine};
  END IF;
  IF TG_OP <> 'DELETE' THEN
    INSERT INTO {new} {split.rows("NEW")} ON CONFLICT DO NOTHING;
  END IF;
  RETURN NULL;
END
"""
    yield brief(
        split.facts,
        Phase.REARCHITECT,
        f"Copy every new change of {split.table.path} to {'.'.join(split.new)}",
        f"CREATE FUNCTION {sync}() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER "
        f"SET search_path = pg_catalog, pg_temp AS {dollar(body)}",
        f"CREATE TRIGGER {ident(split.sync[1])} AFTER INSERT OR UPDATE OR DELETE ON {old} "
        f"FOR EACH ROW EXECUTE FUNCTION {sync}()",
        lock=SHARE_ROW_EXCLUSIVE,
        verify=f"SELECT EXISTS (SELECT FROM pg_trigger WHERE tgname = {literal(split.sync[1])})",
        rollback=_end_sync(split),
    )


def _end_sync(split: Split) -> tuple[str, ...]:
    return atomically(
        f"DROP TRIGGER IF EXISTS {ident(split.sync[1])} ON {qualified(split.old)}",
        f"DROP FUNCTION IF EXISTS {qualified(split.sync)}()",
    )


def _fill(split: Split) -> Iterator[Draft]:
    old, new = qualified(split.old), qualified(split.new)
    # FOR SHARE keeps a row from being deleted between the moment it is read and the moment its copy can be seen.
    copy = (
        f"WITH o AS MATERIALIZED (SELECT * FROM {{table}} WHERE {{range}} FOR SHARE) INSERT INTO {new} "
        f"SELECT r.* FROM o, LATERAL ({split.rows('o')}) r ON CONFLICT DO NOTHING"
    )
    same = f"SELECT * FROM {new} EXCEPT SELECT r.* FROM {old} o, LATERAL ({split.rows('o')}) r"
    missing = f"SELECT r.* FROM {old} o, LATERAL ({split.rows('o')}) r EXCEPT SELECT * FROM {new}"
    yield online(
        Phase.REARCHITECT,
        f"Copy the columns' values of {split.table.path}",
        in_batches(split.facts, split.old, copy, "trigger"),
        takes=estimates.backfill(split.facts, split.table),
        lock=ROW_EXCLUSIVE,
        lock_timeout=ROW_LOCK_TIMEOUT,
        verify=f"SELECT NOT EXISTS ({same}) AND NOT EXISTS ({missing})",
        rollback=(f"TRUNCATE {new}",),
        notes=("It can be stopped and run again at any time: rows that are copied are skipped.",),
    )
    name = free_name(split.new[1], "fkey", ())
    yield brief(
        split.facts,
        Phase.REARCHITECT,
        f"Declare that {'.'.join(split.new)} refers to {split.table.path}",
        f"ALTER TABLE {new} ADD CONSTRAINT {ident(name)} FOREIGN KEY ({idents(split.key_columns)}) "
        f"REFERENCES {old} ({idents(split.key_columns)}) ON DELETE CASCADE NOT VALID",
        lock=SHARE_ROW_EXCLUSIVE,
        verify=constraint_is(split.new, name, "true"),
        rollback=(f"ALTER TABLE {new} DROP CONSTRAINT IF EXISTS {ident(name)}",),
    )
    yield scan(
        Phase.REARCHITECT,
        f"Check the rows of {'.'.join(split.new)} against {split.table.path}",
        f"ALTER TABLE {new} VALIDATE CONSTRAINT {ident(name)}",
        takes=estimates.work(split.facts, split.table),
        verify=constraint_is(split.new, name),
    )


def _move(split: Split) -> Iterator[Draft]:
    new = ".".join(split.new)
    columns = ", ".join(split.columns)
    yield application(
        Phase.REARCHITECT,
        f"Read {columns} from {new}",
        f"Join {new} by {', '.join(split.key_columns)}; move readers by a flag, 1 %, 10 %, 50 %, then all, comparing "
        "both results on a sample.",
    )
    for name in split.columns:
        column = split.table.column(name)
        if column is None or column.nullable or column.default is not None:
            continue
        alter = f"ALTER TABLE {qualified(split.old)} ALTER COLUMN {ident(name)}"
        yield brief(
            split.facts,
            Phase.REARCHITECT,
            f"Allow {split.table.column_path(name)} to be left out",
            f"{alter} DROP NOT NULL",
            verify=column_is(split.old, name, "NOT attnotnull"),
            rollback=(f"{alter} SET NOT NULL",),
        )
    yield application(
        Phase.REARCHITECT,
        f"Write {columns} to {new} alone",
        "Deploy writers that no longer touch the old columns. From the first such write on the old columns fall "
        "behind: to keep a way back, write both for the agreed days.",
    )


def _contract(split: Split) -> Iterator[Draft]:
    alter = f"ALTER TABLE {qualified(split.old)}"
    yield brief(
        split.facts,
        Phase.REARCHITECT,
        f"End the copying and drop {', '.join(split.columns)} of {split.table.path}",
        f"DROP TRIGGER IF EXISTS {ident(split.sync[1])} ON {qualified(split.old)}",
        f"DROP FUNCTION IF EXISTS {qualified(split.sync)}()",
        f"{alter} {', '.join(f'DROP COLUMN {ident(column)}' for column in split.columns)}",
        precondition=no_dependents(split.old, *split.columns),
        verify=all_of(*(column_absent(split.old, column) for column in split.columns)),
        reversible=False,
        point_of_no_return=True,
        notes=("Take a backup and have the drop approved.",),
    )
