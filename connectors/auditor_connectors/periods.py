"""Bounds of partitions that can be counted on: dates that move by an interval, and whole numbers."""

from __future__ import annotations

import re
from datetime import date, timedelta

AHEAD = 3
"""How many partitions to create in advance."""


class Bound:
    """A partition bound that can be counted on: a date that moves by an interval, or a whole number by a width."""

    def __init__(self, value: date | int, interval: str) -> None:
        self.value, self.interval = value, interval

    @classmethod
    def read(cls, text: str, interval: str) -> Bound | None:
        """Read a bound as the catalog writes it; None when it is neither a date nor a whole number."""
        text = text.strip().strip("'")
        if re.fullmatch(r"-?\d+", text) and re.fullmatch(r"\d+", interval):
            return cls(int(text), interval)
        day = re.match(r"(\d{4}-\d\d-\d\d)", text)
        if day is None or interval not in ("day", "week", "month", "quarter", "year"):
            return None
        return cls(date.fromisoformat(day.group(1)), interval)

    def next(self) -> Bound:
        """Return the bound one interval later."""
        if isinstance(self.value, int):
            return Bound(self.value + int(self.interval), self.interval)
        if self.interval in ("day", "week"):
            return Bound(self.value + timedelta(days=1 if self.interval == "day" else 7), self.interval)
        months = {"month": 1, "quarter": 3, "year": 12}[self.interval]
        years, month = divmod(self.value.month - 1 + months, 12)
        return Bound(self.value.replace(year=self.value.year + years, month=month + 1), self.interval)

    def start(self) -> Bound:
        """Return the beginning of the interval that holds the bound."""
        if isinstance(self.value, int):
            return Bound(self.value - self.value % int(self.interval), self.interval)
        if self.interval == "week":
            return Bound(self.value - timedelta(days=self.value.weekday()), self.interval)
        month = {"year": 1, "quarter": self.value.month - (self.value.month - 1) % 3}.get(
            self.interval, self.value.month
        )
        day = self.value.day if self.interval == "day" else 1
        return Bound(self.value.replace(month=month, day=day), self.interval)

    @property
    def sql(self) -> str:
        """The bound as a constant."""
        return str(self.value) if isinstance(self.value, int) else f"'{self.value.isoformat()}'"

    @property
    def word(self) -> str:
        """The interval that begins here, for a partition's name."""
        if isinstance(self.value, int):
            return f"p{self.value}"
        shape = {"year": "p%Y", "quarter": "p%Y_%m", "month": "p%Y_%m"}.get(self.interval, "p%Y_%m_%d")
        return self.value.strftime(shape)
