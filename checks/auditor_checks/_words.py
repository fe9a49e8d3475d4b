"""Small phrases that checks share."""

from __future__ import annotations

from auditor.text import share

percent = share
"""Checks call a measured share of one by what it reads as."""

SIZES = "sizes|collection-sizes"
USAGE = "table-usage|collection-usage"
"""The probes that bring sizes and counters, as connectors name them."""

TITLE_LENGTH = 90
"""The longest title that a report shows without breaking its lines."""


def fitting(title: str) -> str | None:
    """Return the title, or None (the check's own title) where long names would make it unreadable."""
    return title if len(title) <= TITLE_LENGTH else None


def table_path(item: object) -> str:
    """The name of the table of an index, constraint or other object that has ``schema`` and ``table``."""
    return f"{getattr(item, 'schema', '')}.{getattr(item, 'table', '')}"


def counted(number: int, noun: str, plural: str | None = None) -> str:
    """Write a number with its noun: "1 policy", "2 policies"."""
    return f"{number:,} {noun if number == 1 else plural or noun + 's'}"
