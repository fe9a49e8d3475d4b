"""How a transaction takes the locks of several tables without a client being the one that a deadlock ends."""

from __future__ import annotations

from collections.abc import Iterable

from auditor.model.catalog import Key
from auditor.model.facts import Facts
from auditor_connectors.postgresql.recipes.sql import qualified

NEXT_LOCK_MILLISECONDS = 100
"""How long a transaction that holds a first lock may queue for the others.

A client that has used one of these tables and now waits for the first is in a deadlock with us, and it looks for one
when it has waited for ``deadlock_timeout`` (a second, by default): then it is the one that fails. Half a second in the
queue for the first lock and this much for each of the next end before that, and the step is what gives up.
"""


def lock_tables(facts: Facts, keys: Iterable[Key], *, only_writers: Iterable[Key] = ()) -> tuple[str, ...]:
    """Lock tables at the beginning of a transaction; ``only_writers`` are those where readers go on.

    Tables that refer to others come before these, because that is how an insert takes its locks: its own table first,
    then the one that its foreign key refers to.
    """
    strong = set(keys)
    weak = set(only_writers) - strong
    statements: list[str] = []
    for key in _referring_first(facts, strong | weak):
        mode = "ACCESS EXCLUSIVE" if key in strong else "SHARE ROW EXCLUSIVE"
        if len(statements) == 1:
            statements.append(f"SET LOCAL lock_timeout = '{NEXT_LOCK_MILLISECONDS}ms'")
        statements.append(f"LOCK TABLE {qualified(key)} IN {mode} MODE")
    return tuple(statements)


def queued_seconds(statements: Iterable[str]) -> float:
    """How long a transaction may hold its first lock while it queues for the others."""
    locks = sum(statement.startswith("LOCK TABLE ") for statement in statements)
    return max(0, locks - 1) * NEXT_LOCK_MILLISECONDS / 1000


def _referring_first(facts: Facts, keys: Iterable[Key]) -> list[Key]:
    left = sorted(keys)
    found: list[Key] = []
    while left:
        free = (key for key in left if not any(one.table_key in left for one in facts.referencing(key)
                                               if one.table_key != key))  # fmt: skip
        found.append(next(free, left[0]))
        left.remove(found[-1])
    return found
