"""Attaches tables as the partitions of one, detaches them again, and takes the locks for either."""

from __future__ import annotations

from collections.abc import Iterator

from auditor_connectors.postgresql.recipes.clones import Clones
from auditor_connectors.postgresql.recipes.locking import NEXT_LOCK_MILLISECONDS, lock_tables
from auditor_connectors.postgresql.recipes.sql import qualified


def attach(plan: Clones) -> Iterator[str]:
    """Write the statements that make each table a partition; its proof spares the scan."""
    for table in plan.tables:
        part = qualified(table.key)
        yield f"ALTER TABLE {qualified(plan.key)} ATTACH PARTITION {part} FOR VALUES IN ({plan.value(table)})"


def detach(plan: Clones) -> Iterator[str]:
    """Write the statements that make each partition a table of its own."""
    for table in plan.tables:
        yield f"ALTER TABLE {qualified(plan.key)} DETACH PARTITION {qualified(table.key)}"


def lock_whole(plan: Clones) -> Iterator[str]:
    """Lock the merged table before its partitions, as those do who use it."""
    whole = f"LOCK TABLE ONLY {qualified(plan.key)} IN ACCESS EXCLUSIVE MODE"
    next_locks = f"SET LOCAL lock_timeout = '{NEXT_LOCK_MILLISECONDS}ms'"
    others = lock_tables(plan.facts, [table.key for table in plan.tables], only_writers=plan.referred)
    yield from (whole, next_locks, *(one for one in others if one != next_locks))
