"""Lets a column of fixed values refer to a table that holds them, so that a new value is a row."""

from __future__ import annotations

import re
from collections.abc import Iterator

from auditor.connector import Draft
from auditor.model.catalog import Column, Constraint, Key, Table
from auditor.model.facts import Facts
from auditor.model.operation import ChangeColumnType, EnumToLookup
from auditor.model.vocabulary import Phase
from auditor_connectors.drafting import application
from auditor_connectors.postgresql.recipes.columns_type import change_column_type
from auditor_connectors.postgresql.recipes.constraints import replaced, validation
from auditor_connectors.postgresql.recipes.queries import (
    absent,
    all_of,
    column_type_is,
    constraint_is,
    no_orphans,
    present,
)
from auditor_connectors.postgresql.recipes.restoring import owner_and_grants
from auditor_connectors.postgresql.recipes.sql import (
    free_name,
    ident,
    literal,
    qualified,
    relation_name,
    relation_taken,
)
from auditor_connectors.postgresql.recipes.steps import ACCESS_SHARE, SHARE_ROW_EXCLUSIVE, brief, runbook

# A constant in a view depends on its type, a column only on its table (dependency.c). Views are read with those over
# them, as the switch makes all of them anew.
_NO_CONSTANTS = """
WITH RECURSIVE reader AS (
  SELECT {table}::regclass::oid AS oid
   UNION
  SELECT r.ev_class FROM reader JOIN pg_depend d ON d.refobjid = reader.oid AND d.refclassid = 'pg_class'::regclass
    JOIN pg_rewrite r ON r.oid = d.objid WHERE d.classid = 'pg_rewrite'::regclass
)
SELECT NOT EXISTS (
  SELECT FROM reader JOIN pg_rewrite r ON r.ev_class = reader.oid
    JOIN pg_depend d ON d.objid = r.oid AND d.classid = 'pg_rewrite'::regclass
    JOIN pg_type t ON d.refobjid IN (t.oid, t.typarray)
   WHERE d.refclassid = 'pg_type'::regclass AND t.oid = {type}::regtype)
"""

# How the server writes IN over constants. What else a check may ask of the value would be lost with it.
_LISTED = re.compile(r"= ANY \(+ARRAY\[")
_MORE = re.compile(r" AND | ~|<|>| LIKE ")

_COMPARE_TEXTS = (
    "A view that compares with constants of the type could not be made again over a text, and the precondition finds "
    "it: let it compare {column}::text first, which holds before and after."
)


class Lookup:
    """A column, the new table of its values, and where these are found when the step runs: no snapshot holds them."""

    def __init__(self, facts: Facts, table: Table, column: Column, into: str | None) -> None:
        self.facts, self.table, self.column = facts, table, column
        wanted = None if into is None else (table.schema, into)
        taken = wanted is None or relation_taken(facts, wanted)
        self.key: Key = (table.schema, relation_name(facts, table.key, (column.name,), "values"))
        if wanted is not None and not taken:
            self.key = wanted
        self.check = next(filter(self._lists, facts.constraints_of(table.key, "check")), None)
        self.type = "text" if column.family == "enum" else column.type

    def _lists(self, check: Constraint) -> bool:
        definition = check.definition or ""
        listed = _LISTED.search(definition) is not None and _MORE.search(definition) is None
        return listed and check.columns == (self.column.name,)

    @property
    def constraint(self) -> str:
        """The name of the foreign key."""
        taken = (one.name for one in self.facts.constraints_of(self.table.key))
        return free_name(f"{self.table.name}_{self.column.name}", "fkey", taken)

    @property
    def fill(self) -> str:
        """Write the statement that brings the values over in their order; those that are there already stay."""
        insert = f"INSERT INTO {qualified(self.key)} (value, sort_order)"
        if self.column.family == "enum":
            return (
                f"{insert} SELECT enumlabel, row_number() OVER (ORDER BY enumsortorder) FROM pg_enum "
                f"WHERE enumtypid = {literal(self.column.type)}::regtype ON CONFLICT DO NOTHING"
            )
        name = self.check.name if self.check is not None else ""
        # A constant stands in quotes, with quotes and backslashes in it doubled: ruleutils.c, simple_quote_literal.
        return (
            f"{insert} SELECT replace(replace(m.part[1], '''''', ''''), repeat(chr(92), 2), chr(92)), m.place "
            "FROM pg_constraint, regexp_matches(pg_get_constraintdef(oid), '''((?:[^'']|'''')*)''', 'g') "
            f"WITH ORDINALITY AS m (part, place) WHERE conrelid = {literal(qualified(self.table.key))}::regclass "
            f"AND conname = {literal(name)} ON CONFLICT DO NOTHING"
        )

    def free_of_constants(self) -> Iterator[str]:
        """Write the query that is true when no view over the table compares with constants of the column's type."""
        if self.column.family == "enum":
            table, kind = literal(qualified(self.table.key)), literal(self.column.type)
            # Only what is our own is put on one line: a name may hold a line's end.
            yield " ".join(_NO_CONSTANTS.split()).format(table=table, type=kind)

    def obstacles(self) -> Iterator[str]:
        """Name what this way cannot carry over."""
        if self.column.family != "enum" and self.check is None:
            yield "no check lists its values, so that nobody knows which may be written: add one first"
        keys = (*self.facts.constraints_of(self.table.key, "foreign-key"), *self.facts.referencing(self.table.key))
        for key in keys:
            if (key.table_key == self.table.key and self.column.name in key.columns) or (
                key.referenced_key == self.table.key and self.column.name in key.referenced_columns
            ):
                yield f"the foreign key {key.name} holds the column"
        if self.table.kind != "table" or self.table.parent is not None:
            yield "the table is partitioned, or a partition"


