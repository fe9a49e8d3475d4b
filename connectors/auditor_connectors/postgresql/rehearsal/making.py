"""Writes the statement that makes the rows of one table: values by their numbers, joined to what they refer to.

Rows are made in layers. The innermost numbers the slots, the next writes their values, further ones mend what rules
about several columns ask for, and the last leaves out what is still not allowed.
"""

# ruff: noqa: S608 -- SQL is what this file writes; every name in it is quoted

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from auditor.model.catalog import Column, Table
from auditor.model.statistics import ColumnStatistics
from auditor_connectors.postgresql.recipes.sql import ident, mentions, qualified
from auditor_connectors.postgresql.rehearsal.numbering import Numbering, Slot
from auditor_connectors.postgresql.rehearsal.periods import Exclusion, apart
from auditor_connectors.postgresql.rehearsal.rules import Comparison, Rules
from auditor_connectors.postgresql.rehearsal.structure import FilledColumn, FilledTable, Reference, Type
from auditor_connectors.postgresql.rehearsal.values import Kinds, Wanted, values

_UNKNOWN_DISTINCT_SHARE = 0.1
"""Of a column that was never analysed: how many of its values are taken to be different."""

ROW, NUMBER, TOTAL = '"\\row"', '"\\number"', '"\\total"'
"""Columns beside those of a table: the number of a row, that of a key, and how many keys there are of its group."""

_STEPS = {"date": "1", "timestamp": "interval '1 second'", "timestamptz": "interval '1 second'"}


class Keys(NamedTuple):
    """The values that references draw from: a temporary table, whose numbers begin with 1 for equal shared columns.

    ``most`` is how many there are, or with shared columns how many the largest group of them has.
    """

    relation: str
    most: int


@dataclass
class Plot:
    """A table that is to get rows, with what is known of it. ``omitted`` columns are left to their defaults."""

    table: FilledTable
    source: Table | None
    fallback: Table | None
    rules: Rules
    omitted: set[str]

    def statistics(self, column: str) -> ColumnStatistics | None:
        """What is known of a column: of the table itself, or of the partitioned table that it is a part of."""
        for table in (self.source, self.fallback):
            found: Column | None = table.column(column) if table is not None else None
            if found is not None and found.statistics is not None:
                return found.statistics
        return None

    @property
    def columns(self) -> list[FilledColumn]:
        """The columns that rows give a value."""
        return [one for one in self.table.columns if not one.generated and one.name not in self.omitted]

    @property
    def exclusions(self) -> list[Exclusion]:
        """The exclusions of overlapping periods whose columns all get a value."""
        given = {column.name for column in self.columns}
        return [one for one in self.table.exclusions if {*one.columns, *one.period} <= given]


class Drawn(NamedTuple):
    """A reference that has something to draw from, the columns that it decides, and those decided before it."""

    reference: Reference
    own: tuple[str, ...]
    shared: tuple[str, ...]
    keys: Keys


class Making(NamedTuple):
    """All that the rows of a table are made from."""

    plot: Plot
    kinds: Kinds
    numbering: Numbering
    slots: Sequence[Slot]
    drawn: Sequence[Drawn]


def split(plot: Plot, ready: Sequence[Reference]) -> list[tuple[Reference, tuple[str, ...], tuple[str, ...]]]:
    """Share columns out among references: each with those that it decides, and those that an earlier one decided."""
    present = {column.name for column in plot.columns}
    taken: set[str] = set()
    found = []
    for reference in sorted(ready, key=lambda one: (-len(one.columns), one.name)):
        if set(reference.columns) <= present:
            own = tuple(name for name in reference.columns if name not in taken)
            found.append((reference, own, tuple(name for name in reference.columns if name in taken)))
            taken |= set(own)
    return found


