"""Fills tables with rows that nobody owns: shaped by the statistics of the real ones, and true to every rule.

One statement per table makes its rows on the server, from their numbers. The same seed makes the same rows. Triggers do
not fire meanwhile: references are right by construction, and what a trigger would do is not wanted twice.
"""

# ruff: noqa: S608 -- SQL is what this file writes; every name in it is quoted

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import NamedTuple

import psycopg
from psycopg import errors

from auditor.model.catalog import Table, dotted
from auditor.model.facts import Facts
from auditor.model.operation import Operation
from auditor.model.snapshot import Snapshot
from auditor.text import count
from auditor_connectors.postgresql.recipes.sql import ident, idents, literal, qualified
from auditor_connectors.postgresql.rehearsal.making import (
    NUMBER,
    TOTAL,
    Drawn,
    Keys,
    Making,
    Plot,
    most_distinct,
    slots,
    split,
    statement,
)
from auditor_connectors.postgresql.rehearsal.numbering import Numbering, Slot
from auditor_connectors.postgresql.rehearsal.rules import read_rules
from auditor_connectors.postgresql.rehearsal.schema import one_line
from auditor_connectors.postgresql.rehearsal.sessions import Connection
from auditor_connectors.postgresql.rehearsal.structure import FilledTable, Reference, Structure, expect, read_structure
from auditor_connectors.postgresql.rehearsal.values import Kinds, Wanted, values

Tell = Callable[[str], None]

SECONDS = 120.0
"""After this time the tables that are left get few rows: a rehearsal is to begin at last."""

FEW = 1_000
"""Rows of a table that is late, or of which nothing is known."""

TABLES_AT_FULL = 20
"""So many tables may have as many rows as the options allow; where there are more large ones, all of them get fewer."""

_KEPT = "rows keep the {rules} that the plan adds; whether the real ones do is asked by its preconditions"
_STATEMENT_SECONDS = 60
_MOST_TRIES = 20
"""How many rows are made for one that the rules let in, at most."""

_BYTES_PER_ROW = 100
_SETTINGS = (
    "SET session_replication_role = replica",
    "SET synchronous_commit = off",
    "SET client_min_messages = error",
    "SET search_path = pg_catalog",
    "SET timezone = 'UTC'",
    "SET jit = off",
    "SET work_mem = '64MB'",
    f"SET statement_timeout = '{_STATEMENT_SECONDS}s'",
)


class Filled(NamedTuple):
    """How many rows there are, which share of the real ones that is, and what could not be filled."""

    rows: int
    scale: float
    left_out: tuple[str, ...]


def rows_wanted(snapshot: Snapshot, most: int) -> dict[tuple[str, str], int]:
    """How many rows each table that holds rows is to get: as many as there are, ``most`` over all of its partitions."""
    facts = Facts(snapshot)
    held = [table for table in snapshot.catalog.tables if table.kind == "table" and table.extension is None]
    real = {table.key: _real_rows(table) for table in held}
    whole: dict[tuple[str, str], int] = {}
    for table in held:
        root = facts.root(table).key
        whole[root] = whole.get(root, 0) + real[table.key]
    limit = most
    while limit > 1 and sum(min(rows, limit) for rows in whole.values()) > TABLES_AT_FULL * most:
        limit = limit * 9 // 10
    wanted = {}
    for table in held:
        total = whole[facts.root(table).key]
        wanted[table.key] = math.ceil(real[table.key] * min(1.0, limit / total)) if total else 0
    return wanted


def bytes_wanted(snapshot: Snapshot, most: int) -> int:
    """How many bytes the rows will take, as far as the sizes of the real ones tell."""
    wanted, total = rows_wanted(snapshot, most), 0
    for table in snapshot.catalog.tables:
        if table.key in wanted:
            each = (table.bytes or 0) / max(1, _real_rows(table))
            total += round(wanted[table.key] * max(each, _BYTES_PER_ROW))
    return total