def enum_to_lookup(operation: EnumToLookup, facts: Facts) -> Iterator[Draft]:
    """Create and fill the table of values, give an enumerated column a plain type, then declare the reference."""
    table = facts.table((operation.schema, operation.table))
    column = table.column(operation.column) if table is not None else None
    if table is None or column is None:
        yield _by_hand(operation, "the column is not in the snapshot")
        return
    lookup = Lookup(facts, table, column, operation.into)
    obstacles = list(lookup.obstacles())
    retyping = [] if column.family != "enum" else list(change_column_type(_plain(operation, column), facts))
    if retyping and not any(draft.step.statements for draft in retyping):
        obstacles += retyping[0].step.notes[:1]
    if obstacles:
        yield _by_hand(operation, "; ".join(obstacles))
        return
    yield _create(lookup)
    yield from (draft for draft in retyping if draft.phase is not Phase.CONTRACT)
    yield from _refer(lookup)
    yield from (draft for draft in retyping if draft.phase is Phase.CONTRACT)
    if column.family != "enum" and lookup.check is not None:
        proof = constraint_is(table.key, lookup.constraint)
        yield replaced(facts, table.key, lookup.check.name, lookup.constraint, proof)


def _plain(operation: EnumToLookup, column: Column) -> ChangeColumnType:
    return ChangeColumnType(
        schema=operation.schema, table=operation.table, column=operation.column, from_type=column.type, to_type="text"
    )


def _by_hand(operation: EnumToLookup, why: str) -> Draft:
    return runbook(
        Phase.REARCHITECT,
        f"Let {operation.schema}.{operation.table}.{operation.column} refer to a table of its values",
        notes=(f"It cannot be done by these steps: {why}.",),
    )


def _create(lookup: Lookup) -> Draft:
    name = qualified(lookup.key)
    return brief(
        lookup.facts,
        Phase.EXPAND,
        f"Create {'.'.join(lookup.key)} with the values of {lookup.table.column_path(lookup.column.name)}",
        f"CREATE TABLE {name} (value {lookup.type} PRIMARY KEY, sort_order bigint NOT NULL)",
        lookup.fill,
        *owner_and_grants(lookup.facts, lookup.table, lookup.key),
        lock=ACCESS_SHARE,
        precondition=all_of(absent(lookup.key), *lookup.free_of_constants()),
        verify=present(lookup.key),
        rollback=(f"DROP TABLE IF EXISTS {name}",),
        notes=(
            "sort_order keeps the order of the values: a text sorts by its letters instead.",
            *((_COMPARE_TEXTS.format(column=ident(lookup.column.name)),) if lookup.column.family == "enum" else ()),
        ),
    )


def _refer(lookup: Lookup) -> Iterator[Draft]:
    key, column, name = lookup.table.key, lookup.column.name, lookup.constraint
    path, enum = lookup.table.column_path(column), lookup.column.family == "enum"
    alter = f"ALTER TABLE {qualified(key)}"
    known = no_orphans(key, [column], lookup.key, ["value"])
    yield brief(
        lookup.facts,
        Phase.SWITCH if enum else Phase.EXPAND,
        f"Declare that {path} refers to {'.'.join(lookup.key)}",
        lookup.fill,
        f"{alter} ADD CONSTRAINT {ident(name)} FOREIGN KEY ({ident(column)}) "
        f"REFERENCES {qualified(lookup.key)} (value) NOT VALID",
        lock=SHARE_ROW_EXCLUSIVE,
        precondition=all_of(present(lookup.key), column_type_is(key, column, lookup.type)) if enum else known,
        verify=constraint_is(key, name, "true"),
        rollback=(f"{alter} DROP CONSTRAINT IF EXISTS {ident(name)}",),
        notes=(
            "Values that were added to the type meanwhile are brought over first.",
            "Deleting a value reads the table, as no index serves it: retire values by a column of their own instead.",
        ),
    )
    yield validation(lookup.facts, lookup.table, key, name, known)
    yield application(
        Phase.SWITCH,
        f"Take the values of {path} from {'.'.join(lookup.key)}",
        "Order by its sort_order where the order of the values mattered. A new value is a new row there"
        + ("." if enum else ", once the check that lists the values is gone."),
        *(("Statements and views that cast to the type no longer compare: write plain texts.",) if enum else ()),
        objects=(path,),
    )
