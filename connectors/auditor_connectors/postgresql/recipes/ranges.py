"""Widens the estimates of steps to what may be expected at worst, and to what replicas feel of them."""

from __future__ import annotations

import re
from collections.abc import Iterator

from msgspec.structs import replace

from auditor.connector import Draft, Recipe
from auditor.model.facts import Facts
from auditor.model.operation import Operation
from auditor.model.plan import Step
from auditor.model.vocabulary import Blocks
from auditor_connectors.postgresql.recipes.estimates import LOCK_TIMEOUT_SECONDS, calibration, human_seconds
from auditor_connectors.postgresql.recipes.steps import ACCESS_EXCLUSIVE

STREAMING_DELAY_SECONDS = 30.0
"""The default of max_standby_streaming_delay: how long replay waits for a query on a replica before it cancels it."""

# On versions 14, 17 and 18 each of them cancelled a query that read the table on a standby for longer than the delay.
# What holds no such lock (CREATE INDEX CONCURRENTLY, VALIDATE, VACUUM, SET of an option, a trigger, updates) did not.
_LOCKS_AT_ITS_END = re.compile(r"(?s)\b(DROP INDEX|REINDEX \w+|DETACH PARTITION .*) CONCURRENTLY\b")
_REPLAYED_AT_ITS_END = (
    "When replicas replay its end they take a lock that keeps readers of the table out: a query on one that is in the "
    "way for longer than max_standby_streaming_delay is cancelled."
)


def locks_replicas(step: Step) -> bool:
    """Whether replicas take a lock that keeps readers out when they replay the step: its lock, or one at its end."""
    return step.lock == ACCESS_EXCLUSIVE or any(map(_LOCKS_AT_ITS_END.search, step.statements))


def with_ranges(recipe: Recipe) -> Recipe:
    """Let the steps of a recipe say what they take at worst, and how far replicas fall behind."""

    def widened(operation: Operation, facts: Facts) -> Iterator[Draft]:
        for draft in recipe(operation, facts):
            yield replace(draft, step=_for_replicas(_at_worst(draft.step, facts), facts))

    return widened


def _at_worst(step: Step, facts: Facts) -> Step:
    """Nine of ten times a step takes no longer than this: the work, and one wait for its lock."""
    if step.duration_seconds is None:
        return step
    waits = LOCK_TIMEOUT_SECONDS if step.transactional and step.blocks is not Blocks.NOTHING else 0.0
    return replace(step, duration_p90_seconds=round(step.duration_seconds * calibration(facts).spread + waits, 3))


def _for_replicas(step: Step, facts: Facts) -> Step:
    """Replicas lag by the WAL that they cannot replay while the step runs, and wait to replay a lock."""
    if facts.server.replicas and locks_replicas(step) and step.lock != ACCESS_EXCLUSIVE:
        step = replace(step, notes=(*step.notes, _REPLAYED_AT_ITS_END))
    if not facts.server.replicas or step.wal_bytes is None or step.duration_seconds is None:
        return step
    speed = calibration(facts).replay_bytes_per_second
    lag = max(0.0, step.wal_bytes / speed - step.duration_seconds)
    basis = f"replicas replay {speed / 1e6:.0f} MB/s"
    if locks_replicas(step):
        delay = facts.setting_seconds("max_standby_streaming_delay")
        if delay is not None and delay < 0:
            return replace(step, basis=f"{step.basis}; a query on a replica holds up its replay without end")
        longest = STREAMING_DELAY_SECONDS if delay is None else delay
        lag += longest
        basis += f", and wait {human_seconds(longest)} at most for queries that are in the way of a lock"
    return replace(step, replica_lag_seconds=round(lag, 3), basis=f"{step.basis}; {basis}" if lag else step.basis)
