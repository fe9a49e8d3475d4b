"""Names what keeps tables of the same columns from becoming the partitions of one by ``clones_merging.py``."""

from __future__ import annotations

import re
import uuid
from collections.abc import Iterator
from datetime import date

from auditor.model.catalog import Column, Table
from auditor_connectors.postgresql.recipes.clones import Clones
from auditor_connectors.postgresql.recipes.sql import IDENTIFIER_BYTES, relation_taken
from auditor_connectors.postgresql.recipes.subscribers import publishing

_INTEGERS = {"smallint": 16, "integer": 32, "bigint": 64}
TYPES = ("text", *_INTEGERS, "date", "uuid")
"""Types of the column that tells the tables apart: their equality is plain, and a value is known to be one of them."""

_INTEGER = re.compile(r"-?[0-9]{1,19}\Z", re.ASCII)


def obstacles(plan: Clones) -> Iterator[str]:
    """Name what this way of merging cannot carry over; nothing where it can."""
    yield from _of_names(plan)
    yield from _of_values(plan)
    for table in plan.tables:
        yield from _of_table(plan, table)
    for table in plan.tables[1:]:
        yield from _of_columns(plan, table)
        yield from _of_key(plan, table)
    if len({table.owner for table in plan.tables}) > 1:
        yield "they belong to different roles: give them to one first"


def _of_names(plan: Clones) -> Iterator[str]:
    for name in (plan.key[1], plan.column):
        if not name or "\0" in name or len(name.encode()) > IDENTIFIER_BYTES:
            yield f"nothing can be called {name!r}"
    if relation_taken(plan.facts, plan.key):
        yield f"there is a {plan.path} already: choose another name"
    for table in plan.tables:
        if table.column(plan.column) is not None:
            yield f"{table.path} has a column {plan.column} already: choose another name"


def _of_values(plan: Clones) -> Iterator[str]:
    kind = plan.operation.type
    if kind not in TYPES:
        yield f"the column that tells the tables apart can be of {', '.join(TYPES)}, not of {kind}"
        return
    seen: dict[object, str] = {}
    for table in plan.tables:
        text = plan.operation.values[table.name]
        value = _read(kind, text)
        if value is None:
            yield f"{text!r} is no {kind}"
        elif value in seen:
            yield f"{table.path} and {seen[value]} would hold the same value {text}"
        else:
            seen[value] = table.path


def _read(kind: str, text: str) -> object | None:
    """Read a value of one of the types as the server would; None when it is none."""
    try:
        if kind in _INTEGERS:
            limit = 1 << _INTEGERS[kind] - 1
            return number if _INTEGER.match(text) and -limit <= (number := int(text)) < limit else None
        if kind == "date":
            return date.fromisoformat(text)
        if kind == "uuid":
            return uuid.UUID(text)
    except ValueError:
        return None
    return None if "\0" in text else text


def _of_table(plan: Clones, table: Table) -> Iterator[str]:
    key, path, facts = table.key, table.path, plan.facts
    if table.kind != "table" or table.parent is not None or table.persistence != "permanent":
        yield f"{path} is partitioned, a partition, unlogged, or no table"
    if table.inherits or key in facts.inheritors:
        yield f"{path} inherits, or is inherited from"
    if table.row_security or facts.policies_of(key):
        yield f"policies guard the rows of {path}, and would not guard them in {plan.path}"
    for trigger in facts.triggers:
        if trigger.table_key == key and trigger.level == "statement":
            yield f"the trigger {trigger.name} of {path} would not fire for statements on {plan.path}"
    for rule in facts.catalog.rules:
        if rule.table_key == key:
            yield f"the rule {rule.name} rewrites what is asked of {path}, and not of {plan.path}"
    for name in publishing(facts, key):
        yield f"the publication {name} sends the rows of {path} to subscribers, which know no column {plan.column}"
    for column in table.columns:
        yield from _of_column(plan, table, column)


def _of_column(plan: Clones, table: Table, column: Column) -> Iterator[str]:
    if column.generated is not None:
        yield f"the database computes {table.column_path(column.name)}"
    sequence = plan.facts.sequence(column.sequence)
    if column.sequence is not None and (
        sequence is None or sequence.increment != 1 or sequence.minimum < 1 or sequence.cycle
    ):
        yield f"the numbers of {table.column_path(column.name)} are not counted upwards by one"


def _of_columns(plan: Clones, table: Table) -> Iterator[str]:
    first = plan.first
    names, others = ({column.name for column in one.columns} for one in (first, table))
    for name in sorted(names ^ others):
        yield f"{(first if name in names else table).column_path(name)} is in one of the tables and not in all"
    for one in first.columns:
        other = table.column(one.name)
        if other is None:
            continue
        pair = f"{first.column_path(one.name)} and {table.column_path(one.name)}"
        if (one.type, one.collation) != (other.type, other.collation):
            yield f"{pair} are of different types: change one of them first"
        elif ((one.sequence is None) != (other.sequence is None)) or (
            one.sequence is None and one.default != other.default
        ):
            yield f"{pair} have different defaults, and a merged table has one: make them alike first"


def _of_key(plan: Clones, table: Table) -> Iterator[str]:
    own, first = plan.facts.primary_key(table.key), plan.primary
    if (own.columns if own is not None else None) != (first.columns if first is not None else None):
        yield f"{plan.first.path} and {table.path} have different primary keys"
    for one in (own, first):
        if one is not None and one.deferrable:
            yield f"the primary key {one.name} is checked late, which a key of partitions cannot be"