def slots(plot: Plot, kinds: Kinds, rows: int, drawn: Sequence[Drawn], tables: Mapping[int, FilledTable]) -> list[Slot]:
    """Return the slots of a table: one for each reference that decides columns, and one for each other column."""
    required = {column.name for column in plot.columns if column.required}
    found = []
    for reference, own, shared, keys in drawn:
        if own:
            different, known = most_distinct(plot, own, rows, keys.most)
            telling = () if shared else _telling(reference, tables[reference.table])
            nullable = not required & set(own)
            found.append(Slot(own, max(1, keys.most), different, known, nullable, telling, reference, shared))
    taken = {name for slot in found for name in slot.columns}
    for column in plot.columns:
        if column.name not in taken:
            known = plot.statistics(column.name)
            different = float(rows) if column.numbered and known is None else distinct(known, rows, rows)
            wanted = Wanted(round(different), known, plot.rules.of(column.name))
            capacity = values(kinds, column, wanted).capacity
            own = (column.name,)
            found.append(Slot(own, capacity, different, known, not column.required, (frozenset(own),)))
    return found


def _telling(reference: Reference, parent: FilledTable) -> tuple[frozenset[str], ...]:
    """The columns of a reference that tell by themselves which row it refers to: those to a key of the other table."""
    back = dict(zip(reference.referenced, reference.columns, strict=True))
    keys = (frozenset(key) for key in parent.unique if set(key) <= set(back))
    return (frozenset(reference.columns), *(frozenset(back[name] for name in key if name) for key in keys))


def most_distinct(plot: Plot, columns: Sequence[str], rows: int, most: int) -> tuple[float, ColumnStatistics | None]:
    """How many different values columns have together: as many as the one with the most, with its statistics."""
    return max(
        ((distinct(known, rows, most), known) for known in map(plot.statistics, columns)), key=lambda one: one[0]
    )


def distinct(known: ColumnStatistics | None, rows: int, most: int) -> float:
    """How many different values a column is to have in so many rows; ``most`` of them where nothing is known."""
    if known is not None and known.distinct is not None:
        return known.distinct
    if known is not None and known.distinct_ratio is not None:
        return max(1.0, known.distinct_ratio * rows)
    return min(float(most), max(1.0, rows * _UNKNOWN_DISTINCT_SHARE))


def statement(making: Making, limit: int) -> str:
    """Write the statement that makes at most ``limit`` rows."""
    plot, numbering = making.plot, making.numbering
    numbers, joins, written = _numbers_and_joins(making)
    columns = {column.name: column for column in plot.columns}
    for number, slot in enumerate(making.slots):
        if slot.reference is None:
            name = slot.columns[0]
            how = values(making.kinds, columns[name], Wanted(slot.spread, slot.statistics, plot.rules.of(name)))
            written[name] = f"CASE WHEN n.k{number} IS NOT NULL THEN {how.write(f'n.k{number}')} END"
    names = list(columns)
    last = numbering.base + numbering.rows
    text = (
        f"SELECT n.i AS {ROW}, {', '.join(f'{written[name]} AS {ident(name)}' for name in names)}\n"
        f"FROM (SELECT i, {', '.join(numbers)}\n"
        f"FROM generate_series({numbering.base + 1}::bigint, {last}) AS i OFFSET 0) n"
        f"{''.join(joins)}"
    )
    fixed = {name for slot in making.slots if slot.unique or slot.reference for name in slot.columns}
    for name, mended in _mends(plot, making.kinds, fixed):
        listed = ", ".join(mended if one == name else ident(one) for one in names)
        text = f"SELECT {ROW}, {listed} FROM (\n{text} OFFSET 0) v"
    wanted = [f"({check}) IS NOT FALSE" for check in plot.table.checks]
    wanted += [f"{ident(column.name)} IS NOT NULL" for column in columns.values() if column.required]
    wanted += [f"{ident(one.period[0])} IS NOT NULL" for one in plot.exclusions if len(one.period) > 1]
    wanted += _existing(making.drawn)
    where = f"\nWHERE {' AND '.join(wanted)}" if wanted else ""
    listed = ", ".join(map(ident, names))
    conflict = "" if plot.table.deferrable else "\nON CONFLICT DO NOTHING"
    return (
        f"INSERT INTO {qualified(plot.table.key)} ({listed}) OVERRIDING SYSTEM VALUE\n"
        f"SELECT {listed} FROM (\n{text} OFFSET 0) v{where}\nORDER BY {ROW} LIMIT {limit}{conflict}"
    )


