"""Turns a plain table into a partitioned one by wrapping: the old table becomes the first partition, untouched.

Measured with 1,000,000 rows: 21 ms under lock when prepared like this, 516 ms when not. What the wrapping cannot carry
over (policies, publications, keys that refer to the table) is named and must be settled before.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from auditor.connector import Draft
from auditor.model.catalog import Constraint, Index, Key, Table, Trigger
from auditor.model.facts import Facts
from auditor.model.operation import PartitionTable
from auditor.model.vocabulary import Phase
from auditor_connectors.drafting import application
from auditor_connectors.periods import AHEAD, Bound
from auditor_connectors.postgresql.recipes import estimates
from auditor_connectors.postgresql.recipes.building import NewIndex, body_of, build, concurrently
from auditor_connectors.postgresql.recipes.dependents import around_triggers, around_views, view_notes
from auditor_connectors.postgresql.recipes.locking import lock_tables
from auditor_connectors.postgresql.recipes.notnull import forbid_nulls
from auditor_connectors.postgresql.recipes.queries import (
    all_of,
    constraint_is,
    no_dependents,
    nothing_attached,
    relation_is,
    usable,
)
from auditor_connectors.postgresql.recipes.reconnecting import reconnect, recycle_notes
from auditor_connectors.postgresql.recipes.restoring import owned, owner_and_grants
from auditor_connectors.postgresql.recipes.sql import (
    free_name,
    ident,
    idents,
    literal,
    qualified,
    regclass,
    relation_name,
)
from auditor_connectors.postgresql.recipes.steps import atomically, brief, runbook, scan, until

VERSION_13 = 130000


class Wrap:
    """A table to wrap, with the names and bounds that the steps share."""

    def __init__(self, facts: Facts, table: Table, column: str, upper: Bound) -> None:
        self.facts, self.table, self.column, self.upper = facts, table, column, upper
        self.key = table.key
        self.first: Key = (table.schema, relation_name(facts, table.key, (), "p_first"))
        self.proof = free_name("auditor_before", upper.word, (c.name for c in facts.constraints_of(table.key)))
        self.primary = facts.primary_key(table.key)
        columns = self.primary.columns if self.primary is not None else ()
        self.key_columns = columns if column in columns else (*columns, column)
        self.key_index = relation_name(facts, table.key, self.key_columns, "key", distinct="partitioned")

    @property
    def done(self) -> str:
        """The query that is true from the switch on."""
        return relation_is(self.key, "relkind = 'p'")

    @property
    def needs_key(self) -> bool:
        """Whether the primary key has to be extended by the partition column."""
        return self.primary is not None and self.key_columns != self.primary.columns


def partition_table(operation: PartitionTable, facts: Facts) -> Iterator[Draft]:
    """Prove the old rows' range and extend the key while writes go on; then wrap the table in one short transaction."""
    key = (operation.schema, operation.table)
    table = facts.table(key)
    column = table.column(operation.column) if table is not None else None
    interval = operation.interval or "month"
    today = Bound.read(facts.now.date().isoformat(), interval)
    dated = column is not None and column.family in ("date", "timestamp", "timestamp-tz")
    if table is None or column is None or not dated or today is None or operation.strategy != "range":
        yield _by_copy(operation)
        return
    # The end of the next interval: rows that come before the switch must stay below it.
    wrap = Wrap(facts, table, operation.column, today.start().next().next())
    yield _settle(wrap)
    if column.nullable:
        for draft in forbid_nulls(facts, key, (operation.column,)):
            yield Draft(phase=Phase.REARCHITECT, step=draft.step)
    yield from until(wrap.done, _prove(wrap))
    if wrap.needs_key:
        body = f"USING btree ({idents(wrap.key_columns)})"
        index = NewIndex(key, wrap.key_index, body, wrap.key_columns, unique=True)
        yield from until(wrap.done, build(facts, Phase.REARCHITECT, index))
    yield _switch(wrap)
    yield runbook(
        Phase.REARCHITECT,
        f"Have the next partitions of {table.path} created by a schedule, and old ones archived",
        notes=(
            "pg_partman, pg_cron or a job of the application; alarm when fewer than two are left in advance.",
            (
                f"The first partition {wrap.first[1]} holds all old rows: let it age out, or split it later in "
                "batches. Before an old partition goes: detach it concurrently, archive it, then drop it."
            ),
        ),
    )


