"""Moves columns into a companion table, or numbered columns and lists into rows of a child, by way of a trigger."""

from __future__ import annotations

import re
from collections.abc import Iterator

from auditor.connector import Draft
from auditor.model.catalog import Key, Table
from auditor.model.facts import Facts
from auditor.model.operation import SplitTable
from auditor.model.vocabulary import Phase
from auditor_connectors.drafting import application
from auditor_connectors.postgresql.recipes import estimates
from auditor_connectors.postgresql.recipes.backfilling import in_batches
from auditor_connectors.postgresql.recipes.notnull import forbid_again
from auditor_connectors.postgresql.recipes.queries import (
    absent,
    all_of,
    any_of,
    column_absent,
    column_is,
    constraint_is,
    no_dependents,
    present,
    trigger_is,
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
    OBSERVATION_DAYS,
    ROW_EXCLUSIVE,
    ROW_LOCK_TIMEOUT,
    SHARE_ROW_EXCLUSIVE,
    atomically,
    brief,
    online,
    runbook,
    scan,
)

SEPARATORS = r"\s*[,;|]\s*"
"""What separates the elements of a list in a text, by default. Look at the values before relying on it."""

_NUMBERED = re.compile(r"(.*?)_?\d+\Z", re.DOTALL)


class Split:
    """The table, its new companion or child, and how a row of the one becomes rows of the other."""

    def __init__(self, facts: Facts, table: Table, operation: SplitTable, key_columns: tuple[str, ...]) -> None:
        self.facts, self.table, self.old, self.columns = facts, table, table.key, operation.columns
        self.types = operation.types
        wanted = (operation.schema, operation.into)
        taken = facts.table(wanted) is not None
        self.new: Key = (operation.schema, relation_name(facts, table.key, (), "part")) if taken else wanted
        self.key_columns = key_columns
        self.sync: Key = (operation.schema, f"auditor_split_{short_hash(*table.key, operation.into)}")
        self.reference = free_name(self.new[1], "fkey", ())
        """The foreign key of the new table; that it is valid tells that the copy was found complete before."""
        self.value = self._value_name()
        """The one column that several columns, or the elements of a list, become; None for a companion."""

    def type_of(self, name: str) -> str:
        """The type of a column of the table at the time of the split."""
        column = self.table.column(name)
        return self.types.get(name, column.type if column is not None else "text")

    def default_of(self, name: str) -> str | None:
        """The default of a column that moves, in its type at the time of the split."""
        column = self.table.column(name)
        if column is None or column.default is None:
            return None
        return f"CAST({column.default} AS {self.types[name]})" if name in self.types else column.default

    @property
    def share(self) -> float:
        """The share of a row that goes into the new table, by the number of columns."""
        return (len(self.key_columns) + len(self.columns)) / max(len(self.table.columns), 1)

    def create(self) -> str:
        """Write the definition of the new table, without the foreign key."""
        keys = [f"{ident(name)} {self.type_of(name)} NOT NULL" for name in self.key_columns]
        primary = idents(self.key_columns)
        if self.value is None:
            rest = [f"{ident(name)} {self.type_of(name)}" for name in self.columns]
        else:
            rest = [f'"position" integer NOT NULL, {ident(self.value)} {self._value_type()} NOT NULL']
            primary += ', "position"'
        return f"CREATE TABLE {qualified(self.new)} ({', '.join([*keys, *rest])}, PRIMARY KEY ({primary}))"

    def rows(self, source: str) -> str:
        """Write the query that turns the row ``source`` into its rows of the new table."""
        keys = ", ".join(f"{source}.{ident(name)}" for name in self.key_columns)
        columns = [f"{source}.{ident(name)}" for name in self.columns]
        if self.value is None:
            filled = " OR ".join(f"{column} IS NOT NULL" for column in columns)
            return f"SELECT {keys}, {', '.join(columns)} WHERE {filled}"
        if len(columns) > 1:
            values = ", ".join(f"({number}, {column})" for number, column in enumerate(columns, start=1))
            return f"SELECT {keys}, v.n, v.x FROM (VALUES {values}) v (n, x) WHERE v.x IS NOT NULL"
        elements = columns[0] if self.is_array else f"regexp_split_to_array({columns[0]}, {literal(SEPARATORS)})"
        some = "v.x IS NOT NULL" if self.is_array else "v.x <> ''"
        return f"SELECT {keys}, v.n::integer, v.x FROM unnest({elements}) WITH ORDINALITY v (x, n) WHERE {some}"

    def _value_name(self) -> str | None:
        if len(self.columns) == 1:
            return self.columns[0] if self.is_array or self._is_list() else None
        stems = {match.group(1) if (match := _NUMBERED.match(name)) else name for name in self.columns}
        return stems.pop() if len(stems) == 1 else None

    def _value_type(self) -> str:
        if len(self.columns) > 1:
            return self.type_of(self.columns[0])
        return self.type_of(self.columns[0]).removesuffix("[]") if self.is_array else "text"

    @property
    def is_array(self) -> bool:
        """Whether the one column is an array at the time of the split."""
        return self.type_of(self.columns[0]).endswith("[]")

    def _is_list(self) -> bool:
        column = self.table.column(self.columns[0])
        return column is not None and column.statistics is not None and "delimited" in column.statistics.shapes


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
    computed = [name for name in operation.columns if _is_computed(table, name)]
    if computed:
        note = f"The database computes {', '.join(computed)}: leave that where it is, or let the application write it."
        yield runbook(
            Phase.REARCHITECT,
            f"Move {', '.join(operation.columns)} of {table.path} into {operation.into}",
            notes=(note,),
        )
        return
    split = Split(facts, table, operation, primary.columns)
    yield from _expand(split)
    yield from _fill(split)
    yield from _move(split)
    yield from _contract(split)


