"""Recipes for partitions. Bounds are dates or whole numbers; other partition keys get a runbook."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from typing import NamedTuple

from auditor.connector import Draft
from auditor.model.catalog import Key, Table
from auditor.model.facts import Facts
from auditor.model.operation import AddPartitions, DrainDefaultPartition, FinishDetach
from auditor.model.vocabulary import Phase
from auditor_connectors.periods import AHEAD, Bound
from auditor_connectors.postgresql.recipes import estimates
from auditor_connectors.postgresql.recipes.queries import absent, constraint_absent, constraint_is, present
from auditor_connectors.postgresql.recipes.restoring import owned
from auditor_connectors.postgresql.recipes.sql import (
    free_name,
    ident,
    qualified,
    regclass,
    relation_name,
)
from auditor_connectors.postgresql.recipes.steps import (
    SHARE_UPDATE_EXCLUSIVE,
    atomically,
    brief,
    runbook,
    scan,
    until,
)

VERSION_17 = 170000


class Span(NamedTuple):
    """What a range partition holds: rows whose ``column`` lies from ``lower`` to before ``upper``."""

    column: str
    lower: Bound
    upper: Bound

    @property
    def condition(self) -> str:
        """The condition that a row belongs here. ATTACH wants to be told that the key is not null."""
        name = ident(self.column)
        return f"{name} IS NOT NULL AND {name} >= {self.lower.sql} AND {name} < {self.upper.sql}"

    @property
    def bounds(self) -> str:
        """The clause of ATTACH PARTITION."""
        return f"FOR VALUES FROM ({self.lower.sql}) TO ({self.upper.sql})"

    @property
    def words(self) -> str:
        """The range for a title."""
        return f"from {self.lower.value} to {self.upper.value}"


def add_partitions(operation: AddPartitions, facts: Facts) -> Iterator[Draft]:
    """Create each partition as a table of its own and attach it: a weaker lock than creating it in place."""
    key = (operation.schema, operation.table)
    lower = Bound.read(operation.from_bound, operation.interval)
    if lower is None:
        yield _by_hand(operation.schema, operation.table)
        return
    for _ in range(operation.count):
        upper = lower.next()
        yield from attach_new(facts, key, Span(operation.column, lower, upper))
        lower = upper
    yield runbook(
        Phase.EXPAND,
        f"Have the next partitions of {'.'.join(key)} created by a schedule",
        notes=("pg_partman, pg_cron or a job of the application: alarm when fewer than two are left in advance.",),
    )


def attach_new(facts: Facts, key: Key, span: Span) -> Iterator[Draft]:
    """Draft one new, empty partition."""
    part = (key[0], relation_name(facts, key, (), span.lower.word))
    default = next((one for one in facts.partitions.get(key, ()) if one.default_partition), None)
    proof = free_name("auditor_not", span.lower.word, ())
    if default is not None:
        yield from until(_is_part(part, key), _prove_absent(facts, default, span, proof))
    lock = "SHARE ROW EXCLUSIVE" if facts.constraints_of(key, "foreign-key") else SHARE_UPDATE_EXCLUSIVE
    without = " EXCLUDING IDENTITY" if facts.version >= VERSION_17 else ""
    yield brief(
        facts,
        Phase.EXPAND,
        f"Create the partition {'.'.join(part)} {span.words}",
        f"CREATE TABLE {qualified(part)} (LIKE {qualified(key)} INCLUDING ALL{without})",
        *owned(facts.table(key), part),
        f"ALTER TABLE {qualified(key)} ATTACH PARTITION {qualified(part)} {span.bounds}",
        *((f"ALTER TABLE {qualified(default.key)} DROP CONSTRAINT {ident(proof)}",) if default is not None else ()),
        lock="ACCESS EXCLUSIVE" if default is not None else lock,
        precondition=absent(part),
        verify=_is_part(part, key),
        rollback=(f"DROP TABLE IF EXISTS {qualified(part)}",),
        notes=("The default partition is locked for the instant.",) if default is not None else (),
    )


def _is_part(part: Key, parent: Key) -> str:
    return (
        f"SELECT EXISTS (SELECT FROM pg_inherits WHERE inhrelid = {regclass(part)} AND inhparent = {regclass(parent)})"
    )


def _prove_absent(facts: Facts, default: Table, span: Span, name: str) -> Iterator[Draft]:
    """Without this proof ATTACH reads the whole default partition under ACCESS EXCLUSIVE."""
    alter = f"ALTER TABLE {qualified(default.key)}"
    yield brief(
        facts,
        Phase.EXPAND,
        f"Declare that {default.path} takes no rows {span.words}",
        f"{alter} ADD CONSTRAINT {ident(name)} CHECK (NOT ({span.condition})) NOT VALID",
        precondition=f"SELECT NOT EXISTS (SELECT FROM {qualified(default.key)} WHERE {span.condition})",
        verify=constraint_is(default.key, name, "true"),
        rollback=(f"{alter} DROP CONSTRAINT IF EXISTS {ident(name)}",),
        notes=("Inserts of such rows fail until the partition is attached: run the next two steps at once.",),
    )
    yield scan(
        Phase.EXPAND,
        f"Prove that {default.path} holds no rows {span.words}",
        f"{alter} VALIDATE CONSTRAINT {ident(name)}",
        takes=estimates.work(facts, default),
        verify=constraint_is(default.key, name),
    )


def drain_default_partition(operation: DrainDefaultPartition, facts: Facts) -> Iterator[Draft]:
    """Turn the default partition into the partition for its rows' range, and give the table a new default."""
    key, default = (operation.schema, operation.table), (operation.partition_schema, operation.partition)
    table, found = facts.table(key), facts.table(default)
    lower = _last_upper_bound(facts, key)
    if table is None or found is None or lower is None or len(table.partition_columns) != 1:
        yield _by_hand(operation.schema, operation.table)
        return
    upper = lower.next()
    today = facts.now.date()
    while isinstance(upper.value, date) and upper.value <= today:
        upper = upper.next()
    # One interval more than today's: rows that arrive until the swap must find their place.
    yield from _rewrap(facts, key, found, Span(table.partition_columns[0], lower, upper.next()))


