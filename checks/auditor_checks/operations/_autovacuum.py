"""When automatic maintenance comes to a table: its thresholds from the settings and the table's own options."""

from __future__ import annotations

from auditor.model.catalog import Table
from auditor.model.facts import Facts


def is_on(text: str) -> bool:
    """Read a boolean option."""
    return text.strip().lower() in ("on", "true", "yes", "1", "t", "y")


def enabled(table: Table) -> bool:
    """Whether the table's own options leave automatic maintenance on."""
    return is_on(table.options.get("autovacuum_enabled", "on"))


def number(table: Table, facts: Facts, name: str) -> float | None:
    """A parameter as it holds for a table: its own option, else the server's setting; None when not visible."""
    own = table.options.get(name)
    if own is not None:
        try:
            return float(own)
        except ValueError:
            return None
    return facts.setting_number(name)


def vacuum_threshold(table: Table, facts: Facts) -> float | None:
    """The dead rows at which autovacuum comes to a table; None when the settings are not visible.

    PostgreSQL manual, "The Autovacuum Daemon" (24.1.6); the maximum exists since version 18, and -1 disables it.
    """
    base = number(table, facts, "autovacuum_vacuum_threshold")
    scale = number(table, facts, "autovacuum_vacuum_scale_factor")
    if base is None or scale is None:
        return None
    threshold = base + scale * facts.rows(table)
    maximum = number(table, facts, "autovacuum_vacuum_max_threshold")
    return threshold if maximum is None or maximum < 0 else min(threshold, maximum)


def insert_threshold(table: Table, facts: Facts) -> float | None:
    """The inserted rows at which autovacuum comes to a table that only grows; None where inserts do not call it.

    Inserts call it since version 13, and a base of -1 disables that.
    """
    base = number(table, facts, "autovacuum_vacuum_insert_threshold")
    scale = number(table, facts, "autovacuum_vacuum_insert_scale_factor")
    return None if base is None or base < 0 or scale is None else base + scale * facts.rows(table)


def analyze_threshold(table: Table, facts: Facts) -> float | None:
    """The modified rows at which a table is analysed; None when the settings are not visible."""
    base = number(table, facts, "autovacuum_analyze_threshold")
    scale = number(table, facts, "autovacuum_analyze_scale_factor")
    return None if base is None or scale is None else base + scale * facts.rows(table)


def vacuumed(table: Table) -> bool:
    """Whether any vacuum of the table is known."""
    usage = table.usage
    return usage is not None and bool(usage.last_vacuum or usage.last_autovacuum or usage.vacuums or usage.autovacuums)
