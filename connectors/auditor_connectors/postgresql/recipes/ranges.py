"""Widens the estimates of steps to what may be expected at worst, and to what replicas feel of them."""

from __future__ import annotations

from collections.abc import Iterator

from msgspec.structs import replace

from auditor.connector import Draft, Recipe
from auditor.model.facts import Facts
from auditor.model.operation import Operation
from auditor.model.plan import Step
from auditor.model.vocabulary import Blocks
from auditor_connectors.postgresql.recipes.estimates import LOCK_TIMEOUT_SECONDS, calibration, human_seconds

STREAMING_DELAY_SECONDS = 30.0
"""The default of max_standby_streaming_delay: how long replay waits for a query on a replica before it cancels it."""


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
    if not facts.server.replicas or step.wal_bytes is None or step.duration_seconds is None:
        return step
    speed = calibration(facts).replay_bytes_per_second
    lag = max(0.0, step.wal_bytes / speed - step.duration_seconds)
    basis = f"replicas replay {speed / 1e6:.0f} MB/s"
    if step.blocks is Blocks.EVERYTHING:
        delay = facts.setting_seconds("max_standby_streaming_delay")
        if delay is not None and delay < 0:
            return replace(step, basis=f"{step.basis}; a query on a replica holds up its replay without end")
        longest = STREAMING_DELAY_SECONDS if delay is None else delay
        lag += longest
        basis += f", and wait {human_seconds(longest)} at most for queries that are in the way of a lock"
    return replace(step, replica_lag_seconds=round(lag, 3), basis=f"{step.basis}; {basis}" if lag else step.basis)