def _rewrap(facts: Facts, key: Key, default: Table, span: Span) -> Iterator[Draft]:
    part, parent = qualified(default.key), qualified(key)
    alter, name = f"ALTER TABLE {part}", free_name("auditor_range", span.lower.word, ())
    fresh = (default.schema, relation_name(facts, key, (), "default_new"))
    coming = list(_coming(facts, key, span))
    yield from until(present(fresh), _prove_range(facts, default, span, name))
    yield brief(
        facts,
        Phase.SWITCH,
        f"Make {default.path} the partition {span.words}, with a new default beside it",
        f"ALTER TABLE {parent} DETACH PARTITION {part}",
        f"ALTER TABLE {parent} ATTACH PARTITION {part} {span.bounds}",
        *(f"CREATE TABLE {qualified(new)} PARTITION OF {parent} {ahead.bounds}" for new, ahead in coming),
        f"CREATE TABLE {qualified(fresh)} PARTITION OF {parent} DEFAULT",
        *(one for new in (fresh, *(new for new, _ in coming)) for one in owned(default, new)),
        f"{alter} DROP CONSTRAINT {ident(name)}",
        takes=estimates.Estimate(3 * estimates.BRIEF_SECONDS, "changes of the catalog; the proof spares the scan"),
        precondition=constraint_is(default.key, name),
        verify=f"{present(fresh)} AND ({constraint_absent(default.key, name)})",
        rollback=atomically(
            f"DROP TABLE {', '.join(qualified(new) for new in (fresh, *(new for new, _ in coming)))}",
            f"ALTER TABLE {parent} DETACH PARTITION {part}",
            f"ALTER TABLE {parent} ATTACH PARTITION {part} DEFAULT",
        ),
        notes=("Undo it only while the new default and the new partitions are empty.",),
    )


