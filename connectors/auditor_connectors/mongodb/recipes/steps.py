"""The kinds of step that recipes are made of.

``change``: a command that changes a collection's definition; ``command`` writes one that waits for its lock for a
moment only. ``draft``: anything else, what people do among it.

Statements are JavaScript for mongosh. Preconditions and verifications are expressions that are true when they hold. No
transaction takes back a change of a definition, so no step is transactional.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from auditor.connector import Draft
from auditor.model.catalog import Key
from auditor.model.plan import Step
from auditor.model.vocabulary import Blocks, Phase
from auditor_connectors.mongodb.javascript import database, document
from auditor_connectors.mongodb.recipes.estimates import BRIEF, BY_PEOPLE, LOCK_WAIT_SECONDS, SPREAD, Estimate

EXCLUSIVE = "exclusive collection lock"

OBSERVATION_DAYS = 31
"""How long what has taken over is watched before the old goes: a month's end is always among the days."""

HIDDEN_DAYS = 7
"""How long an index that nothing is said to need is hidden before it is dropped: every weekday is among the days."""

RETRY = (
    f"When it waits for its lock longer than {LOCK_WAIT_SECONDS} s it gives up (MaxTimeMSExpired) and has changed "
    "nothing: try again. What holds it up is an open transaction that has used the collection: find it by "
    "db.currentOp({transaction: {$exists: true}})."
)


def change(
    phase: Phase,
    title: str,
    *statements: str,
    verify: str,
    rollback: Iterable[str] = (),
    takes: Estimate = BRIEF,
    blocks: Blocks = Blocks.EVERYTHING,
    blocking_seconds: float = LOCK_WAIT_SECONDS,
    notes: Iterable[str] = (),
    **more: Any,
) -> Draft:
    """Draft a change of a definition: it takes a moment once it has its lock, for which others wait behind it."""
    return draft(
        phase,
        title,
        *statements,
        verify=verify,
        rollback=rollback,
        takes=takes,
        lock=EXCLUSIVE,
        blocks=blocks,
        blocking_seconds=blocking_seconds,
        notes=notes,
        **more,
    )


def command(key: Key, name: str, rest: Mapping[str, Any]) -> str:
    """Write a command that waits for its lock as long as others may wait behind it, and not longer."""
    sent = {name: key[1], **rest, "maxTimeMS": int(LOCK_WAIT_SECONDS * 1000)}
    return f"{database(key[0])}.runCommand({document(sent)})"


def draft(
    phase: Phase,
    title: str,
    *statements: str,
    verify: str | None = None,
    precondition: str | None = None,
    rollback: Iterable[str] = (),
    reversible: bool = True,
    point_of_no_return: bool = False,
    observe_days: int = 0,
    takes: Estimate = BY_PEOPLE,
    lock: str | None = None,
    blocks: Blocks = Blocks.NOTHING,
    blocking_seconds: float | None = 0.0,
    notes: Iterable[str] = (),
    once: str | None = None,
) -> Draft:
    """Draft a step. A note that starts with ``$ `` is a command for a shell of the operating system."""
    return Draft(
        phase=phase,
        once=once,
        step=Step(
            id="",
            operation="",
            title=title,
            statements=statements,
            transactional=False,
            lock=lock,
            blocks=blocks,
            blocking_seconds=blocking_seconds,
            duration_seconds=takes.seconds,
            duration_p90_seconds=None if takes.seconds is None else round(takes.seconds * SPREAD + blocking(blocks), 3),
            disk_bytes=takes.disk,
            basis=takes.basis,
            precondition=precondition,
            verify=verify,
            rollback=tuple(rollback),
            reversible=reversible,
            point_of_no_return=point_of_no_return,
            observe_days=observe_days,
            notes=tuple(notes),
        ),
    )


def blocking(blocks: Blocks) -> float:
    """Seconds by which a wait for a lock may lengthen a step."""
    return 0.0 if blocks is Blocks.NOTHING else LOCK_WAIT_SECONDS