def _numbers_and_joins(making: Making) -> tuple[list[str], list[str], dict[str, str]]:
    keys = {reference.name: found for reference, _, _, found in making.drawn}
    numbers, joins, written = ["NULL AS nothing"], list[str](), dict[str, str]()
    for number, slot in enumerate(making.slots):
        null = making.numbering.null(slot)
        numbers.append(
            f"CASE WHEN NOT ({null}) THEN {slot.number} END AS k{number}" if null else f"{slot.number} AS k{number}"
        )
        if slot.reference is None:
            continue
        relation, alias = keys[slot.reference.name].relation, f"f{number}"
        to = dict(zip(slot.reference.columns, slot.reference.referenced, strict=True))
        if slot.shared:
            same = " AND ".join(f"g.{ident(to[name])} = {written[name]}" for name in slot.shared)
            total = f"(SELECT g.{TOTAL} FROM {relation} g WHERE {same} AND g.{NUMBER} = 1)"
            chosen = f"g.{NUMBER} = 1 + n.k{number} % {total}"
            joins.append(
                f"\nLEFT JOIN LATERAL (SELECT g.* FROM {relation} g WHERE {same} AND {chosen}) {alias} ON true"
            )
        else:
            chosen = f"{alias}.{NUMBER} = 1 + n.k{number} % {keys[slot.reference.name].most}"
            joins.append(f"\nLEFT JOIN {relation} {alias} ON {chosen}")
        written |= {name: f"{alias}.{ident(to[name])}" for name in slot.columns}
    return numbers, joins, written


def _existing(drawn: Sequence[Drawn]) -> list[str]:
    """The conditions that references hold all of whose columns others have decided."""
    found = []
    for reference, own, shared, keys in drawn:
        if not own:
            pairs = zip(reference.columns, reference.referenced, strict=True)
            same = " AND ".join(f"g.{ident(other)} = v.{ident(name)}" for name, other in pairs)
            nulls = " OR ".join(f"v.{ident(name)} IS NULL" for name in shared)
            found.append(f"({nulls} OR EXISTS (SELECT FROM {keys.relation} g WHERE {same}))")
    return found


def _mends(plot: Plot, kinds: Kinds, fixed: set[str]) -> list[tuple[str, str]]:
    """What is done, column by column, for rules that concern several columns or rows.

    Sums come first, then orders, then periods of several rows, then leaving blank.
    """
    columns = {column.name: column for column in plot.columns}
    found = []
    for one in sorted(plot.rules.comparisons, key=lambda one: one.operator != "="):
        column = columns.get(one.left)
        if column is not None and one.left not in fixed:
            found += [(one.left, text) for text in _compared(one, kinds.types[column.type])]
    for exclusion in plot.exclusions:
        if exclusion.period[-1] not in fixed:
            kind = kinds.types[columns[exclusion.period[-1]].type]
            found += apart(exclusion, kind.name, _STEPS.get(kind.bare, "1"), ROW)
    for check in plot.table.checks:
        blank = [
            name for name, one in columns.items() if not one.required and name not in fixed and mentions(check, name)
        ]
        if blank:
            name = ident(blank[-1])
            found.append((blank[-1], f"CASE WHEN ({check}) IS NOT FALSE THEN {name} END AS {name}"))
    return found


def _compared(one: Comparison, kind: Type) -> list[str]:
    name, right, step = ident(one.left), f"({one.right})", _STEPS.get(kind.bare, "1")
    there = f"{name} IS NOT NULL AND {right} IS NOT NULL"
    if one.operator == "=":
        return [f"CASE WHEN {there} THEN {right}::{kind.name} END AS {name}"]
    if one.operator == "<>":
        return []
    change = {">": f" + {step}", "<": f" - {step}"}.get(one.operator, "")
    wrong = f"{there} AND NOT {name} {one.operator} {right}"
    return [f"CASE WHEN {wrong} THEN ({right}{change})::{kind.name} ELSE {name} END AS {name}"]