def _settle(wrap: Wrap) -> Draft:
    """Say what the change costs and what stands in its way on this very table."""
    facts, key = wrap.facts, wrap.key
    obstacles = [f"the foreign key {one.path} refers to it" for one in facts.referencing(key)]
    obstacles += [f"it has the policy {one.name}" for one in facts.policies_of(key)]
    obstacles += [f"it is published by {one.name}" for one in facts.server.publications if key in one.tables]
    obstacles += [
        f"the unique index {index.name} does not hold {wrap.column}: it would hold per partition only"
        for index in facts.indexes_of(key)
        if index.unique and not index.primary and wrap.column not in index.columns
    ]
    obstacles += [
        f"before version 13 a partitioned table takes no trigger like {trigger.name}: create it on each partition"
        for trigger in _left_behind(wrap)
    ]
    primary = ", ".join(wrap.key_columns)
    return application(
        Phase.REARCHITECT,
        f"Settle what partitioning {wrap.table.path} changes",
        f"Its primary key becomes ({primary}): the old key alone is no longer enforced across partitions, ON CONFLICT "
        f"must name the new one, and queries should filter by {wrap.column}.",
        *((f"To be settled first: {'; '.join(obstacles)}.",) if obstacles else ("Nothing else stands in its way.",)),
        objects=(wrap.table.path,),
    )


def _left_behind(wrap: Wrap) -> list[Trigger]:
    """The triggers that a partitioned table cannot have: before version 13 those that fire before a row is written."""
    if wrap.facts.version >= VERSION_13:
        return []
    mine = (one for one in wrap.facts.triggers if one.table_key == wrap.key)
    return [one for one in mine if (one.timing, one.level) == ("before", "row")]


def _unobstructed(wrap: Wrap) -> str:
    """Write a query that is true when nothing hangs on the table that wrapping cannot carry over."""
    referred = f"SELECT FROM pg_constraint WHERE confrelid = {regclass(wrap.key)} AND conparentid = 0"
    attached = [no_dependents(wrap.key, but_views=True), nothing_attached(wrap.key)]
    if wrap.facts.version < VERSION_13:
        before_row = "NOT tgisinternal AND tgtype & 3 = 3"
        attached.append(
            f"SELECT NOT EXISTS (SELECT FROM pg_trigger WHERE tgrelid = {regclass(wrap.key)} AND {before_row})"
        )
    return all_of(*attached, f"SELECT NOT EXISTS ({referred})")


def _prove(wrap: Wrap) -> Iterator[Draft]:
    alter, name = f"ALTER TABLE {qualified(wrap.key)}", ident(wrap.column)
    condition = f"{name} IS NOT NULL AND {name} < {wrap.upper.sql}"
    none_beyond = f"SELECT NOT EXISTS (SELECT FROM {qualified(wrap.key)} WHERE NOT ({condition}))"
    yield brief(
        wrap.facts,
        Phase.REARCHITECT,
        f"Declare that {wrap.table.path} holds rows before {wrap.upper.value} only",
        f"{alter} ADD CONSTRAINT {ident(wrap.proof)} CHECK ({condition}) NOT VALID",
        precondition=all_of(_unobstructed(wrap), none_beyond, f"SELECT current_date < {wrap.upper.sql}"),
        verify=constraint_is(wrap.key, wrap.proof, "true"),
        rollback=(f"{alter} DROP CONSTRAINT IF EXISTS {ident(wrap.proof)}",),
        notes=(
            (
                "Until the switch later rows are refused: if some are written in advance, choose a later bound here "
                "and in the switch."
            ),
        ),
    )
    yield scan(
        Phase.REARCHITECT,
        f"Prove that {wrap.table.path} holds rows before {wrap.upper.value} only",
        f"{alter} VALIDATE CONSTRAINT {ident(wrap.proof)}",
        takes=estimates.work(wrap.facts, wrap.table),
        precondition=none_beyond,
        verify=constraint_is(wrap.key, wrap.proof),
    )


