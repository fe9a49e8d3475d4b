"""Replaces a table by a copy of another make: a trigger keeps the copy current, an instant swaps the names."""

from __future__ import annotations

from collections.abc import Iterator

from auditor.connector import Draft
from auditor.model.catalog import Constraint, Index, Key, Table
from auditor.model.facts import Facts
from auditor.model.vocabulary import Phase
from auditor_connectors.postgresql.recipes import estimates
from auditor_connectors.postgresql.recipes.backfilling import in_batches
from auditor_connectors.postgresql.recipes.building import body_of
from auditor_connectors.postgresql.recipes.dependents import around_triggers, around_views, view_notes
from auditor_connectors.postgresql.recipes.locking import lock_tables
from auditor_connectors.postgresql.recipes.queries import (
    absent,
    all_of,
    constraint_is,
    no_dependents,
    nothing_attached,
    present,
    relation_is,
    trigger_is,
    usable,
)
from auditor_connectors.postgresql.recipes.reconnecting import reconnect, recycle_notes
from auditor_connectors.postgresql.recipes.restoring import owner_and_grants, reference
from auditor_connectors.postgresql.recipes.sql import (
    cut,
    dollar,
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


class Swap:
    """A table, the copy that takes its place, and the names of what is made for the time being."""

    def __init__(self, facts: Facts, table: Table, key_columns: tuple[str, ...]) -> None:
        self.facts, self.table, self.old, self.key_columns = facts, table, table.key, key_columns
        self.new: Key = (table.schema, relation_name(facts, table.key, (), "new"))
        self.retired: Key = (table.schema, relation_name(facts, table.key, (), "old"))
        mark = short_hash(*table.key)
        self.forward: Key = (table.schema, f"auditor_copy_{mark}")
        self.backward: Key = (table.schema, f"auditor_copy_back_{mark}")
        self.columns = [column.name for column in table.columns if column.generated is None]
        self.indexes = [one for one in facts.indexes_of(table.key) if one.usable and one.definition is not None]

    def temporary(self, index: Index) -> str:
        """The name of an index's twin until the swap."""
        return self.temporary_name(index.name)

    def temporary_name(self, name: str) -> str:
        """The name of a twin until the swap."""
        return f"auditor_new_{short_hash(name)}_{cut(name, 40)}"

    def locked(self, *, back: bool = False) -> list[Key]:
        """The tables that a switch locks: both copies and what refers to them."""
        others = {one.table_key for one in self.facts.referencing(self.old)} - {self.old}
        return sorted({self.old, self.retired if back else self.new, *others})

    def retired_index(self, index: Index) -> str:
        """The name of the old index after the swap."""
        return f"auditor_old_{short_hash(index.name)}_{cut(index.name, 40)}"

    @property
    def path(self) -> str:
        """The table's name for titles."""
        return self.table.path

    @property
    def complete(self) -> str:
        """The query that is true when both tables hold the same rows, by their keys. It reads both."""
        old, new = qualified(self.old), qualified(self.new)
        match = " AND ".join(f"n.{ident(column)} = o.{ident(column)}" for column in self.key_columns)
        missing = f"NOT EXISTS (SELECT FROM {old} o WHERE NOT EXISTS (SELECT FROM {new} n WHERE {match}))"
        surplus = f"NOT EXISTS (SELECT FROM {new} n WHERE NOT EXISTS (SELECT FROM {old} o WHERE {match}))"
        return f"SELECT {missing} AND {surplus}"


def copy_and_swap(
    facts: Facts, table: Table, *, why: str, clause: str | None = None, precondition: str | None = None
) -> Iterator[Draft]:
    """Draft the copying of a table into a new one with the same columns, indexes and constraints.

    ``clause`` adds to the new table, before it holds a row, what the old one lacks; ``precondition`` says when it may.
    """
    key = facts.primary_key(table.key)
    if key is None or not any(index.primary and index.usable for index in facts.indexes_of(table.key)):
        yield runbook(
            Phase.SWITCH,
            f"Make {table.path} {why}",
            notes=("It has no primary key, and without one no trigger can keep a copy current: add the key first.",),
        )
        return
    swap = Swap(facts, table, key.columns)
    yield from _expand(swap, why, clause, precondition)
    yield from _fill(swap)
    yield from _switch(swap)
    yield from _contract(swap)


def _expand(swap: Swap, why: str, clause: str | None, precondition: str | None) -> Iterator[Draft]:
    old, new = qualified(swap.old), qualified(swap.new)
    foreign_keys = [one for one in swap.facts.constraints_of(swap.old, "foreign-key") if one.referenced_key != swap.old]
    primary = next(index for index in swap.indexes if index.primary)
    yield brief(
        swap.facts,
        Phase.EXPAND,
        f"Create the table {'.'.join(swap.new)}, {why}, beside {swap.path}",
        f"CREATE TABLE {new} (LIKE {old} INCLUDING ALL EXCLUDING INDEXES)",
        f"ALTER TABLE {new} ADD CONSTRAINT {ident(swap.temporary(primary))} PRIMARY KEY ({idents(swap.key_columns)})",
        *(f"ALTER TABLE {new} ADD CONSTRAINT {ident(c.name)} {c.definition}" for c in foreign_keys),
        *([f"ALTER TABLE {new} {clause}"] if clause is not None else []),
        *owner_and_grants(swap.facts, swap.table, swap.new),
        lock=SHARE_ROW_EXCLUSIVE if foreign_keys else "ACCESS SHARE",
        precondition=all_of(
            no_dependents(swap.old, but_views=True),
            nothing_attached(swap.old),
            *([precondition] if precondition is not None else []),
        ),
        verify=present(swap.new),
        rollback=(f"DROP TABLE IF EXISTS {new}",),
        notes=(
            (
                "Policies, triggers, routines and publications hold on to the old table: recreate them for the new "
                "one in the step that swaps. The precondition tells whether there are any."
            ),
        ),
    )
    yield brief(
        swap.facts,
        Phase.EXPAND,
        f"Copy every new change of {swap.path} to {'.'.join(swap.new)}",
        *_sync(swap.forward, swap.old, swap.new, swap),
        lock=SHARE_ROW_EXCLUSIVE,
        verify=trigger_is(swap.old, swap.forward[1]),
        rollback=_end_sync(swap.forward, swap.old),
    )


def _sync(name: Key, source: Key, target: Key, swap: Swap) -> tuple[str, ...]:
    """Write the function and trigger that repeat changes of one table in another."""
    to, keys = qualified(target), idents(swap.key_columns)
    match = " AND ".join(f"{ident(column)} = OLD.{ident(column)}" for column in swap.key_columns)
    others = [column for column in swap.columns if column not in swap.key_columns]
    update = ", ".join(f"{ident(column)} = EXCLUDED.{ident(column)}" for column in others)
    values = ", ".join(f"NEW.{ident(column)}" for column in swap.columns)
    action = f"DO UPDATE SET {update}" if update else "DO NOTHING"
    body = f"""
BEGIN
  IF TG_OP <> 'INSERT' THEN
    DELETE FROM {to} WHERE {match};
  END IF;
  IF TG_OP <> 'DELETE' THEN
    INSERT INTO {to} ({idents(swap.columns)}) OVERRIDING SYSTEM VALUE VALUES ({values})
    ON CONFLICT ({keys}) {action};
  END IF;
  RETURN NULL;
END
"""
    return (
        (
            f"CREATE FUNCTION {qualified(name)}() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER "
            f"SET search_path = pg_catalog, pg_temp AS {dollar(body)}"
        ),
        (
            f"CREATE TRIGGER {ident(name[1])} AFTER INSERT OR UPDATE OR DELETE ON {qualified(source)} "
            f"FOR EACH ROW EXECUTE FUNCTION {qualified(name)}()"
        ),
    )


def _end_sync(name: Key, source: Key) -> tuple[str, ...]:
    return atomically(
        f"DROP TRIGGER IF EXISTS {ident(name[1])} ON {qualified(source)}",
        f"DROP FUNCTION IF EXISTS {qualified(name)}()",
    )


def _fill(swap: Swap) -> Iterator[Draft]:
    new, columns = qualified(swap.new), idents(swap.columns)

    # FOR SHARE keeps a row from being deleted between the moment it is read and the moment its copy can be seen.
    def copy(table: str, pages: str) -> str:
        return (
            f"INSERT INTO {new} ({columns}) OVERRIDING SYSTEM VALUE SELECT {columns} FROM {table} WHERE {pages} "
            f"FOR SHARE ON CONFLICT ({idents(swap.key_columns)}) DO NOTHING"
        )

    disk = estimates.copy_disk(swap.table)
    yield online(
        Phase.BACKFILL,
        f"Copy the rows of {swap.path}",
        in_batches(swap.facts, swap.old, copy, "trigger"),
        takes=estimates.batched_copy(swap.facts, swap.table),
        disk=disk,
        lock=ROW_EXCLUSIVE,
        lock_timeout=ROW_LOCK_TIMEOUT,
        verify=swap.complete,
        rollback=(f"TRUNCATE {new}",),
        notes=("It can be stopped and run again at any time: rows that are copied are skipped.",),
    )
    for index in swap.indexes:
        if index.primary:
            continue
        temporary, present = swap.temporary(index), swap.facts.index_bytes(index)
        size = estimates.Estimate(present, "the old index's size" if present is not None else "")
        yield online(
            Phase.BACKFILL,
            f"Build the twin of {index.name} on {'.'.join(swap.new)}",
            _twin(index, temporary, swap.new),
            takes=estimates.index_build(swap.facts, swap.table, size),
            verify=usable((swap.new[0], temporary)),
            rollback=(
                *((f"ALTER TABLE {new} DROP CONSTRAINT IF EXISTS {ident(temporary)}",) if index.constraint else ()),
                f"DROP INDEX CONCURRENTLY IF EXISTS {qualified((swap.new[0], temporary))}",
            ),
        )
    yield from _references(swap)
    yield online(
        Phase.BACKFILL,
        f"Analyse {'.'.join(swap.new)} before it carries traffic",
        f"ANALYZE {new}",
        takes=estimates.analysis(swap.facts, swap.table),
        verify=relation_is(swap.new, "reltuples >= 0"),
    )


def _referring(swap: Swap) -> list[tuple[Constraint, Key]]:
    """The foreign keys that refer to the table, each with the table that will bear its twin."""
    return [(one, swap.new if one.table_key == swap.old else one.table_key) for one in swap.facts.referencing(swap.old)]


def _references(swap: Swap) -> Iterator[Draft]:
    """Let what refers to the old table refer to the new one, too."""
    for key, table in _referring(swap):
        name, alter = swap.temporary_name(key.name), f"ALTER TABLE {qualified(table)}"
        yield brief(
            swap.facts,
            Phase.BACKFILL,
            f"Declare that {'.'.join(table)} refers to {'.'.join(swap.new)}, too",
            *lock_tables(swap.facts, [], only_writers=[table, swap.new]),
            f"{alter} ADD CONSTRAINT {ident(name)} "
            f"{reference(key, key.columns, swap.new, key.referenced_columns)} NOT VALID",
            lock=SHARE_ROW_EXCLUSIVE,
            verify=constraint_is(table, name, "true"),
            rollback=(f"{alter} DROP CONSTRAINT IF EXISTS {ident(name)}",),
        )
        yield scan(
            Phase.BACKFILL,
            f"Check the rows of {'.'.join(table)} against {'.'.join(swap.new)}",
            f"{alter} VALIDATE CONSTRAINT {ident(name)}",
            takes=estimates.work(swap.facts, swap.facts.table(key.table_key)),
            verify=constraint_is(table, name),
        )


def _swap_references(swap: Swap, *, back: bool = False) -> Iterator[str]:
    """Before the names change: each reference gives way to its twin, or the twin to a new one to the old table."""
    for key, table in _referring(swap):
        name, twin = ident(key.name), ident(swap.temporary_name(key.name))
        if key.table_key == swap.old:
            # The new table gets its own by another name; the old one keeps what it has.
            here, before, after = (swap.old, name, twin) if back else (table, twin, name)
            yield f"ALTER TABLE {qualified(here)} RENAME CONSTRAINT {before} TO {after}"
        elif back:
            again = reference(key, key.columns, swap.retired, key.referenced_columns)
            yield f"ALTER TABLE {qualified(table)} RENAME CONSTRAINT {name} TO {twin}"
            yield f"ALTER TABLE {qualified(table)} ADD CONSTRAINT {name} {again} NOT VALID"
        else:
            yield f"ALTER TABLE {qualified(table)} DROP CONSTRAINT {name}"
            yield f"ALTER TABLE {qualified(table)} RENAME CONSTRAINT {twin} TO {name}"


def _twin(index: Index, name: str, table: Key) -> str:
    head = "CREATE UNIQUE INDEX" if index.unique else "CREATE INDEX"
    return f"{head} CONCURRENTLY {ident(name)} ON {qualified(table)} {body_of(index.definition or '')}"


def _switch(swap: Swap) -> Iterator[Draft]:
    old, new = qualified(swap.old), qualified(swap.new)
    statements = [
        *lock_tables(swap.facts, swap.locked()),
        f"DROP TRIGGER {ident(swap.forward[1])} ON {old}",
        f"DROP FUNCTION {qualified(swap.forward)}()",
        *_hand_over_sequences(swap, swap.old, swap.new),
        *_swap_references(swap),
        *around_triggers(
            swap.facts,
            swap.old,
            (
                f"ALTER TABLE {old} RENAME TO {ident(swap.retired[1])}",
                f"ALTER TABLE {new} RENAME TO {ident(swap.old[1])}",
            ),
        ),
        *_rename_indexes(swap),
        *_sync(swap.backward, swap.old, swap.retired, swap),
    ]
    yield brief(
        swap.facts,
        Phase.SWITCH,
        f"Swap {swap.path} and its copy",
        *around_views(swap.facts, [swap.old], statements),
        takes=estimates.Estimate(3 * estimates.BRIEF_SECONDS, "a few changes of the catalog, measured at 5 to 20 ms"),
        precondition=all_of(*_ready(swap)),
        verify=all_of(present(swap.retired), absent(swap.new)),
        rollback=(*atomically(*around_views(swap.facts, [swap.old], _back(swap))), *_validate_again(swap)),
        deploy=reconnect([swap.old]),
        notes=(
            *recycle_notes(swap.facts, [swap.old]),
            *view_notes(swap.facts, [swap.old]),
            "The precondition reads both tables: every row must have been copied.",
            "A trigger goes on copying changes to the old table, so that it can be put back.",
        ),
    )


def _ready(swap: Swap) -> Iterator[str]:
    """Write the queries that are true when the copy is complete and nothing stays behind."""
    yield trigger_is(swap.old, swap.forward[1])
    yield swap.complete
    yield from (usable((swap.new[0], swap.temporary(index))) for index in swap.indexes)
    yield from (constraint_is(table, swap.temporary_name(key.name)) for key, table in _referring(swap))
    yield no_dependents(swap.old, but_views=True)
    yield nothing_attached(swap.old)


def _validate_again(swap: Swap) -> Iterator[str]:
    for key, table in _referring(swap):
        if key.table_key != swap.old and key.validated:
            yield f"ALTER TABLE {qualified(table)} VALIDATE CONSTRAINT {ident(key.name)}"


def _back(swap: Swap) -> tuple[str, ...]:
    old, retired = qualified(swap.old), qualified(swap.retired)
    return (
        *lock_tables(swap.facts, swap.locked(back=True)),
        f"DROP TRIGGER {ident(swap.backward[1])} ON {old}",
        f"DROP FUNCTION {qualified(swap.backward)}()",
        *_hand_over_sequences(swap, swap.old, swap.retired),
        *_swap_references(swap, back=True),
        *around_triggers(
            swap.facts,
            swap.old,
            (
                f"ALTER TABLE {old} RENAME TO {ident(swap.new[1])}",
                f"ALTER TABLE {retired} RENAME TO {ident(swap.old[1])}",
            ),
        ),
        *(_rename(swap, index.name, swap.temporary(index)) for index in swap.indexes),
        *(_rename(swap, swap.retired_index(index), index.name) for index in swap.indexes),
    )


def _hand_over_sequences(swap: Swap, source: Key, target: Key) -> Iterator[str]:
    for column in swap.table.columns:
        sequence = swap.facts.sequence(column.sequence)
        if column.identity is not None:
            names = [
                f"pg_get_serial_sequence({literal(qualified(key))}, {literal(column.name)})" for key in (source, target)
            ]
            yield f"SELECT setval({names[1]}, nextval({names[0]}))"
        elif sequence is not None and (sequence.owner_table, sequence.owner_column) == (swap.old[1], column.name):
            yield f"ALTER SEQUENCE {qualified(sequence.key)} OWNED BY {qualified(target)}.{ident(column.name)}"


def _rename_indexes(swap: Swap) -> Iterator[str]:
    for index in swap.indexes:
        yield _rename(swap, index.name, swap.retired_index(index))
        if index.constraint is not None and not index.primary:
            constraint = f"ADD CONSTRAINT {ident(index.name)} UNIQUE USING INDEX {ident(swap.temporary(index))}"
            yield f"ALTER TABLE {qualified(swap.old)} {constraint}"
        else:
            yield _rename(swap, swap.temporary(index), index.name)


def _rename(swap: Swap, name: str, to: str) -> str:
    return f"ALTER INDEX {qualified((swap.old[0], name))} RENAME TO {ident(to)}"


def _contract(swap: Swap) -> Iterator[Draft]:
    retired = qualified(swap.retired)
    yield brief(
        swap.facts,
        Phase.CONTRACT,
        f"Drop the old table {'.'.join(swap.retired)}",
        f"DROP TRIGGER {ident(swap.backward[1])} ON {qualified(swap.old)}",
        f"DROP FUNCTION {qualified(swap.backward)}()",
        f"DROP TABLE {retired}",
        precondition=all_of(present(swap.retired), trigger_is(swap.old, swap.backward[1])),
        verify=absent(swap.retired),
        reversible=False,
        point_of_no_return=True,
        observe_days=OBSERVATION_DAYS,
        notes=("Until here the old table is current and can be put back. Take a backup and have the drop approved.",),
    )