def _prove_range(facts: Facts, default: Table, span: Span, name: str) -> Iterator[Draft]:
    """Without this proof ATTACH reads the whole table under ACCESS EXCLUSIVE."""
    part = qualified(default.key)
    alter = f"ALTER TABLE {part}"
    outside = f"SELECT NOT EXISTS (SELECT FROM {part} WHERE NOT ({span.condition}))"
    yield brief(
        facts,
        Phase.EXPAND,
        f"Declare that {default.path} holds only rows {span.words}",
        f"{alter} ADD CONSTRAINT {ident(name)} CHECK ({span.condition}) NOT VALID",
        precondition=outside,
        verify=constraint_is(default.key, name, "true"),
        rollback=(f"{alter} DROP CONSTRAINT IF EXISTS {ident(name)}",),
        notes=(
            "Rows outside of the range must be moved first: the precondition tells whether there are any.",
            "From here to the swap inserts of such rows fail: run the steps in one go.",
        ),
    )
    yield scan(
        Phase.BACKFILL,
        f"Prove the range of {default.path}",
        f"{alter} VALIDATE CONSTRAINT {ident(name)}",
        takes=estimates.work(facts, default),
        precondition=outside,
        verify=constraint_is(default.key, name),
    )


def _coming(facts: Facts, key: Key, span: Span) -> Iterator[tuple[Key, Span]]:
    """Name the partitions that follow a range."""
    lower = span.upper
    for _ in range(AHEAD):
        yield (key[0], relation_name(facts, key, (), lower.word)), Span(span.column, lower, lower.next())
        lower = lower.next()


def _last_upper_bound(facts: Facts, key: Key) -> Bound | None:
    """The date where the range partitions end, to be counted on by the width of the last; None when unreadable."""
    found: list[tuple[date, date]] = []
    for partition in facts.partitions.get(key, ()):
        bounds = re.findall(r"'(\d{4}-\d\d-\d\d)[^']*'", partition.partition_bound or "")
        if len(bounds) == 2:
            found.append((date.fromisoformat(bounds[1]), date.fromisoformat(bounds[0])))
    if not found:
        return None
    upper, lower = max(found)
    return Bound(upper, interval_of((upper - lower).days))


def interval_of(days: int) -> str:
    """Name the interval that is so many days long."""
    limits = {"day": 1, "week": 7, "month": 31, "quarter": 92}
    return next((name for name, limit in limits.items() if days <= limit), "year")


def _by_hand(schema: str, table: str) -> Draft:
    return runbook(
        Phase.EXPAND,
        f"Create the missing partitions of {schema}.{table} by hand",
        notes=(
            "Its bounds are neither dates nor whole numbers, or it has several key columns.",
            (
                "For each range: create the table with LIKE … INCLUDING ALL, prove by a validated CHECK that the "
                "default partition holds no such rows (move them in batches), then ATTACH it."
            ),
        ),
    )


def finish_detach(operation: FinishDetach, facts: Facts) -> Iterator[Draft]:
    """Finish what DETACH CONCURRENTLY began."""
    key, part = (operation.schema, operation.table), (operation.partition_schema, operation.partition)
    found = facts.table(part)
    bound = found.partition_bound if found is not None else None
    yield brief(
        facts,
        Phase.PREPARE,
        f"Finish the detach of {'.'.join(part)} from {'.'.join(key)}",
        f"ALTER TABLE {qualified(key)} DETACH PARTITION {qualified(part)} FINALIZE",
        verify=f"SELECT NOT EXISTS (SELECT FROM pg_inherits WHERE inhrelid = {regclass(part)})",
        rollback=(f"ALTER TABLE {qualified(key)} ATTACH PARTITION {qualified(part)} {bound}",) if bound else (),
        notes=(
            "Its rows stay in the table of their own, with a constraint that makes attaching it again free of scans.",
        ),
    )
