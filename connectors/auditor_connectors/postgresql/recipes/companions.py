"""Describes a table that is to become part of another one: its columns' names there, its rules, what tells of a part.

``merging.py`` and ``merging_switch.py`` write the steps, ``merging_obstacles.py`` says what is in their way. The
companion has at most one row for each row of the other table, because its foreign key to that table is unique itself.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from functools import cached_property

from auditor.model.catalog import Constraint, Index, Key, Table
from auditor.model.facts import Facts
from auditor.model.operation import MergeTables
from auditor_connectors.postgresql.recipes.building import NewIndex, body_of
from auditor_connectors.postgresql.recipes.queries import all_of, no_dependents, nothing_attached, relation_is
from auditor_connectors.postgresql.recipes.restoring import reference
from auditor_connectors.postgresql.recipes.sql import (
    IDENTIFIER_BYTES,
    cut,
    free_name,
    ident,
    idents,
    literal,
    qualified,
    regclass,
    relation_name,
    rename_in_expression,
    short_hash,
)

PLAIN_FAMILIES = frozenset({
    "integer", "decimal", "text", "char", "uuid", "date", "time", "time-tz", "timestamp", "timestamp-tz", "boolean",
    "binary", "network", "bit", "enum",
})  # fmt: skip
"""Types whose equality is one of the server's own, so that a function with a fixed search path finds it."""

CHECK_DEFINITION = re.compile(r"CHECK \((.*)\)\Z", re.DOTALL)


