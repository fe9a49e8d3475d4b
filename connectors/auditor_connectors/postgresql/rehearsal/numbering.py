"""Decides which of its values each row of a table gets: shares of NULL, distinct values, unique keys, references.

A row has a number ``i``, from 1. Every column, or all columns of a foreign key together, is a slot: an SQL expression
over ``i`` gives the number of the slot's value. Keys get numbers that no two rows share; others scattered ones.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Sequence
from dataclasses import dataclass

from auditor.model.statistics import ColumnStatistics
from auditor_connectors.postgresql.rehearsal.structure import Reference

_ORDERED = 0.9
"""The correlation from which values are taken to come in the order of the rows."""

_NEARLY_ALL = 0.99
"""The share of different values from which all are taken to be different: statistics come from a sample."""

_SHARES = 1_000_000


@dataclass
class Slot:
    """Columns that get their values together. ``capacity`` is how many different values they can have.

    ``telling`` are those sets of its columns whose values differ whenever the number does. ``number`` is the expression
    over ``i``, always below ``spread``. ``reference`` is the foreign key whose values it draws; ``shared`` are those of
    its columns that have their values from another slot.
    """

    columns: tuple[str, ...]
    capacity: int
    distinct: float
    statistics: ColumnStatistics | None = None
    nullable: bool = True
    telling: tuple[frozenset[str], ...] = ()
    reference: Reference | None = None
    shared: tuple[str, ...] = ()
    unique: bool = False
    number: str | None = None
    spread: int = 1

    @property
    def seed(self) -> str:
        """What tells the slot from others of the table."""
        return "\\x1f".join(self.columns)


class Numbering:
    """The numbers of one table: ``rows`` rows, the first of which is number ``base`` + 1."""

    def __init__(self, seed: int, name: str, rows: int, base: int) -> None:
        self.seed, self.name, self.rows, self.base = seed, name, rows, base

    def random(self, what: str, modulus: int, i: str = "i") -> str:
        """A number below ``modulus`` that depends on the row, and on nothing else but the seed and what it is for."""
        digest = hashlib.sha256(f"{self.seed}\\x1f{self.name}\\x1f{what}".encode()).digest()
        salt = int.from_bytes(digest[:7], "big")
        return f"(hashint8extended({i}, {salt}) & 9223372036854775807) % {max(1, modulus)}"

    def null(self, slot: Slot) -> str | None:
        """The condition under which a slot is NULL."""
        fraction = slot.statistics.null_fraction if slot.statistics is not None else 0.0
        if not slot.nullable or fraction <= 0.0:
            return None
        return f"{self.random(slot.seed + ' null', _SHARES)} < {round(fraction * _SHARES)}"

    def scattered(self, slot: Slot) -> str:
        """Number values so that about as many different ones appear as the statistics say, as often as they say."""
        statistics = slot.statistics
        fraction = statistics.null_fraction if statistics is not None else 0.0
        filled = max(1.0, self.rows * (1.0 - fraction))
        distinct = max(1.0, min(slot.distinct, float(slot.capacity), filled))
        if distinct >= _NEARLY_ALL * filled and slot.capacity >= self.rows:
            return self.own(slot)
        if statistics is not None and abs(statistics.correlation or 0.0) >= _ORDERED and distinct > 1:
            place = f"((i - {self.base + 1}) * {round(distinct)}::numeric / {max(1, self.rows)})::bigint"
            place, slot.spread = f"least({round(distinct) - 1}, {place})", round(distinct)
            return place if (statistics.correlation or 0.0) > 0 else f"({round(distinct) - 1} - {place})"
        slot.spread = pool = min(pool_for(distinct, filled), slot.capacity)
        top = (statistics.top_frequency or 0.0) / max(1.0 - fraction, 1e-9) if statistics is not None else 0.0
        if pool > 1 and top > 1.5 / pool:
            often = f"{self.random(slot.seed + ' top', _SHARES)} < {round(min(top, 1.0) * _SHARES)}"
            return f"CASE WHEN {often} THEN 0 ELSE 1 + {self.random(slot.seed, pool - 1)} END"
        return self.random(slot.seed, pool)

    def own(self, slot: Slot) -> str:
        """Number values so that no two rows have the same, in the order of the rows or not, as the statistics say."""
        slot.spread = self.base + self.rows
        correlation = slot.statistics.correlation if slot.statistics is not None else 1.0
        if correlation is None or correlation >= _ORDERED or self.rows < 3:
            return "(i - 1)"
        return f"({self.base} + (i - {self.base + 1}) * {coprime(self.rows)} % {self.rows})"

    def assign(self, slots: Sequence[Slot], keys: Sequence[tuple[str | None, ...]]) -> int:
        """Give every slot its numbers, and return how many rows its keys allow."""
        allowed = self.rows
        for key in keys:
            allowed = min(allowed, self._assign_key(slots, key))
        for slot in slots:
            if slot.number is None:
                slot.number = self.scattered(slot)
        return allowed

    def _assign_key(self, slots: Sequence[Slot], key: tuple[str | None, ...]) -> int:
        members = [slot for slot in slots if any(columns <= set(key) for columns in slot.telling)]
        if not members or any(slot.unique for slot in members):
            return self.rows
        covered = {name for slot in members for name in slot.columns}
        if not set(key) <= covered and math.prod(slot.capacity for slot in members) < self.rows:
            return self.rows  # what else is in the key tells rows apart; the few that it does not are not inserted
        free = [slot for slot in members if slot.number is None]
        best = max(free, key=lambda slot: (slot.distinct, slot.reference is None), default=None)
        if best is None:
            return self.rows
        if len(members) == 1 or (best.distinct >= _NEARLY_ALL * self.rows and best.capacity >= self.rows):
            best.number, best.unique = self.own(best), True
            return min(self.rows, best.capacity)
        return self._assign_together(members)

    def _assign_together(self, members: Sequence[Slot]) -> int:
        """Walk through the combinations of several slots such that each of them changes with every row."""
        sizes = {slot.seed: max(1, min(round(slot.distinct), slot.capacity)) for slot in members}
        for slot in sorted(members, key=lambda slot: slot.reference is not None):
            others = math.prod(size for seed, size in sizes.items() if seed != slot.seed)
            if sizes[slot.seed] * others < self.rows:
                sizes[slot.seed] = max(sizes[slot.seed], min(slot.capacity, math.ceil(self.rows / others)))
        total, row = 1, f"(i - {self.base + 1})"
        for slot in sorted(members, key=lambda slot: -sizes[slot.seed]):
            size = sizes[slot.seed]
            if slot.number is None:
                turns = f" + {row} / {math.lcm(total, size)}" if total > 1 else ""
                slot.number, slot.spread = f"(({row}{turns}) % {size})", size
            total *= size
        return min(self.rows, total)


def pool_for(distinct: float, draws: float) -> int:
    """How many values to draw from so that so many different ones come out: n draws from D give D (1 - exp(-n / D))."""
    low, high = distinct, max(distinct, draws) * 100
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (middle, high) if middle * -math.expm1(-draws / middle) < distinct else (low, middle)
    return max(1, round(high))


def coprime(rows: int) -> int:
    """A factor that scatters the numbers below ``rows`` without two of them meeting: near the golden section."""
    factor = max(1, round(rows * 0.618))
    while math.gcd(factor, rows) != 1:
        factor += 1
    return factor
