"""How a row of a table becomes rows of its companion or child, and what keeps it from doing so."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from msgspec.structs import replace

from auditor.model.catalog import Column, Key, Table
from auditor.model.facts import Facts
from auditor.model.operation import SplitTable
from auditor_connectors.mysql.quoting import ident
from auditor_connectors.mysql.recipes.batches import NO_KEY, ROW, equal_keys, key_columns, same
from auditor_connectors.mysql.recipes.sql import (
    bare_index,
    constraint_names,
    definition,
    free_name,
    free_table,
    idents,
    is_shown,
    qualified,
    routine_for,
)

_NUMBERED = re.compile(r"(.*?)_?\d+\Z", re.DOTALL)
_PLACE = "position"

SKIPS_SINCE = {"mysql": 80001, "mariadb": 100600}
"""The versions from which a locking read passes over rows that others have locked: each manual's page on SELECT."""


def obstacles(facts: Facts, table: Table | None, columns: Sequence[str]) -> Iterator[str]:
    """Name what has to be decided or done first."""
    if table is None or any(table.column(name) is None for name in columns):
        yield "the snapshot does not have the columns"
        return
    keys = key_columns(facts, table)
    if not keys:
        yield NO_KEY
    if table.partition_strategy is not None or (table.engine or "").lower() != "innodb":
        yield "nothing can refer to it: it is partitioned, or not stored by InnoDB"
    for column in (one for one in table.columns if one.name in columns):
        if column.generated is not None or column.identity is not None or column in keys:
            yield f"{column.name} is computed by the server, or part of the primary key"
        if not is_shown(column):
            yield f"the dictionary does not show all values of {column.name}"
    yield from _held(facts, table, columns)


def _held(facts: Facts, table: Table, columns: Sequence[str]) -> Iterator[str]:
    """Name the keys that would have to move with the columns."""
    for key in (*facts.constraints_of(table.key, "foreign-key"), *facts.referencing(table.key)):
        here = key.columns if key.table_key == table.key else ()
        there = key.referenced_columns if key.referenced_key == table.key else ()
        if set(columns) & {*here, *there}:
            yield f"the foreign key {key.name} holds them"
    for index in facts.indexes_of(table.key):
        if index.unique and set(columns) & set(index.columns):
            yield f"{bare_index(table.name, index.name)} keeps them unique"


