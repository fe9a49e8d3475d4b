"""The sheet for a step that stops clients for longer than they would notice: what is done when, and when to give up."""

from __future__ import annotations

from collections.abc import Iterator

from auditor.model.plan import CutoverLine, Step
from auditor.model.vocabulary import Blocks
from auditor.text import duration

BRIEF_SECONDS = 1.0
"""Up to here a wait is a hiccup, which a timeout and another try take care of: no sheet."""

CERTIFICATE_DAYS = 7
"""How long a rehearsal is believed."""

ABORT_AFTER = 2
"""Times the budget after which a step is given up: what takes twice as long as foreseen is not understood."""


def cutover_of(step: Step) -> tuple[CutoverLine, ...]:
    """Write the sheet of a step; empty unless it stops reads and writes for longer than a brief lock does."""
    if step.blocks is not Blocks.EVERYTHING:
        return ()
    if step.blocking_seconds is not None and step.blocking_seconds <= BRIEF_SECONDS:
        return ()
    return tuple(CutoverLine(when=when, what=what) for when, what in _lines(step))


def _lines(step: Step) -> Iterator[tuple[str, str]]:
    budget = step.blocking_seconds
    said = "as long as the rehearsal took" if budget is None else duration(budget)
    limit = "twice as long as the rehearsal" if budget is None else duration(ABORT_AFTER * budget)
    before = (
        f"The plan was rehearsed in the last {CERTIFICATE_DAYS} days, and a restore from the backup was tried. From "
        "now on nothing else changes the schema. Whoever decides and whoever is called knows the time."
    )
    lag = step.replica_lag_seconds
    behind = "" if not lag else f" Replicas will fall behind by up to {duration(lag)}: tell those who read there."
    ready = (
        "Replicas are less than 1 s behind, no transaction is older than a minute, nothing waits for a lock, and "
        f"pools are no larger than they need to be.{behind}"
    )
    freeze = (
        "Stop scheduled jobs and loads. Hold back new requests (a flag of the application, a pooler that pauses) "
        "and wait until the running transactions have ended."
    )
    give_up = (
        f"Count from the moment when requests are held back. {_way_back(step)} Then let requests in again, and "
        "look for the reason before the next try."
    )
    yield "T-24 h", before
    yield "T-1 h", ready
    yield "T", freeze
    yield "T + drain", f"Take a note of the time and run the step. Clients wait for {said}."
    yield "then", "Run the verification. Where it holds: let requests in again, and try one read and one write."
    yield f"abort after {limit}", give_up


def _way_back(step: Step) -> str:
    if step.rollback and step.reversible:
        return "Roll the step back."
    if step.reversible:
        return "Stop the step; what it has begun is undone by hand."
    return "The step cannot be undone once it is through: give up before, or restore from the backup."