def _switch(wrap: Wrap) -> Draft:
    key, first = wrap.key, wrap.first
    table, partition = qualified(key), qualified(first)
    statements = (
        f"ALTER TABLE {table} RENAME TO {ident(first[1])}",
        *_identities_to_defaults(wrap),
        *_extend_key(wrap),
        *_rename_objects(wrap),
        (
            f"CREATE TABLE {table} (LIKE {partition} INCLUDING ALL EXCLUDING INDEXES EXCLUDING STATISTICS) "
            f"PARTITION BY RANGE ({ident(wrap.column)})"
        ),
        f"ALTER TABLE {table} DROP CONSTRAINT {ident(wrap.proof)}",
        *_recreate_objects(wrap),
        f"ALTER TABLE {table} ATTACH PARTITION {partition} FOR VALUES FROM (MINVALUE) TO ({wrap.upper.sql})",
        *_next_partitions(wrap),
        f"ALTER TABLE {partition} DROP CONSTRAINT {ident(wrap.proof)}",
    )
    return brief(
        wrap.facts,
        Phase.REARCHITECT,
        f"Make {wrap.table.path} a partitioned table with the old one as its first partition",
        *_around(wrap, statements),
        takes=estimates.Estimate(0.03, "changes of the catalog only: measured at 21 ms with 1,000,000 rows"),
        precondition=all_of(
            _unobstructed(wrap),
            constraint_is(key, wrap.proof),
            *((usable((key[0], wrap.key_index)),) if wrap.needs_key else ()),
        ),
        verify=wrap.done,
        rollback=_unwrap(wrap),
        deploy=reconnect([key]),
        notes=(
            *recycle_notes(wrap.facts, [key]),
            *view_notes(wrap.facts, [key]),
            "Undoing it copies the rows of the newer partitions back into the old table.",
            "Later, partitions that are dropped are what cannot be undone.",
        ),
    )


def _around(wrap: Wrap, statements: Iterable[str]) -> tuple[str, ...]:
    """Lock all tables first, and let the table's views and triggers pass to the one that takes its place."""
    references = wrap.facts.constraints_of(wrap.key, "foreign-key")
    referred = (one.referenced_key for one in references if one.referenced_key is not None)
    locks = lock_tables(wrap.facts, [wrap.key], only_writers=referred)
    inner = around_triggers(wrap.facts, wrap.key, statements)
    return (*locks, *around_views(wrap.facts, [wrap.key], inner))


def _identities_to_defaults(wrap: Wrap) -> Iterator[str]:
    """A table with an identity cannot be attached: a default from a sequence of the same name and position serves."""
    for column in wrap.table.columns:
        if column.identity is None or column.sequence is None:
            continue
        sequence = wrap.facts.sequence(column.sequence)
        name, alter = (
            qualified(column.sequence),
            f"ALTER TABLE {qualified(wrap.first)} ALTER COLUMN {ident(column.name)}",
        )
        kind = {16: "smallint", 32: "integer"}.get(column.bits or 64, "bigint")
        increment = sequence.increment if sequence is not None else 1
        yield f"CREATE TEMPORARY TABLE auditor_position ON COMMIT DROP AS SELECT last_value, is_called FROM {name}"
        yield f"{alter} DROP IDENTITY"
        yield f"CREATE SEQUENCE {name} AS {kind} INCREMENT {increment}"
        yield from owned(wrap.table, column.sequence, "SEQUENCE")
        yield f"SELECT setval({literal(name)}, last_value, is_called) FROM auditor_position"
        yield "DROP TABLE auditor_position"
        yield f"{alter} SET DEFAULT nextval({literal(name)}::regclass)"


def _extend_key(wrap: Wrap) -> Iterator[str]:
    if not wrap.needs_key or wrap.primary is None:
        return
    alter = f"ALTER TABLE {qualified(wrap.first)}"
    yield f"{alter} DROP CONSTRAINT {ident(wrap.primary.name)}"
    part = ident(_part(wrap, wrap.primary.name))
    yield f"{alter} ADD CONSTRAINT {part} PRIMARY KEY USING INDEX {ident(wrap.key_index)}"


def _part(wrap: Wrap, name: str) -> str:
    """The name that an index of the old table takes as part of the new one's."""
    return free_name(name, "p_first", ())


def _indexes(wrap: Wrap) -> list[Index]:
    """The indexes that the partitioned table takes over: the usable ones, but unique ones must hold its key."""
    return [
        index
        for index in wrap.facts.indexes_of(wrap.key)
        if index.usable
        and index.definition is not None
        and not index.exclusion
        and (not index.unique or wrap.column in index.columns)
        and not (index.primary and wrap.needs_key)
    ]