class Split:
    """The table, its new companion or child, and the statements that turn a row of the one into rows of the other."""

    def __init__(self, facts: Facts, table: Table, operation: SplitTable) -> None:
        self.facts, self.table, self.columns = facts, table, operation.columns
        found = {column.name: column for column in table.columns}
        self.moving = [found[name] for name in operation.columns]
        self.keys: Sequence[Column] = key_columns(facts, table)
        self._types = operation.types
        taken = facts.table((table.schema, operation.into)) is not None
        self.new: Key = (table.schema, operation.into)
        if taken:
            self.new = free_table(facts, table.schema, (operation.into,), "part")
        self._reference = free_name((self.new[1],), "fk", constraint_names(facts, table.schema))
        stems = {match[1] if (match := _NUMBERED.match(name)) else name for name in operation.columns}
        own = {column.name.lower() for column in self.keys}
        stem = stems.pop() if len(stems) == 1 and len(self.columns) > 1 else None
        self.value = f"{stem}_value" if stem is not None and stem.lower() in {*own, "", _PLACE} else stem
        """The one column that numbered columns become; None for a companion."""
        self._place = f"{_PLACE}_of_value" if _PLACE in own else _PLACE

    def trigger(self, event: str) -> Key:
        """The address of the trigger that follows an event."""
        return routine_for((self.table.schema, f"{self.table.name}_{self.new[1]}"), f"split_{event.lower()}")

    @property
    def bytes(self) -> int | None:
        """The bytes of the new table, by the share of the columns."""
        share = (len(self.keys) + len(self.columns)) / max(len(self.table.columns), 1)
        return None if self.table.heap_bytes is None else int(self.table.heap_bytes * share)

    def create(self) -> str:
        """Write the definition of the new table. It is empty, so that its foreign key costs nothing."""
        keys = [f"{ident(one.name)} {self._written(one, nullable=False)}" for one in self.keys]
        primary = idents(one.name for one in self.keys)
        if self.value is None:
            rest = [f"{ident(one.name)} {self._written(one, nullable=True)}" for one in self.moving]
        else:
            value = replace(self.moving[0], default=None, on_update=None, comment=None)
            rest = [f"{ident(self._place)} int NOT NULL", f"{ident(self.value)} {self._written(value, nullable=False)}"]
            primary += f", {ident(self._place)}"
        refers = (
            f"CONSTRAINT {ident(self._reference)} FOREIGN KEY ({idents(one.name for one in self.keys)}) REFERENCES "
            f"{qualified(self.table.key)} ({idents(one.name for one in self.keys)}) ON DELETE CASCADE ON UPDATE CASCADE"
        )
        return (
            f"CREATE TABLE {qualified(self.new)} ({', '.join([*keys, *rest])}, PRIMARY KEY ({primary}), {refers}) "
            "ENGINE=InnoDB"
        )

    def _written(self, column: Column, *, nullable: bool) -> str:
        plain = replace(column, identity=None, hidden=False)
        if column in self.keys:
            plain = replace(plain, default=None, on_update=None)
        return definition(
            self.facts, self.table, plain, type_name=self._types.get(column.name, ""), nullable=nullable,
            collation=column.collation,
        )  # fmt: skip

    def follow(self, event: str) -> str:
        """Write a trigger's body. Writers that have moved on leave the old columns alone, so what they write stays."""
        insert = f"INSERT INTO {qualified(self.new)} ({self._names}) {self._rows('NEW')};"
        if event == "INSERT":
            return f"  {insert}"
        # A changed key has been followed by the foreign key when the trigger fires.
        delete = f"DELETE FROM {qualified(self.new)} WHERE {equal_keys(self.keys, qualified(self.new), 'NEW')};"
        changed = same(self.moving, "OLD", "NEW")
        return f"  IF NOT ({changed}) THEN\n    {delete}\n    {insert}\n  END IF;"

    @property
    def _names(self) -> str:
        own = (*self.columns,) if self.value is None else (self._place, self.value)
        return idents((*(one.name for one in self.keys), *own))

    @property
    def _places(self) -> str:
        numbers = [f"SELECT {place} AS n" for place in range(1, len(self.columns) + 1)]
        return f"({' UNION ALL '.join(numbers)}) p"

    def _value(self, row: str) -> str:
        cases = " ".join(f"WHEN {place} THEN {row}.{ident(name)}" for place, name in enumerate(self.columns, start=1))
        return f"CASE p.n {cases} END"

    def _rows(self, row: str, source: str = "") -> str:
        """Write the query that turns a row into its rows of the new table. ``source`` follows FROM, where it is one."""
        keys = ", ".join(f"{row}.{ident(one.name)}" for one in self.keys)
        if self.value is None:
            values = ", ".join(f"{row}.{ident(name)}" for name in self.columns)
            return f"SELECT {keys}, {values} FROM {source or 'DUAL'} WHERE {self._filled(row)}"
        places = self._places
        origin = f"{source} JOIN {places}" if source else places
        return f"SELECT {keys}, p.n, {self._value(row)} FROM {origin} WHERE {self._filled(row)}"

    def _filled(self, row: str) -> str:
        """Write the condition that there is something to keep of a row."""
        if self.value is not None:
            return f"{self._value(row)} IS NOT NULL"
        return "(" + " OR ".join(f"{row}.{ident(name)} IS NOT NULL" for name in self.columns) + ")"

    def _known(self) -> str:
        """Write the condition that the new table has a row of this key, and of this place."""
        place = "" if self.value is None else f" AND n.{ident(self._place)} = p.n"
        return f"{equal_keys(self.keys, 'n', ROW)}{place}"

    def copy(self, page: str) -> str:
        """Write the statement that copies the rows of a page that are not there yet.

        It locks them until they are, so that a write which it did not see finds the copy, and corrects it.
        """
        source = f"{qualified(self.table.key)} {ROW}"
        missing = f"NOT EXISTS (SELECT 1 FROM {qualified(self.new)} n WHERE {self._known()})"
        return (
            f"INSERT INTO {qualified(self.new)} ({self._names}) {self._rows(ROW, source)} AND {page} AND {missing} "
            f"{self._lock}"
        )

    @property
    def _lock(self) -> str:
        engine = self.facts.target.engine
        if self.facts.version < SKIPS_SINCE.get(engine, 0):
            return "LOCK IN SHARE MODE"
        return "LOCK IN SHARE MODE SKIP LOCKED" if engine == "mariadb" else "FOR SHARE SKIP LOCKED"

    @property
    def complete(self) -> str:
        """The query that is true when the new table holds what the old one does, and nothing else."""
        old, new = f"{qualified(self.table.key)} {ROW}", qualified(self.new)
        origin = old if self.value is None else f"{old} JOIN {self._places}"
        equal = same(self.moving, "n", ROW) if self.value is None else f"n.{ident(self.value)} <=> {self._value(ROW)}"
        copied = f"SELECT 1 FROM {new} n WHERE {self._known()} AND {equal}"
        missing = f"SELECT 1 FROM {origin} WHERE {self._filled(ROW)} AND NOT EXISTS ({copied})"
        surplus = f"SELECT 1 FROM {origin} JOIN {new} n ON {self._known()} WHERE NOT ({self._filled(ROW)})"
        return f"SELECT NOT EXISTS ({missing}) AND NOT EXISTS ({surplus})"
