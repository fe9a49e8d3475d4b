"""How near the estimates of steps came to what the steps took, on the database that they were rehearsed on."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from auditor.model.plan import Step
from auditor_connectors.postgresql.rehearsal import measured
from auditor_connectors.postgresql.rehearsal.measured import Passage, Record

FACTOR = 2.0
"""A step may take half of what half of its like take, and twice what nine of ten take at most."""

TOLERANCE = 0.3
"""By which share of the estimate bytes of the log and of the disk may differ."""

BRIEF_SECONDS = 0.2
"""Up to here times are near each other in any case: nobody plans by them, and a busy machine adds as much."""

FEW_BYTES = 1 << 20
"""Up to here bytes are: the catalog's own pages are among them."""

SHARE = 0.9
"""The share of steps that have to be near."""


class Comparison(NamedTuple):
    """Whether a step's time, log and disk were as estimated; ``long`` if its time was or should have been noticeable.

    What has no estimate counts as right: it was not said.
    """

    step: str
    time: bool
    log: bool
    disk: bool
    long: bool

    @property
    def near(self) -> bool:
        """Whether all of it was."""
        return self.time and self.log and self.disk


def compare(record: Record) -> list[Comparison]:
    """Compare the estimates for this database with the run in which nobody else worked.

    The disk is that of the first run: later ones find room that earlier ones left. Steps behind the point of no return
    are run once only, beside clients.
    """
    first = {one.step: one for one in record.passages.get(measured.FORWARD, ())}
    found = []
    for run in (measured.AGAIN, measured.FINAL):
        for passage in record.passages.get(run, ()):
            step = record.foreseen.get(passage.step)
            if passage.done and step is not None and step.duration_seconds is not None:
                found.append(
                    _compare(step, passage, first.get(passage.step, passage).disk_bytes, alone=run == measured.AGAIN)
                )
    return found


def share(comparisons: Sequence[Comparison]) -> float | None:
    """The share of the steps that were near in all respects; None of nothing."""
    return sum(one.near for one in comparisons) / len(comparisons) if comparisons else None


def _compare(step: Step, passage: Passage, disk: int, *, alone: bool) -> Comparison:
    expected = step.duration_seconds or 0.0
    longest = max(expected, passage.seconds)
    at_most = FACTOR * (step.duration_p90_seconds or expected)
    return Comparison(
        passage.step,
        time=longest <= BRIEF_SECONDS or expected / FACTOR <= passage.seconds <= at_most,
        log=not alone or _same(step.wal_bytes, passage.wal_bytes),
        disk=not alone or _same(step.disk_bytes, disk),
        long=longest > BRIEF_SECONDS,
    )


def _same(estimated: int | None, actual: int) -> bool:
    if estimated is None or max(estimated, actual) <= FEW_BYTES:
        return True
    return abs(actual - estimated) <= TOLERANCE * estimated