class Companion:
    """The table that stays, the one that goes, and the names that the columns of the one get in the other."""

    def __init__(self, facts: Facts, table: Table, other: Table, operation: MergeTables, link: Constraint) -> None:
        self.facts, self.table, self.other, self.link = facts, table, other, link
        self.wanted = operation.names
        self.key = dict(zip(link.columns, link.referenced_columns, strict=True))
        self.moved = [column for column in other.columns if column.name not in self.key]
        self.old: Key = (other.schema, relation_name(facts, other.key, (), "old"))
        mark = short_hash(*table.key, *other.key)
        self.forward: Key = (other.schema, f"auditor_merge_{mark}")
        self.backward: Key = (table.schema, f"auditor_merge_back_{mark}")
        self.inserting: Key = (other.schema, f"auditor_merge_insert_{mark}")
        self.deleting: Key = (other.schema, f"auditor_merge_delete_{mark}")

    # --- names -----------------------------------------------------------------------------------------------------

    @cached_property
    def names(self) -> dict[str, str]:
        """The name in the table that stays of every column of the companion, by its present one."""
        found = dict(self.key)
        taken = {column.name for column in self.table.columns} | set(self.wanted.values())
        for column in self.moved:
            name = self.wanted.get(column.name) or self._free(column.name, column.name, taken)
            found[column.name] = name
            taken.add(name)
        return found

    def _free(self, plain: str, column: str, taken: Iterable[str]) -> str:
        """A name that no column has: the plain one, else with the companion's name before it."""
        names = set(taken)
        long = f"{self.other.name}_{column}"
        for name in (plain, long):
            if name not in names and len(name.encode()) <= IDENTIFIER_BYTES:
                return name
        return free_name(cut(long, IDENTIFIER_BYTES // 2), "part", names)

    @property
    def parts(self) -> list[str]:
        """The names in the table that stays of the columns that move there."""
        return [self.names[column.name] for column in self.moved]

    @cached_property
    def marker(self) -> str | None:
        """A column of the companion that is never NULL: where it has a value in the other table, a row has its part."""
        emptied = {name for one in self.other_keys() if {one.on_delete, one.on_update} & {"set null", "set default"}
                   for name in one.columns}  # fmt: skip
        for column in self.moved:
            if not column.nullable and column.family in PLAIN_FAMILIES and column.name not in emptied:
                return column.name
        return None

    @cached_property
    def flag(self) -> str | None:
        """The boolean column that is added where no column tells which rows have a part."""
        if self.marker is not None:
            return None
        name = f"has_{self.other.name}"
        return self._free(name, name, {*self.names.values(), *(column.name for column in self.table.columns)})

    @property
    def added(self) -> list[str]:
        """Every column that the table that stays gets."""
        return [*self.parts, *([self.flag] if self.flag is not None else [])]

    def is_there(self, row: str = "") -> str:
        """Write the condition that a row of the table that stays has its part."""
        if self.flag is not None:
            return f"{row}{ident(self.flag)}"
        return f"{row}{ident(self.names[self.marker or ''])} IS NOT NULL"

    @property
    def mapping(self) -> str:
        """The columns with their new names, for people."""
        return ", ".join(f"{its} as {name}" if its != name else name for its, name in self.names.items())

    @property
    def tells(self) -> str:
        """What tells that a row has its part, for people."""
        if self.flag is not None:
            return f"A row has its part where {self.flag} is true."
        return f"A row has its part where {self.names[self.marker or '']} is not NULL."

    # --- expressions over rows -------------------------------------------------------------------------------------

    def matches(self, here: str, there: str, *, same: bool = False) -> str:
        """Write the condition that a row of the table that stays has the key of a row of the companion.

        ``same``: both rows are of the table that stays.
        """
        return " AND ".join(
            f"{here}.{ident(mine)} = {there}.{ident(mine if same else its)}" for its, mine in self.key.items()
        )

    def image(self, row: str, *, here: bool, flag: str | None = None) -> str:
        """Write the part of a row as a record that is compared as it is stored: not every type has an equality.

        ``here``: the row is of the table that stays. ``flag`` stands for the added column where it is not.
        """
        names = self.parts if here else [column.name for column in self.moved]
        values = [f"{row}.{ident(name)}" for name in names]
        if self.flag is not None:
            values.append(flag or f"{row}.{ident(self.flag)}")
        return f"ROW({', '.join(values)})::record"

    def assigned(self, row: str | None) -> str:
        """Write the assignments that give a row the part that ``row`` of the companion holds, or none."""
        pairs = [
            f"{ident(self.names[column.name])} = {'NULL' if row is None else f'{row}.{ident(column.name)}'}"
            for column in self.moved
        ]
        if self.flag is not None:
            pairs.append(f"{ident(self.flag)} = {'false' if row is None else 'true'}")
        return ", ".join(pairs)

    def rewrite(self, expression: str) -> str:
        """Put the names in the table that stays into an expression over the companion."""
        changed = [(name, f"auditor_{short_hash(name)}_{number}", self.names[name])
                   for number, name in enumerate(self.names) if self.names[name] != name]  # fmt: skip
        for name, between, _ in changed:  # two columns may exchange their names
            expression = rename_in_expression(expression, name, between)
        for _, between, name in changed:
            expression = rename_in_expression(expression, between, name)
        return expression

    @property
    def complete(self) -> str:
        """The query that is true when both tables hold the same parts, letter by letter. It reads both."""
        here, there = qualified(self.table.key), qualified(self.other.key)
        differing = f"{self.image('a', here=True)} OPERATOR(pg_catalog.*<>) {self.image('b', here=False, flag='true')}"
        missing = f"SELECT FROM {there} b LEFT JOIN {here} a ON {self.matches('a', 'b')} WHERE {differing}"
        surplus = (
            f"SELECT FROM {here} a WHERE {self.is_there('a.')} AND NOT EXISTS "
            f"(SELECT FROM {there} b WHERE {self.matches('a', 'b')})"
        )
        return f"SELECT NOT EXISTS ({missing}) AND NOT EXISTS ({surplus})"

    # --- rules -----------------------------------------------------------------------------------------------------

    @property
    def wholeness(self) -> str:
        """The name of the check that a part is there whole, or not at all."""
        others = (one.name for one in self.facts.constraints_of(self.other.key))
        return self._constraint(f"{self.other.name}_whole", *others)

    def checks(self) -> Iterator[tuple[str, str]]:
        """Name the checks that the table that stays gets, with their expressions: all hold where there is no part."""
        required = [self.names[column.name] for column in self.moved if not column.nullable]
        if self.moved:
            full = f"pg_catalog.num_nulls({idents(required)}) = 0" if required else "true"
            none = f"pg_catalog.num_nonnulls({idents(self.parts)}) = 0"
            yield self.wholeness, f"CASE WHEN {self.is_there()} THEN {full} ELSE {none} END"
        for check in self.facts.constraints_of(self.other.key, "check"):
            rule = self.rewrite(_expression(check))
            yield self._constraint(check.name), f"CASE WHEN {self.is_there()} THEN {rule} ELSE true END"

    def references(self) -> Iterator[tuple[str, Constraint, str]]:
        """Name the foreign keys that the table that stays gets, with those of the companion and their definitions."""
        for one in self.other_keys():
            columns = [self.names[name] for name in one.columns]
            target = one.referenced_key or ("", "")
            definition = reference(one, columns, target, one.referenced_columns)
            yield self._constraint(one.name), one, definition

    def other_keys(self) -> list[Constraint]:
        """The foreign keys of the companion, but for the one that makes it one."""
        keys = self.facts.constraints_of(self.other.key, "foreign-key")
        return [one for one in keys if one is not self.link]

    def _constraint(self, name: str, *others: str) -> str:
        taken = {*others, *(one.name for one in self.facts.constraints_of(self.table.key))}
        if name not in taken and len(name.encode()) <= IDENTIFIER_BYTES:
            return name
        return free_name(cut(name, IDENTIFIER_BYTES // 2), short_hash(name), taken)

    def indexes(self) -> Iterator[NewIndex]:
        """Describe the indexes that the table that stays gets, but for those that its key serves already."""
        for index in self._indexes():
            body = self.rewrite(_without_predicate(index))
            columns = tuple(self.names[name] for name in index.columns)
            conditions = [self.rewrite(f"({index.predicate})")] if index.predicate else []
            # Where there is no part its columns are NULL, which a unique index over columns leaves alone.
            if index.predicate or index.is_expression or index.nulls_not_distinct:
                conditions.append(self.is_there())
            body += f" WHERE {' AND '.join(conditions)}" if conditions else ""
            suffix = "key" if index.unique else "idx"
            name = relation_name(self.facts, self.table.key, columns or ("expr",), suffix, distinct=index.name)
            yield NewIndex(self.table.key, name, body, columns, index.unique)

    def _indexes(self) -> list[Index]:
        return [
            index
            for index in self.facts.indexes_of(self.other.key)
            if index.usable and index.definition is not None and not _serves(index, self.key)
        ]

    @property
    def unique(self) -> str:
        """The name of what lets a row have one part at most: the primary key, unless that is a number of its own."""
        found = [one for one in self.facts.indexes_of(self.other.key) if _is_unique(one, self.link.columns)]
        return max(found, key=lambda one: one.primary).name

    @property
    def unhindered(self) -> str:
        """The query that is true when a view can take the companion's place: it is as in the snapshot, and alone."""
        key = self.other.key
        queries = (relation_is(key, "relkind = 'r'"), self._as_planned, no_dependents(key, but_views=True))
        return all_of(*queries, nothing_attached(key))

    @property
    def _as_planned(self) -> str:
        """The query that is true when it has the columns of the snapshot, no new trigger, and nothing needs its keys.

        A view may: one that groups by a primary key and returns other columns.
        """
        here = regclass(self.other.key)
        names = ", ".join(literal(column.name) for column in self.other.columns)
        return (
            f"SELECT (SELECT count(*) = {len(self.other.columns)} AND bool_and(attname IN ({names})) FROM pg_attribute "
            f"WHERE attrelid = {here} AND attnum > 0 AND NOT attisdropped) AND NOT EXISTS (SELECT FROM pg_constraint "
            f"WHERE confrelid = {here}) AND NOT EXISTS (SELECT FROM pg_trigger WHERE tgrelid = {here} AND NOT "
            f"tgisinternal AND tgname <> {literal(self.forward[1])}) AND NOT EXISTS (SELECT FROM pg_depend d JOIN "
            f"pg_constraint c ON c.oid = d.refobjid WHERE d.classid = 'pg_rewrite'::regclass AND d.refclassid = "
            f"'pg_constraint'::regclass AND c.conrelid = {here})"
        )


def find_link(facts: Facts, table: Table, other: Table) -> Constraint | None:
    """Find the foreign key that makes one table the companion of the other: valid, at once checked, and unique itself.

    That is: over the columns of a primary key, or of a unique index, none of which may be NULL.
    """
    for key in facts.constraints_of(other.key, "foreign-key"):
        proven = key.validated and key.enforced and not key.triggers_disabled and not key.deferrable
        if key.referenced_key != table.key or not proven:
            continue
        required = all((column := other.column(name)) is not None and not column.nullable for name in key.columns)
        if required and any(_is_unique(index, key.columns) for index in facts.indexes_of(other.key)):
            return key
    return None


def _is_unique(index: Index, columns: Sequence[str]) -> bool:
    plain = not (index.predicate or index.is_expression or index.deferrable)
    return index.unique and index.usable and plain and set(index.columns) == set(columns)


def _serves(index: Index, key: Iterable[str]) -> bool:
    """Whether the index holds the key alone: the table that stays has one of its own."""
    return not index.is_expression and set(index.columns) == set(key) and index.predicate is None


def _expression(check: Constraint) -> str:
    found = CHECK_DEFINITION.match(check.definition or "")
    return found.group(1) if found else "true"


def _without_predicate(index: Index) -> str:
    body = body_of(index.definition or "")
    if index.predicate is None:
        return body
    for predicate in (index.predicate, f"({index.predicate})"):
        body = body.removesuffix(f" WHERE {predicate}")
    return body
