"""Lets an ENUM refer to a table that holds its values, so that a new value is a row."""

from __future__ import annotations

import re
from collections.abc import Iterator

from auditor.connector import Draft
from auditor.model.catalog import Column, Constraint, Table
from auditor.model.facts import Facts
from auditor.model.operation import EnumToLookup
from auditor.model.vocabulary import Phase
from auditor_connectors.drafting import application
from auditor_connectors.mysql.quoting import ident
from auditor_connectors.mysql.recipes import estimates
from auditor_connectors.mysql.recipes.accepted import INSTANT, way
from auditor_connectors.mysql.recipes.altering import Alteration, alter, statement
from auditor_connectors.mysql.recipes.columns import STRICT
from auditor_connectors.mysql.recipes.indexes import NewIndex, build, key_parts
from auditor_connectors.mysql.recipes.queries import (
    all_of,
    columns_are_led,
    constraint_is,
    no_violations,
    not_,
    table_is_absent,
    type_is,
)
from auditor_connectors.mysql.recipes.references import declare, unwritten_rule
from auditor_connectors.mysql.recipes.sql import (
    constraint_names,
    definition,
    free_name,
    free_table,
    index_names,
    is_shown,
    literal,
    plain_literal,
    qualified,
    set_of,
)
from auditor_connectors.mysql.recipes.steps import change, runbook

_ENUM = re.compile(r"enum\((.*)\)\Z", re.IGNORECASE | re.DOTALL)
_VALUE = re.compile(r"'((?:[^']|'')*)'")

LENGTHS = (64, 255)
"""How many characters a value may have: the first that the longest present one fits into."""

_ORDER = (
    "The column sorts by its letters from then on, where it sorted by the order of the ENUM: join the table, and sort "
    "by sort_order. It is no number any more either (status + 0), and keeps the letters as they are written: 'New' is "
    "no longer turned into 'new'."
)
_CHECK = (
    "The check keeps out what the ENUM kept out until the foreign key does it. The way back is open while every value "
    "is one of the ENUM."
)


class _Lookup:
    """A column, the new table of its values, and the names that the steps share."""

    def __init__(self, facts: Facts, table: Table, column: Column, into: str | None) -> None:
        self.facts, self.table, self.column = facts, table, column
        self.values = values_of(column)
        self.length = next((one for one in LENGTHS if max(map(len, self.values), default=0) <= one), 0)
        self.type = f"varchar({self.length})"
        taken = into is None or facts.table((table.schema, into)) is not None
        self.key = free_table(facts, table.schema, (table.name, column.name), "values") if taken else (
            table.schema, into or "")  # fmt: skip
        names = constraint_names(facts, table.schema)
        self.check = free_name((table.name, column.name), "check", names)
        self.reference = Constraint(
            schema=table.schema,
            table=table.name,
            name=free_name((table.name, column.name), "fk", names),
            kind="foreign-key",
            columns=(column.name,),
            referenced_schema=self.key[0],
            referenced_table=self.key[1],
            referenced_columns=("value",),
            on_delete=unwritten_rule(facts),
            on_update=unwritten_rule(facts),
        )

    @property
    def checks(self) -> bool:
        """Whether the version knows checks."""
        return way(self.facts, "add-check", self.table) is not None

    @property
    def listed(self) -> str:
        """The condition that a row has one of the values."""
        return f"{ident(self.column.name)} IN ({', '.join(map(plain_literal, self.values))})"


def values_of(column: Column) -> tuple[str, ...]:
    """The values of an ENUM in their order; none of another type."""
    match = _ENUM.match(column.type)
    found = _VALUE.findall(match[1]) if match is not None else ()
    return tuple(one.replace("''", "'").replace("\\\\", "\\") for one in found)