def _real_rows(table: Table) -> int:
    if table.rows is not None and table.rows > 0:
        return round(table.rows)
    if table.usage is not None and table.usage.live_rows:
        return table.usage.live_rows
    known = table.rows is not None or table.heap_bytes == 0
    return 0 if known else (table.heap_bytes or FEW * _BYTES_PER_ROW) // _BYTES_PER_ROW


def fill(
    connection: Connection,
    snapshot: Snapshot,
    most: int,
    seed: int,
    *,
    tell: Tell,
    operations: Iterable[Operation] = (),
) -> Filled:
    """Fill every table of the database, which is in autocommit mode, from the statistics of a snapshot.

    The rows also keep the rules that ``operations`` are to add: these are rehearsed for rows that they can be added to.
    """
    for setting in _SETTINGS:
        connection.execute(setting.encode())
    filling = _Filling(connection, snapshot, most, seed)
    if rules := expect(filling.structure, operations):
        filling.left_out.append(_KEPT.format(rules=count(rules, "rule")))
    tell(f"filling {len(filling.wanted)} tables")
    filling.tables()
    filling.late_references()
    filling.sequences()
    filling.materialized_views()
    connection.execute("SET statement_timeout = 0")
    connection.execute("VACUUM (ANALYZE)")
    connection.execute("RESET ALL")
    real = sum(_real_rows(table) for table in snapshot.catalog.tables if table.key in filling.wanted)
    return Filled(filling.rows, min(1.0, filling.rows / real) if real else 1.0, tuple(filling.left_out))