def _rename_objects(wrap: Wrap) -> Iterator[str]:
    for index in _indexes(wrap):
        yield f"ALTER INDEX {qualified(index.key)} RENAME TO {ident(_part(wrap, index.name))}"


def _recreate_objects(wrap: Wrap) -> Iterator[str]:
    """Declare keys, indexes, references and privileges on the new, empty parent; ATTACH then finds their equals."""
    table = qualified(wrap.key)
    if wrap.primary is not None:
        yield f"ALTER TABLE {table} ADD CONSTRAINT {ident(wrap.primary.name)} PRIMARY KEY ({idents(wrap.key_columns)})"
    for index in _indexes(wrap):
        if index.constraint is not None and not index.primary:
            yield f"ALTER TABLE {table} ADD CONSTRAINT {ident(index.name)} UNIQUE ({idents(index.columns)})"
        elif not index.primary:
            unique = "UNIQUE " if index.unique else ""
            yield f"CREATE {unique}INDEX {ident(index.name)} ON {table} {body_of(index.definition or '')}"
    for one in _references(wrap):
        yield f"ALTER TABLE {table} ADD CONSTRAINT {ident(one.name)} {one.definition}"
    yield from owner_and_grants(wrap.facts, wrap.table, wrap.key)
    for column in wrap.table.columns:
        sequence = wrap.facts.sequence(column.sequence)
        if sequence is not None and (sequence.owner_table == wrap.key[1] or column.identity is not None):
            yield f"ALTER SEQUENCE {qualified(sequence.key)} OWNED BY {table}.{ident(column.name)}"


def _references(wrap: Wrap) -> list[Constraint]:
    return [
        one
        for one in wrap.facts.constraints_of(wrap.key, "foreign-key")
        if one.definition is not None and one.validated
    ]


def _next_partitions(wrap: Wrap) -> Iterator[str]:
    lower = wrap.upper
    for _ in range(AHEAD):
        upper = lower.next()
        part = (wrap.key[0], relation_name(wrap.facts, wrap.key, (), lower.word))
        yield (
            f"CREATE TABLE {qualified(part)} PARTITION OF {qualified(wrap.key)} "
            f"FOR VALUES FROM ({lower.sql}) TO ({upper.sql})"
        )
        yield from owned(wrap.table, part)
        lower = upper


def _unwrap(wrap: Wrap) -> tuple[str, ...]:
    """Write the way back: the old table takes its name again, with the rows of the newer partitions."""
    table, partition = qualified(wrap.key), qualified(wrap.first)
    sequences = [
        f"ALTER SEQUENCE {qualified(sequence)} OWNED BY {partition}.{ident(column.name)}"
        for column in wrap.table.columns
        if (sequence := column.sequence) is not None
    ]
    statements = [
        f"ALTER TABLE {table} DETACH PARTITION {partition}",
        f"INSERT INTO {partition} SELECT * FROM {table}",
        *sequences,
        f"DROP TABLE {table}",
        f"ALTER TABLE {partition} RENAME TO {ident(wrap.key[1])}",
        *(
            f"ALTER INDEX {qualified((wrap.key[0], _part(wrap, i.name)))} RENAME TO {ident(i.name)}"
            for i in _indexes(wrap)
        ),
    ]
    back = list(atomically(*_around(wrap, statements)))
    if wrap.needs_key and wrap.primary is not None:
        index = wrap.facts.index((wrap.key[0], wrap.primary.index or wrap.primary.name))
        definition = index.definition if index is not None else None
        if definition is not None:
            alter, name = f"ALTER TABLE {table}", ident(wrap.primary.name)
            back += [
                concurrently(definition),
                *atomically(
                    f"{alter} DROP CONSTRAINT {ident(_part(wrap, wrap.primary.name))}",
                    f"{alter} ADD CONSTRAINT {name} PRIMARY KEY USING INDEX {name}",
                ),
            ]
    return tuple(back)


def _by_copy(operation: PartitionTable) -> Draft:
    path = f"{operation.schema}.{operation.table}"
    return runbook(
        Phase.REARCHITECT,
        f"Partition {path} by {operation.strategy} of {operation.column}",
        notes=(
            "This cannot be done by wrapping the table: its rows must move to the partitions that they belong to.",
            (
                "Create the partitioned table beside it, keep it current by a trigger, copy the rows in batches, "
                "build the indexes, compare, swap the names in one short transaction with a trigger in the other "
                "direction."
            ),
        ),
    )