def enum_to_lookup(operation: EnumToLookup, facts: Facts) -> Iterator[Draft]:
    """Make and fill the table of values, give the column a plain type and a check, declare the key, drop the check."""
    table = facts.table((operation.schema, operation.table))
    column = table.column(operation.column) if table is not None else None
    obstacles = list(_obstacles(facts, table, column))
    if table is None or column is None or obstacles:
        title = f"Let {operation.path} refer to a table of its values"
        yield runbook(Phase.SWITCH, title, notes=(f"It cannot be done by these steps: {'; '.join(obstacles)}.",))
        return
    lookup, path, key = _Lookup(facts, table, column, operation.into), table.column_path(column.name), table.key
    yield _create(lookup)
    if not any(index.columns[:1] == (column.name,) for index in facts.indexes_of(key)):
        name = free_name((table.name, column.name), "idx", index_names(facts, key))
        index = NewIndex(key, name, key_parts(table, (column.name,)), columns=(column.name,))
        yield from build(facts, Phase.EXPAND, index, verify=columns_are_led(key, (column.name,)))
    yield from _retype(lookup)
    yield from declare(facts, lookup.reference, Phase.SWITCH, Phase.SWITCH)
    if lookup.checks:
        yield from alter(
            facts,
            Phase.CONTRACT,
            f"Drop the check {lookup.check}, whose place the foreign key has taken",
            Alteration(key, "drop-check", f"DROP CONSTRAINT {ident(lookup.check)}"),
            verify=constraint_is(key, lookup.check, absent=True),
            precondition=constraint_is(key, lookup.reference.name),
            rollback=(statement(facts, key, "add-check", _added(lookup)),),
        )
    yield application(
        Phase.CONTRACT,
        f"Take the values of {path} from {'.'.join(lookup.key)}",
        "A new value is a new row there. Retire one by a column of its own, for rows may still have it.",
        _ORDER,
        objects=(path,),
    )


def _obstacles(facts: Facts, table: Table | None, column: Column | None) -> Iterator[str]:
    if table is None or column is None:
        yield "the snapshot does not have the column"
        return
    values = values_of(column)
    if not values or column.generated is not None:
        yield "it is no ENUM of its own"
    if not is_shown(column):
        yield "the dictionary shows characters of four bytes as ?, and one of its values has that"
    if max(map(len, values), default=0) > LENGTHS[-1]:
        yield f"a value is longer than {LENGTHS[-1]} characters"
    if table.partition_strategy is not None or (table.engine or "").lower() != "innodb":
        yield "its table is partitioned or not stored by InnoDB, and can have no foreign key"
    for key in (*facts.constraints_of(table.key, "foreign-key"), *facts.referencing(table.key)):
        here = key.columns if key.table_key == table.key else ()
        there = key.referenced_columns if key.referenced_key == table.key else ()
        if column.name in (*here, *there):
            yield f"the foreign key {key.name} holds it"


def _create(lookup: _Lookup) -> Draft:
    name, column = qualified(lookup.key), lookup.column
    collation = column.collation or lookup.table.collation or ""
    spelled = f" CHARACTER SET {set_of(collation)} COLLATE {collation}" if collation else ""
    rows = " UNION ALL ".join(
        f"SELECT {literal(value)} AS value, {place} AS sort_order" for place, value in enumerate(lookup.values, start=1)
    )
    return change(
        lookup.facts,
        Phase.EXPAND,
        f"Make {'.'.join(lookup.key)} with the values of {lookup.table.column_path(column.name)}",
        f"CREATE TABLE {name} (value {lookup.type}{spelled} NOT NULL PRIMARY KEY, sort_order int NOT NULL) "
        f"ENGINE=InnoDB {rows}",
        INSTANT,
        takes=estimates.brief("a table of a few rows"),
        precondition=type_is(lookup.table.key, column.name, column.type),
        verify=not_(table_is_absent(lookup.key)),
        rollback=(f"DROP TABLE IF EXISTS {name}",),
    )


def _added(lookup: _Lookup) -> str:
    return f"ADD CONSTRAINT {ident(lookup.check)} CHECK ({lookup.listed})"


def _retype(lookup: _Lookup) -> Iterator[Draft]:
    facts, table, column, key = lookup.facts, lookup.table, lookup.column, lookup.table.key
    name = ident(column.name)
    plain = definition(facts, table, column, type_name=lookup.type, collation=column.collation)
    check, drop = (f", {_added(lookup)}", f", DROP CONSTRAINT {ident(lookup.check)}") if lookup.checks else ("", "")
    back = f"MODIFY COLUMN {name} {definition(facts, table, column)}"
    yield from alter(
        facts,
        Phase.SWITCH,
        f"Store {table.column_path(column.name)} as {lookup.type}",
        Alteration(key, "change-type", f"MODIFY COLUMN {name} {plain}{check}"),
        before=STRICT,
        verify=type_is(key, column.name, lookup.type),
        # A value that was refused without a strict mode is stored as the number 0, and reads ''.
        precondition=all_of(type_is(key, column.name, column.type), no_violations(key, f"{name} + 0 > 0")),
        rollback=(*STRICT, statement(facts, key, "change-type", f"{back}{drop}")),
        notes=((_CHECK,) if lookup.checks else ()),
    )
