"""Describes tables of the same columns that are to be the partitions of one, with the names that the steps share.

What all of them have (checks, foreign keys, indexes, privileges) becomes the merged table's; what one of them has alone
stays with it, as a partition may have more than its parent. Unique rules but the primary key hold within each table, as
they do now: over all of them they could only hold together with the column that tells the tables apart.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from functools import cached_property
from typing import TypeVar

from auditor.model.catalog import Column, Constraint, Index, Key, Table
from auditor.model.facts import Facts
from auditor.model.operation import MergeClones
from auditor_connectors.postgresql.recipes.building import NewIndex, body_of
from auditor_connectors.postgresql.recipes.queries import (
    all_of,
    column_is,
    constraint_is,
    nothing_attached,
    relation_is,
    usable,
)
from auditor_connectors.postgresql.recipes.sql import (
    IDENTIFIER_BYTES,
    cut,
    free_name,
    ident,
    idents,
    literal,
    regclass,
    relation_name,
    short_hash,
)

T = TypeVar("T")

_NOT_FOR_A_PARENT = re.compile(r"\.\*|NO INHERIT\Z")
"""In a check's definition: a whole row is that of its own table, and what is not inherited is no rule for parts."""


class Clones:
    """The tables that become partitions, and what the table over them gets."""

    def __init__(self, facts: Facts, tables: Sequence[Table], operation: MergeClones) -> None:
        self.facts, self.tables, self.operation = facts, tables, operation
        self.first = tables[0]
        self.key: Key = (operation.schema, operation.into)
        self.path = ".".join(self.key)
        self.column = operation.discriminator
        taken = {one.name for table in tables for one in facts.constraints_of(table.key)}
        self.proof = free_name("auditor_part", short_hash(*self.key), taken)
        self.primary = facts.primary_key(self.first.key)

    @property
    def done(self) -> str:
        """The query that is true from the switch on."""
        return relation_is(self.key, "relkind = 'p'")

    def value(self, table: Table) -> str:
        """Write what the new column holds in a table's rows."""
        return literal(self.operation.values[table.name])

    @property
    def names(self) -> str:
        """The tables with their values, for people."""
        return ", ".join(f"{table.path} ({self.operation.values[table.name]})" for table in self.tables)

    # --- the key ---------------------------------------------------------------------------------------------------

    @property
    def key_columns(self) -> tuple[str, ...]:
        """The columns that tell the merged table's rows apart; none where the tables have no primary key."""
        return (*self.primary.columns, self.column) if self.primary is not None else ()

    def unique(self, table: Table) -> NewIndex:
        """Describe the index of a table that becomes a part of the merged table's key."""
        name = relation_name(self.facts, table.key, self.key_columns, "key", distinct=self.path)
        return NewIndex(table.key, name, f"USING btree ({idents(self.key_columns)})", self.key_columns, unique=True)

    @property
    def unique_name(self) -> str:
        """The name of the merged table's unique index."""
        return relation_name(self.facts, self.key, self.key_columns, "key")

    @property
    def primary_name(self) -> str:
        """The name that the merged table's primary key gets at the end."""
        return relation_name(self.facts, self.key, (), "pkey")

    @property
    def referring(self) -> list[Constraint]:
        """The foreign keys that refer to one of the tables, and so need a key without the new column."""
        return [one for table in self.tables for one in self.facts.referencing(table.key)]

    @property
    def becomes_primary(self) -> bool:
        """Whether the new key takes the place of the tables' own at the end."""
        return self.primary is not None and not self.referring

    # --- what all of the tables have -------------------------------------------------------------------------------

    def _common(self, of: Callable[[Table], dict[str, T]]) -> Iterator[tuple[str, list[T]]]:
        """Pair what has the same definition in every table, in the order of the first one."""
        every = [of(table) for table in self.tables]
        for definition in every[0]:
            if all(definition in one for one in every):
                yield definition, [one[definition] for one in every]

    @cached_property
    def checks(self) -> list[tuple[str, str, list[Constraint]]]:
        """Name the checks that the merged table gets, with their definitions and those of each table."""

        def of(table: Table) -> dict[str, Constraint]:
            found = self.facts.constraints_of(table.key, "check")
            return {
                one.definition: one
                for one in reversed(found)
                if one.definition and one.validated and one.enforced and not _NOT_FOR_A_PARENT.search(one.definition)
            }

        taken = {one.name for table in self.tables for one in self.facts.constraints_of(table.key)} | {self.proof}
        result = []
        for definition, own in self._common(of):
            name = self._renamed(own[0].name, "check", taken)
            taken.add(name)
            result.append((name, definition, own))
        return result

    @cached_property
    def references(self) -> list[tuple[str, str, list[Constraint]]]:
        """Name the foreign keys that the merged table gets, with their definitions and those of each table."""

        def of(table: Table) -> dict[str, Constraint]:
            found = self.facts.constraints_of(table.key, "foreign-key")
            proven = (one for one in reversed(found) if one.validated and one.enforced and not one.triggers_disabled)
            return {one.definition: one for one in proven if one.definition}

        taken = {name for name, _, _ in self.checks}
        result = []
        for definition, own in self._common(of):
            name = self._renamed(own[0].name, "fkey", taken)
            taken.add(name)
            result.append((name, definition, own))
        return result

    def _renamed(self, name: str, suffix: str, taken: set[str]) -> str:
        """Put the merged table's name for that of the first table, with which the server begins a constraint's name."""
        if name.startswith(self.first.name):
            name = self.key[1] + name.removeprefix(self.first.name)
        if name not in taken and len(name.encode()) <= IDENTIFIER_BYTES:
            return name
        return free_name(cut(name, IDENTIFIER_BYTES // 2), suffix, taken)

    @cached_property
    def indexes(self) -> list[tuple[str, str, list[Index]]]:
        """Name the indexes that the merged table gets, with what they are over and those of each table."""

        def of(table: Table) -> dict[str, Index]:
            found = self.facts.indexes_of(table.key)
            plain = (one for one in reversed(found) if one.usable and not (one.unique or one.exclusion))
            return {body_of(one.definition): one for one in plain if one.definition}

        return [
            (relation_name(self.facts, self.key, own[0].columns or ("expr",), "idx", distinct=body), body, own)
            for body, own in self._common(of)
        ]

    @cached_property
    def grants(self) -> dict[str, list[tuple[str, bool]]]:
        """By grantee the privileges that he has on every one of the tables, and whether he may pass each of them on."""

        def of(table: Table) -> dict[tuple[str, str], bool]:
            held: dict[tuple[str, str], bool] = {}
            for grant in self.facts.grants_on("table", *table.key):
                if not grant.default and grant.column is None:
                    for privilege in grant.privileges:
                        held[grant.grantee, privilege] = held.get((grant.grantee, privilege), False) or grant.grantable
            return held

        every = [of(table) for table in self.tables]
        result: dict[str, list[tuple[str, bool]]] = {}
        for grantee, privilege in sorted(every[0]):
            if all((grantee, privilege) in one for one in every):
                passed_on = all(one[grantee, privilege] for one in every)
                result.setdefault(grantee, []).append((privilege, passed_on))
        return result

    @property
    def left(self) -> list[str]:
        """What holds within one table alone, by its path: unique rules, and what others of them do not have."""
        shared = {
            *((one.table_key, one.name) for _, _, own in (*self.checks, *self.references) for one in own),
            *((one.table_key, one.name) for _, _, own in self.indexes for one in own),
        }
        found = []
        for table in self.tables:
            rules = (one for one in self.facts.constraints_of(table.key) if one.kind not in ("primary-key", "not-null"))
            names = {one.name for one in rules}
            names |= {one.name for one in self.facts.indexes_of(table.key) if not one.primary}
            names |= {one.name for one in self.facts.triggers if one.table_key == table.key}
            found += [f"{table.path}.{name}" for name in sorted(names) if (table.key, name) not in shared]
        return found

    @property
    def referred(self) -> list[Key]:
        """The tables that the tables refer to."""
        keys = (one for table in self.tables for one in self.facts.constraints_of(table.key, "foreign-key"))
        return sorted({one.referenced_key for one in keys if one.referenced_key} - {one.key for one in self.tables})

    # --- columns ---------------------------------------------------------------------------------------------------

    def same(self, column: Column) -> list[Column]:
        """The columns of that name, one of each table."""
        return [one for table in self.tables if (one := table.column(column.name)) is not None]

    @property
    def definitions(self) -> list[str]:
        """Write the columns of the merged table, but for the defaults that take numbers."""
        found = []
        for column in self.first.columns:
            text = f"{ident(column.name)} {column.type}"
            text += f" COLLATE {ident(column.collation)}" if column.collation is not None else ""
            text += "" if any(one.nullable for one in self.same(column)) else " NOT NULL"
            if column.default is not None and column.sequence is None:
                text += f" DEFAULT {column.default}"
            found.append(text)
        return [*found, f"{ident(self.column)} {self.operation.type} NOT NULL"]

    @property
    def as_planned(self) -> str:
        """The query that is true when each table is as in the snapshot, with the column and its proof, and complete."""
        return all_of(*(query for table in self.tables for query in self._as_planned(table)))

    def _as_planned(self, table: Table) -> Iterator[str]:
        yield unhindered(table)
        here, names = regclass(table.key), [*(one.name for one in table.columns), self.column]
        yield (
            f"SELECT count(*) = {len(names)} AND bool_and(attname IN ({', '.join(map(literal, names))})) FROM "
            f"pg_attribute WHERE attrelid = {here} AND attnum > 0 AND NOT attisdropped"
        )
        for column in self.first.columns:
            if not any(one.nullable for one in self.same(column)):
                yield column_is(table.key, column.name, "attnotnull")
        yield constraint_is(table.key, self.proof)
        if self.primary is not None:
            yield usable(self.unique(table).key)
        number = self.tables.index(table)
        yield from (constraint_is(table.key, own[number].name) for _, _, own in (*self.checks, *self.references))
        yield from (usable(own[number].key) for _, _, own in self.indexes)


def unhindered(table: Table) -> str:
    """Write the query that is true when a table may be attached as a partition, as far as its kind is concerned."""
    here = regclass(table.key)
    return all_of(
        relation_is(table.key, "relkind = 'r'"),
        nothing_attached(table.key),
        f"SELECT NOT EXISTS (SELECT FROM pg_trigger WHERE tgrelid = {here} AND NOT tgisinternal AND tgtype & 1 = 0)",
        f"SELECT NOT EXISTS (SELECT FROM pg_inherits WHERE inhrelid = {here} OR inhparent = {here})",
    )
