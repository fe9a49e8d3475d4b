"""How far sequences are through their numbers: the one place where limits, signs and restarts are reckoned."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from typing import NamedTuple

from auditor.model.catalog import Column, Key, Sequence, Table
from auditor.model.facts import Facts, TableColumn
from auditor.model.finding import Evidence, Unknown
from auditor.model.vocabulary import Severity
from auditor_checks.integrity._keys import children_of, inserted_rows, integer_bits, key_columns

_CENTURY_DAYS = 36_500


class Position(NamedTuple):
    """Where a sequence stands. ``share`` of its numbers is used, ``left`` numbers can still be drawn.

    ``limit`` is the last number that fits; ``by_type`` says that the column's type sets it, not the sequence.
    """

    last: int | None
    limit: int
    share: float
    left: int
    by_type: bool


def largest(bits: int) -> int:
    """The largest value of a signed integer of so many bits."""
    return int(2 ** (bits - 1)) - 1


def capacity(column: Column) -> int:
    """The largest value of an integer column."""
    bits = column.bits or 64
    return int(2**bits) - 1 if column.unsigned else largest(bits)


def widest(column: Column) -> str:
    """The widest integer type that a column can be given: it keeps its sign."""
    return "bigint unsigned" if column.unsigned else "bigint"


def position(sequence: Sequence, column: Column | None = None) -> Position:
    """Reckon a sequence's position against its own limit and that of an integer column.

    A sequence that was set back below its start (to use the negative half of a type) ends where its first numbers
    begin, because those are taken. One that was never used stands before its start. The sequence must be readable.
    """
    sign = 1 if sequence.increment > 0 else -1
    start = sign * sequence.start
    bottom, top = sorted((sign * sequence.minimum, sign * sequence.maximum))
    fits = top if column is None else capacity(column) + (sign < 0)
    end = min(top, fits)
    step = abs(sequence.increment)
    base = min(0, start)
    last = max(base, start - step) if sequence.last_value is None else sign * sequence.last_value
    if last < base:
        base, end = bottom, start - 1
    share = (last - base) / (end - base) if end > base else 1.0
    return Position(sequence.last_value, sign * end, max(0.0, share), max(0, end - last) // step, fits < top)


def hidden_position(sequence: Sequence, facts: Facts) -> Unknown | None:
    """The verdict on a sequence whose position the session may not read; None when it may."""
    if sequence.readable:
        return None
    return Unknown(
        reason=f"the position of the sequence {sequence.path} may not be read", grant=facts.probes["sequences"].grant
    )


def grade(share: float, half: float, most: float, nearly_all: float) -> Severity | None:
    """The severity of a used share; None below the first limit."""
    if share >= nearly_all:
        return Severity.CRITICAL
    return Severity.HIGH if share >= most else Severity.MEDIUM if share >= half else None


def fed_columns(sequence: Sequence, facts: Facts) -> tuple[TableColumn, ...]:
    """The columns that a sequence feeds, without those of partitions and heirs, which repeat their parent's default."""
    known: dict[Key, tuple[TableColumn, ...]] = facts.once(fed_columns, dict)
    key = sequence.key
    if key not in known:
        known[key] = _fed_columns(sequence, facts)
    return known[key]


def _fed_columns(sequence: Sequence, facts: Facts) -> tuple[TableColumn, ...]:
    keys = list(sequence.fed)
    if sequence.identity and sequence.owner_schema and sequence.owner_table and sequence.owner_column:
        keys.insert(0, (sequence.owner_schema, sequence.owner_table, sequence.owner_column))
    found: dict[str, TableColumn] = {}
    for schema, name, column_name in keys:
        table = facts.table((schema, name))
        if table is None or _repeats(table, column_name, sequence, facts):
            continue
        column = table.column(column_name)
        if column is not None:
            found[table.column_path(column_name)] = TableColumn(table, column)
    return tuple(found.values())


def _repeats(table: Table, column: str, sequence: Sequence, facts: Facts) -> bool:
    above = [table.parent] if table.parent is not None else table.inherits
    if not above:
        return False
    found = [parent.column(column) for key in above if (parent := facts.table(key)) is not None]
    return any(parent is not None and parent.sequence == sequence.key for parent in found)


def deadline(left: int, tables: Iterable[Table], facts: Facts, least_days: float = 7.0) -> tuple[str, float] | None:
    """The date on which the numbers end at the rate of the counted inserts, and that rate in numbers per day.

    None when the counters cover less than a week, count no insert, or the date is more than a century away: then no
    rate is known. Every insert draws at least one number, so that the date is the latest, not the earliest.
    """
    days = facts.stats_days
    if days is None or days < least_days:
        return None
    rate = sum(inserted_rows(table, facts) or 0 for table in tables) / days
    if rate <= 0 or left / rate > _CENTURY_DAYS:
        return None
    return (facts.now + timedelta(days=left / rate)).date().isoformat(), rate


def position_evidence(sequence: Sequence, found: Position) -> tuple[Evidence, ...]:
    """What was measured of a sequence."""
    return (
        Evidence(name=f"last number of {sequence.path}", value=found.last, probe="sequences"),
        Evidence(name="last number that fits", value=found.limit, probe="columns" if found.by_type else "sequences"),
        Evidence(name="share of the numbers used", value=round(found.share, 4), probe="sequences"),
        Evidence(name="numbers left", value=found.left, unit="numbers", probe="sequences"),
    )


def numbered_keys(facts: Facts) -> list[TableColumn]:
    """The integer columns of keys that a sequence feeds, without those of heirs, which repeat their parent's."""
    found = []
    for item in facts.columns:
        sequence = facts.sequence(item.column.sequence) if item.column.family == "integer" else None
        if sequence is None or sequence.cycle or item.column.name not in key_columns(item.table, facts):
            continue
        if not _repeats(item.table, item.column.name, sequence, facts):
            found.append(item)
    return found


def narrow_children(table: Table, column: Column, facts: Facts, bits: int = 64) -> list[TableColumn]:
    """The columns of other tables that refer to a column and are integers of fewer bits."""
    children = children_of(table, column, facts)
    return [child for child in children if (integer_bits(child.column) or bits) < bits]