class _Filling:
    def __init__(self, connection: Connection, snapshot: Snapshot, most: int, seed: int) -> None:
        self.connection, self.seed = connection, seed
        self.facts = Facts(snapshot)
        self.wanted = rows_wanted(snapshot, most)
        self.structure: Structure = read_structure(connection)
        self.kinds = Kinds(self.structure.types, f"timestamptz {literal(snapshot.target.collected_at)}")
        self.rows = 0
        self.left_out: list[str] = []
        self.filled: dict[int, int] = {}  # rows of a table or of all partitions, by its number
        self.numbers: dict[int, int] = {}  # the last number of a row, by the root
        self.keys: dict[tuple[int, tuple[str, ...], tuple[str, ...]], Keys] = {}
        self.late: list[tuple[Plot, Reference]] = []
        self.deadline = time.monotonic() + SECONDS

    # --- the order -------------------------------------------------------------------------------------------------

    def tables(self) -> None:
        """Fill the tables that others refer to first; of a circle, one that can do without if there is one."""
        waiting = self._roots()
        while waiting:
            ready = [root for root in waiting if not self._missing(waiting, root)]
            for root in ready or [min(self._circle(waiting), key=lambda root: (self._needs(waiting, root), root))]:
                for table in waiting.pop(root):
                    self._fill(table)
                self.filled.setdefault(root, 0)

    def _roots(self) -> dict[int, list[FilledTable]]:
        found: dict[int, list[FilledTable]] = {}
        for table in self.structure.tables.values():
            leaves = found.setdefault(table.root, [])
            if not table.partitioned:
                leaves.append(table)
        return found

    def _missing(self, waiting: dict[int, list[FilledTable]], root: int) -> list[Reference]:
        """The references of a table, or of its partitions, to others that have no rows yet."""
        return [
            one
            for table in waiting[root]
            for one in table.references
            if (other := self.structure.tables[one.table].root) in waiting and other != root
        ]

    def _circle(self, waiting: dict[int, list[FilledTable]]) -> list[int]:
        """Tables that refer to each other in a circle, found by following references from any table."""
        path: list[int] = []
        root = next(iter(waiting))
        while root not in path:
            path.append(root)
            root = self.structure.tables[self._missing(waiting, root)[0].table].root
        return path[path.index(root) :]

    def _needs(self, waiting: dict[int, list[FilledTable]], root: int) -> bool:
        required = {column.name for table in waiting[root] for column in table.columns if column.required}
        return any(required & set(one.columns) for one in self._missing(waiting, root))

    # --- one table -------------------------------------------------------------------------------------------------

    def _fill(self, table: FilledTable) -> None:
        wanted = self.wanted.get(table.key, FEW if self.facts.table(table.key) is None else 0)
        if time.monotonic() > self.deadline and wanted > FEW:
            self.left_out.append(f"{dotted(*table.key)} got only {FEW:,} rows: filling had taken {SECONDS:g} s")
            wanted = FEW
        source = self.facts.table(table.key)
        fallback = self.facts.root(source) if source is not None else None
        plot = Plot(table, source, fallback, read_rules(table.checks), set())
        done = [one for one in table.references if self.structure.tables[one.table].root in self.filled]
        self.late += [(plot, one) for one in table.references if one not in done]
        made = 0
        try:
            made = self._insert(plot, done, wanted)
        except errors.QueryCanceled:
            self.left_out.append(f"{dotted(*table.key)} is empty: its rows took longer than {_STATEMENT_SECONDS} s")
        except psycopg.Error as error:
            made = self._insert_what_can_be(plot, done, wanted, error)
        else:
            if wanted and not made:
                self.left_out.append(f"{dotted(*table.key)} is empty: no rows were found that its rules allow")
        self.rows += made
        self.filled[table.oid] = made
        if table.root != table.oid:
            self.filled[table.root] = self.filled.get(table.root, 0) + made

    def _insert(self, plot: Plot, done: Sequence[Reference], wanted: int) -> int:
        """Make rows; where the rules let in few of them, remove these and make more to choose from."""
        drawn = [Drawn(one, own, shared, self._keys(one, shared)) for one, own, shared in split(plot, done)]
        name, root = dotted(*plot.table.key), plot.table.root
        rows = made = wanted
        for _ in range(2):
            if not wanted:
                return 0
            numbering = Numbering(self.seed, name, rows, self.numbers.get(root, 0))
            found = slots(plot, self.kinds, rows, drawn, self.structure.tables)
            allowed = min(wanted, numbering.assign(found, plot.table.unique))
            text = statement(Making(plot, self.kinds, numbering, found, drawn), allowed)
            made = self.connection.execute(text.encode()).rowcount
            if made >= 0.9 * allowed or rows > wanted:
                break
            rows = math.ceil(wanted * min(_MOST_TRIES, 1.2 * wanted / max(1, made)))
            self.connection.execute(f"DELETE FROM {qualified(plot.table.key)}".encode())
        self.numbers[root] = self.numbers.get(root, 0) + rows
        return made

    def _insert_what_can_be(self, plot: Plot, done: Sequence[Reference], wanted: int, error: psycopg.Error) -> int:
        """Try again without the columns whose values the server does not take, after that ``error``."""
        self._omit_unwritable(plot)
        if plot.omitted:
            try:
                return self._insert(plot, done, wanted)
            except psycopg.Error as other:
                error = other
        self.left_out.append(f"{dotted(*plot.table.key)} is empty: {one_line(error)}")
        return 0

    def _omit_unwritable(self, plot: Plot) -> None:
        """Find the columns whose values the server does not take, and leave them to their defaults."""
        for column in plot.columns:
            wanted = Wanted(FEW, plot.statistics(column.name), plot.rules.of(column.name))
            how = values(self.kinds, column, wanted)
            try:
                self.connection.execute(f"SELECT {how.write('k')} FROM generate_series(0::bigint, 9) AS k".encode())
            except psycopg.Error as error:
                plot.omitted.add(column.name)
                self.left_out.append(f"{dotted(*plot.table.key, column.name)} has no values: {one_line(error)}")

    def _keys(self, reference: Reference, shared: Sequence[str]) -> Keys:
        """Number what a reference can refer to, once for all that draw from it in the same way."""
        to = dict(zip(reference.columns, reference.referenced, strict=True))
        groups = tuple(to[name] for name in shared)
        key = (reference.table, reference.referenced, groups)
        if key not in self.keys:
            name = f"pg_temp.keys_{len(self.keys)}"
            columns, part = idents(reference.referenced), f"PARTITION BY {idents(groups)}" if groups else ""
            present = " AND ".join(f"{ident(column)} IS NOT NULL" for column in reference.referenced)
            self.connection.execute(
                f"CREATE TEMPORARY TABLE {name.partition('.')[2]} AS "
                f"SELECT {columns}, row_number() OVER ({part} ORDER BY {columns}) AS {NUMBER}, "
                f"count(*) OVER ({part}) AS {TOTAL} "
                f"FROM {qualified(self.structure.tables[reference.table].key)} WHERE {present}".encode()
            )
            self.connection.execute(f"CREATE INDEX ON {name} ({', '.join((*map(ident, groups), NUMBER))})".encode())
            self.connection.execute(f"ANALYZE {name}".encode())
            row = self.connection.execute(f"SELECT COALESCE(max({NUMBER}), 0) FROM {name}".encode()).fetchone()
            self.keys[key] = Keys(name, row[0] if row is not None else 0)
        return self.keys[key]

    # --- afterwards ------------------------------------------------------------------------------------------------

    def late_references(self) -> None:
        """Point the references of circles, and of tables to themselves, at rows that are there now."""
        for plot, reference in self.late:
            if not self.filled.get(plot.table.oid):
                continue
            columns = {column.name: column for column in plot.columns}
            settled = {name for one in plot.table.references if one != reference for name in one.columns}
            shared = [name for name in reference.columns if name in settled]
            own = [name for name in reference.columns if name not in settled and name in columns]
            try:
                if own:
                    self._point(plot, reference, own, shared)
            except psycopg.Error as error:
                self.left_out.append(f"{dotted(*plot.table.key, reference.name)} got no values: {one_line(error)}")
            self._remove_dangling(plot, reference, own or list(reference.columns))

    def _point(self, plot: Plot, reference: Reference, own: Sequence[str], shared: Sequence[str]) -> None:
        keys = self._keys(reference, shared)
        if not keys.most:
            return
        to = dict(zip(reference.columns, reference.referenced, strict=True))
        table, rows = qualified(plot.table.key), self.filled[plot.table.oid]
        numbering = Numbering(self.seed, dotted(*plot.table.key, reference.name), rows, 0)
        different, known = most_distinct(plot, own, rows, keys.most)
        slot = Slot(tuple(own), keys.most, different, known)
        unique = any(set(key) <= set(own) for key in plot.table.unique)
        number = numbering.own(slot) if unique else numbering.scattered(slot)
        assigned = ", ".join(f"{ident(name)} = f.{ident(to[name])}" for name in own)
        same = "".join(f" AND f.{ident(to[name])} = t.{ident(name)}" for name in shared)
        filled = " AND ".join(f"t.{ident(name)} IS NOT NULL" for name in reference.columns)
        self.connection.execute(
            f"UPDATE {table} t SET {assigned} FROM (SELECT place, {number} AS number "
            f"FROM (SELECT ctid AS place, row_number() OVER (ORDER BY ctid) AS i FROM {table}) r) w, {keys.relation} f "
            f"WHERE t.ctid = w.place AND {filled}{same} AND f.{NUMBER} = 1 + w.number % f.{TOTAL}".encode()
        )

    def _remove_dangling(self, plot: Plot, reference: Reference, own: Sequence[str]) -> None:
        """Blank the references that lead nowhere, or remove their rows."""
        pairs = list(zip(reference.columns, reference.referenced, strict=True))
        table, parent = qualified(plot.table.key), qualified(self.structure.tables[reference.table].key)
        filled = " AND ".join(f"t.{ident(name)} IS NOT NULL" for name, _ in pairs)
        same = " AND ".join(f"p.{ident(other)} = t.{ident(name)}" for name, other in pairs)
        dangling = f"{filled} AND NOT EXISTS (SELECT FROM {parent} p WHERE {same})"
        required = {column.name for column in plot.table.columns if column.required}
        blank = [name for name in own if name not in required]
        text = f"UPDATE {table} t SET {ident(blank[0])} = NULL" if blank else f"DELETE FROM {table} t"
        while self.connection.execute(f"{text} WHERE {dangling}".encode()).rowcount and not blank:
            pass  # what referred to a removed row leads nowhere now

    def sequences(self) -> None:
        """Set sequences behind the values of the columns that they feed, or where they stood."""
        for schema, name, columns in list(self._sequences()):
            known = self.facts.sequence((schema, name))
            highest = [f"(SELECT max({ident(column)})::numeric FROM {qualified((s, t))})" for s, t, column in columns]
            last = [str(known.last_value)] if known is not None and known.last_value and not columns else []
            if highest or last:
                value = f"greatest({', '.join((*highest, *last))})"
                sequence = qualified((schema, name))
                text = (
                    f"SELECT setval({literal(sequence)}::regclass, v::bigint) FROM (SELECT {value} AS v) x, "
                    f"pg_sequence s WHERE s.seqrelid = {literal(sequence)}::regclass AND v BETWEEN seqmin AND seqmax"
                )
                self.connection.execute(text.encode())

    def _sequences(self) -> Iterator[tuple[str, str, list[tuple[str, str, str]]]]:
        query = """
SELECT n.nspname::text, c.relname::text, ARRAY(
       SELECT DISTINCT ARRAY[tn.nspname::text, t.relname::text, a.attname::text]
         FROM (SELECT d.refobjid AS relation, d.refobjsubid AS position FROM pg_depend d
                WHERE d.classid = 'pg_class'::regclass AND d.objid = c.oid AND d.refclassid = 'pg_class'::regclass
                  AND d.deptype IN ('a', 'i') AND d.refobjsubid > 0
               UNION ALL
               SELECT f.adrelid, f.adnum FROM pg_depend d JOIN pg_attrdef f ON f.oid = d.objid
                WHERE d.classid = 'pg_attrdef'::regclass AND d.refclassid = 'pg_class'::regclass
                  AND d.refobjid = c.oid) x
         JOIN pg_class t ON t.oid = x.relation JOIN pg_namespace tn ON tn.oid = t.relnamespace
         JOIN pg_attribute a ON a.attrelid = t.oid AND a.attnum = x.position
        WHERE t.relkind IN ('r', 'p')
          AND a.atttypid IN ('int2'::regtype, 'int4'::regtype, 'int8'::regtype, 'numeric'::regtype))
  FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
 WHERE c.relkind = 'S' AND left(n.nspname, 3) <> 'pg_' ORDER BY 1, 2
"""
        for schema, name, columns in self.connection.execute(query.encode()).fetchall():
            yield schema, name, [(one[0], one[1], one[2]) for one in columns]

    def materialized_views(self) -> None:
        """Fill the materialised views that were filled, as often as it takes for those that read others."""
        waiting = {
            table.key
            for table in self.facts.snapshot.catalog.tables
            if table.kind == "materialized-view" and table.populated
        }
        reasons: dict[tuple[str, str], str] = {}
        for _ in range(len(waiting)):
            for key in sorted(waiting):
                try:
                    self.connection.execute(f"REFRESH MATERIALIZED VIEW {qualified(key)}".encode())
                    waiting.discard(key)
                except psycopg.Error as error:
                    reasons[key] = one_line(error)
            if not waiting:
                break
        self.left_out += [f"{dotted(*key)} is empty: {reasons[key]}" for key in sorted(waiting)]
