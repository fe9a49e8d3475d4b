"""Partitions a table by range of a time: its key takes the column in while clients write, then rows are copied once.

What a partitioned table cannot have on these products (foreign keys at either end, unique keys without the column,
full-text and spatial indexes) is named and stays a decision of people. Manual, "Restrictions and Limitations on
Partitioning"; MariaDB documentation, "Partitioning Limitations".
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from auditor.connector import Draft
from auditor.model.catalog import Column, Table
from auditor.model.facts import Facts
from auditor.model.operation import PartitionTable, SetNotNull
from auditor.model.vocabulary import Phase
from auditor_connectors.drafting import application
from auditor_connectors.mysql.quoting import ident
from auditor_connectors.mysql.recipes.altering import Alteration, alter, statement
from auditor_connectors.mysql.recipes.columns import set_not_null
from auditor_connectors.mysql.recipes.queries import all_of, has_primary_key, is_partitioned, no_references, not_
from auditor_connectors.mysql.recipes.sql import bare_index, idents, seconds_of
from auditor_connectors.mysql.recipes.steps import runbook
from auditor_connectors.periods import AHEAD, Bound

_PAST_DAYS = {"day": 31, "week": 182, "month": 365, "quarter": 731, "year": 1827}
"""How far back rows get partitions of their own: what is older shares one, and goes with it when its time has come."""

_BEFORE, _REST = "p_before", "p_rest"

_KEY = (
    "Its primary key becomes ({new}): ({old}) alone is no longer kept unique by the server, and INSERT … ON DUPLICATE "
    "KEY UPDATE no longer meets an old row by it."
)
_NEXT = (
    "Have a schedule (an EVENT, or a job of the application) split p_rest for the coming period while it is empty: "
    "ALTER TABLE … REORGANIZE PARTITION p_rest INTO (…). Rows that have come into it make that a copy."
)
_OLD = (
    "Old rows go with their partition: ALTER TABLE … DROP PARTITION takes no longer for many rows than for few, and is "
    "for ever. Copy them first by SELECT … FROM … PARTITION (…) where they have to be kept."
)


def partition_table(operation: PartitionTable, facts: Facts) -> Iterator[Draft]:
    """Forbid NULL in the column, take it into the primary key, then copy the rows into their partitions."""
    key = (operation.schema, operation.table)
    table = facts.table(key)
    column = table.column(operation.column) if table is not None else None
    interval = operation.interval or "month"
    obstacles = list(_obstacles(facts, operation, table, column))
    if interval not in _PAST_DAYS:
        obstacles.append(f"an interval of {interval} has no recipe")
    if table is None or column is None or obstacles:
        title = f"Partition {'.'.join(key)} by {operation.strategy} of {operation.column}"
        yield runbook(Phase.SWITCH, title, notes=(f"It cannot be done as it is: {'; '.join(obstacles)}.",))
        return
    primary = facts.primary_key(key)
    old = primary.columns if primary is not None else ()
    new = old if column.name in old or not old else (*old, column.name)
    yield application(
        Phase.EXPAND,
        f"Get ready for a partitioned {table.path}",
        *((_KEY.format(new=", ".join(new), old=", ".join(old)),) if new != old else ()),
        f"Queries that do not ask for {column.name} look into every partition: let those that are frequent ask for it.",
        kind="tolerate",
        objects=(table.path,),
    )
    if column.nullable:
        yield from set_not_null(SetNotNull(schema=key[0], table=key[1], column=column.name), facts)
    if new != old:
        yield from alter(
            facts,
            Phase.EXPAND,
            f"Take {column.name} into the primary key of {table.path}",
            Alteration(key, "add-primary-key", f"DROP PRIMARY KEY, ADD PRIMARY KEY ({idents(new)})"),
            verify=has_primary_key(key, new),
            precondition=all_of(has_primary_key(key, old), no_references(key)),
            rollback=(statement(facts, key, "add-primary-key", f"DROP PRIMARY KEY, ADD PRIMARY KEY ({idents(old)})"),),
        )
    yield from alter(
        facts,
        Phase.SWITCH,
        f"Partition {table.path} by {interval} of {column.name}",
        Alteration(key, "partition", _partitions(facts, column, interval)),
        verify=is_partitioned(key),
        precondition=all_of(
            not_(is_partitioned(key)), no_references(key), *((has_primary_key(key, new),) if new else ())
        ),
        rollback=(statement(facts, key, "partition", "REMOVE PARTITIONING"),),
        notes=(
            f"{_BEFORE} takes what is older than the partitions, {_REST} what is newer.",
            *(("Partitions begin at midnight in UTC.",) if column.family == "timestamp-tz" else ()),
        ),
    )
    yield runbook(
        Phase.REARCHITECT, f"Have the partitions of {table.path} made and dropped by a schedule", notes=(_NEXT, _OLD)
    )


def _obstacles(facts: Facts, operation: PartitionTable, table: Table | None, column: Column | None) -> Iterator[str]:
    if table is None or column is None:
        yield "the snapshot does not have the column"
        return
    if operation.strategy != "range" or column.family not in ("date", "timestamp", "timestamp-tz"):
        yield "only a range of a date or a time has a recipe"
    if column.generated is not None:
        yield f"{column.name} is computed"
    yield from _cannot_be_parted(facts, table, column)


def _cannot_be_parted(facts: Facts, table: Table, column: Column) -> Iterator[str]:
    if table.partition_strategy is not None:
        yield "it is partitioned already"
    if (table.engine or "").lower() != "innodb":
        yield f"it is stored by {table.engine}"
    for one in facts.constraints_of(table.key, "foreign-key"):
        yield f"its foreign key {one.name} would have to go: partitioned tables have none"
    for one in facts.referencing(table.key):
        yield f"{'.'.join(one.table_key)}.{one.name} refers to it: nothing can refer to a partitioned table"
    for index in facts.indexes_of(table.key):
        name = bare_index(table.name, index.name)
        if index.unique and not index.primary and column.name not in index.columns:
            yield f"{name} is unique without {column.name}, which no partitioned table can keep"
        elif index.method in ("fulltext", "spatial"):
            yield f"{name} is a {index.method} index"


def _partitions(facts: Facts, column: Column, interval: str) -> str:
    """Write the clause: a partition for each interval of the near past and the near future, one before, one after."""
    today = facts.now.date()
    start = Bound.read((today - timedelta(days=_PAST_DAYS[interval])).isoformat(), interval)
    last = Bound.read(today.isoformat(), interval)
    if start is None or last is None:
        raise ValueError(interval)
    bound, last = start.start(), last.start()
    for _ in range(AHEAD + 1):
        last = last.next()
    moment = column.family == "timestamp-tz"
    parts = [f"PARTITION {_BEFORE} VALUES LESS THAN ({_written(bound, moment=moment)})"]
    while bound.value != last.value:
        after = bound.next()
        parts.append(f"PARTITION {bound.word} VALUES LESS THAN ({_written(after, moment=moment)})")
        bound = after
    name = ident(column.name)
    # Only of a TIMESTAMP is it known which moment a row is of: RANGE COLUMNS does not take the type.
    kind = f"RANGE (FLOOR(UNIX_TIMESTAMP({name})))" if moment else f"RANGE COLUMNS ({name})"
    rest = f"PARTITION {_REST} VALUES LESS THAN {'MAXVALUE' if moment else '(MAXVALUE)'}"
    return f"PARTITION BY {kind} ({', '.join((*parts, rest))})"


def _written(bound: Bound, *, moment: bool) -> str:
    if not moment:
        return bound.sql
    if isinstance(bound.value, int):
        raise TypeError(bound.value)
    return str(seconds_of(bound.value))