def _is_computed(table: Table, name: str) -> bool:
    """Whether a column has values that cannot be left out: a trigger would find them in every new row."""
    column = table.column(name)
    return column is not None and (column.generated, column.identity, column.sequence) != (None, None, None)


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
        notes=(f"Elements are taken to be separated by {SEPARATORS}: look at the values first.",)
        if split.value is not None and len(split.columns) == 1 and not split.is_array
        else (),
    )
    mine = " AND ".join(f"{ident(column)} = OLD.{ident(column)}" for column in split.key_columns)
    before, after = (
        ", ".join(f"{row}.{ident(column)}" for column in (*split.key_columns, *split.columns)) for row in ("OLD", "NEW")
    )
    # Writers that have moved on no longer touch the old columns: what they wrote to the new table has to stay. Rows are
    # compared as they are stored, because not every type has an equality.
    body = f"""
BEGIN
  IF TG_OP = 'UPDATE' AND ROW({before})::record OPERATOR(pg_catalog.*=) ROW({after})::record THEN
    RETURN NULL;
  END IF;
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
        verify=trigger_is(split.old, split.sync[1]),
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
    def copy(table: str, pages: str) -> str:
        return (
            f"WITH o AS MATERIALIZED (SELECT * FROM {table} WHERE {pages} FOR SHARE) INSERT INTO {new} "
            f"SELECT r.* FROM o, LATERAL ({split.rows('o')}) r ON CONFLICT DO NOTHING"
        )

    surplus = f"SELECT * FROM {new} EXCEPT SELECT r.* FROM {old} o, LATERAL ({split.rows('o')}) r"
    missing = f"SELECT r.* FROM {old} o, LATERAL ({split.rows('o')}) r EXCEPT SELECT * FROM {new}"
    complete = f"SELECT NOT EXISTS ({surplus}) AND NOT EXISTS ({missing})"
    yield online(
        Phase.REARCHITECT,
        f"Copy the columns' values of {split.table.path}",
        in_batches(split.facts, split.old, copy, "trigger"),
        takes=estimates.batched_copy(split.facts, split.table, split.share),
        lock=ROW_EXCLUSIVE,
        lock_timeout=ROW_LOCK_TIMEOUT,
        verify=complete,
        rollback=(f"TRUNCATE {new}",),
        notes=("It can be stopped and run again at any time: rows that are copied are skipped.",),
    )
    name = split.reference
    yield brief(
        split.facts,
        Phase.REARCHITECT,
        f"Declare that {'.'.join(split.new)} refers to {split.table.path}",
        f"ALTER TABLE {new} ADD CONSTRAINT {ident(name)} FOREIGN KEY ({idents(split.key_columns)}) "
        f"REFERENCES {old} ({idents(split.key_columns)}) ON DELETE CASCADE NOT VALID",
        lock=SHARE_ROW_EXCLUSIVE,
        precondition=complete,
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
    defaults = [name for name in split.columns if split.default_of(name) is not None]
    named = f" Have writers give {', '.join(defaults)} a value always: a step after this one takes the default away."
    yield application(
        Phase.REARCHITECT,
        f"Read {columns} from {new}",
        f"Join {new} by {', '.join(split.key_columns)}; move readers by a flag, 1%, 10%, 50%, then all, comparing "
        f"both results on a sample.{named if defaults else ''}",
        kind="move-reads",
        objects=(split.table.column_path(name) for name in split.columns),
    )
    for name in split.columns:
        column = split.table.column(name)
        if column is None or column.nullable:
            continue
        yield brief(
            split.facts,
            Phase.REARCHITECT,
            f"Allow {split.table.column_path(name)} to be left out",
            f"ALTER TABLE {qualified(split.old)} ALTER COLUMN {ident(name)} DROP NOT NULL",
            precondition=constraint_is(split.new, split.reference),
            verify=any_of(column_absent(split.old, name), column_is(split.old, name, "NOT attnotnull")),
            rollback=(*_filled_again(split, name), *forbid_again(split.facts, split.old, name)),
        )
    for name in defaults:
        yield _move_default(split, name)
    yield application(
        Phase.REARCHITECT,
        f"Write {columns} to {new} alone",
        "Deploy writers that no longer touch the old columns. From the first such write on the old columns fall "
        "behind: to keep a way back, write both for the agreed days.",
        kind="move-writes",
        objects=(split.table.column_path(name) for name in split.columns),
    )


def _filled_again(split: Split, name: str) -> Iterator[str]:
    """Give rows that were written without the column its value in the companion, or else its default."""
    column, known = ident(name), split.table.column(name)
    defaults = [known.default] if known is not None and known.default is not None else []
    match = " AND ".join(f"n.{ident(key)} = o.{ident(key)}" for key in split.key_columns)
    copied = [f"(SELECT n.{column} FROM {qualified(split.new)} n WHERE {match})"] if split.value is None else []
    values = [*copied, *defaults]
    if not values:
        return

    def update(table: str, pages: str) -> str:
        return f"UPDATE {table} o SET {column} = coalesce({', '.join(values)}) WHERE {pages} AND {column} IS NULL"

    yield in_batches(split.facts, split.old, update, "writers, which name the column again")


def _move_default(split: Split, name: str) -> Draft:
    """Take a default to the new table, where a companion has the column, and away from the old one.

    Else the trigger would find it in the rows of writers that leave the column out, and write what they write
    themselves.
    """
    here = f"ALTER TABLE {qualified(split.old)} ALTER COLUMN {ident(name)}"
    there = f"ALTER TABLE {qualified(split.new)} ALTER COLUMN {ident(name)}"
    default, path = split.default_of(name), split.table.column_path(name)
    gone = any_of(column_absent(split.old, name), column_is(split.old, name, "NOT atthasdef"))
    companion = split.value is None
    return brief(
        split.facts,
        Phase.REARCHITECT,
        f"Give the default of {path} to {'.'.join(split.new)}" if companion else f"Drop the default of {path}",
        *((f"{there} SET DEFAULT {default}",) if companion else ()),
        f"{here} DROP DEFAULT",
        precondition=constraint_is(split.new, split.reference),
        verify=all_of(gone, column_is(split.new, name, "atthasdef")) if companion else gone,
        rollback=atomically(
            f"{here} SET DEFAULT {default}", *((f"{there} DROP DEFAULT",) if companion else ())
        ),
    )  # fmt: skip


def _contract(split: Split) -> Iterator[Draft]:
    alter = f"ALTER TABLE {qualified(split.old)}"
    yield brief(
        split.facts,
        Phase.REARCHITECT,
        f"End the copying and drop {', '.join(split.columns)} of {split.table.path}",
        f"DROP TRIGGER IF EXISTS {ident(split.sync[1])} ON {qualified(split.old)}",
        f"DROP FUNCTION IF EXISTS {qualified(split.sync)}()",
        f"{alter} {', '.join(f'DROP COLUMN {ident(column)}' for column in split.columns)}",
        precondition=all_of(constraint_is(split.new, split.reference), no_dependents(split.old, *split.columns)),
        verify=all_of(*(column_absent(split.old, column) for column in split.columns)),
        reversible=False,
        point_of_no_return=True,
        observe_days=OBSERVATION_DAYS,
        notes=("Take a backup and have the drop approved.",),
    )
