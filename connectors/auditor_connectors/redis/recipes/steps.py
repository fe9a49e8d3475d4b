"""The kind of step that recipes are made of, and the ones that occur again and again.

Statements are bash around redis-cli. Preconditions and verifications are tests whose status is 0 when they hold.
Nothing of what they change can be taken back by a transaction, so no step is transactional.
"""

from __future__ import annotations

from collections.abc import Iterable

from auditor.connector import Draft
from auditor.model.plan import Step
from auditor.model.vocabulary import Blocks, Phase
from auditor_connectors.redis.recipes.estimates import BY_PEOPLE, SPREAD, Estimate

OBSERVATION_DAYS = 31
"""How long what has taken over is watched before the old goes: a month's end is always among the days."""

TARGET = "target"
"""The word of a plan for the server that keys move to."""

TARGET_CLIENT = (
    "target-cli stands for redis-cli with the address and the account of the other server: "
    'target-cli() { REDISCLI_AUTH=$TARGET_PASSWORD redis-cli -h "$TARGET_HOST" -p "$TARGET_PORT" "$@"; }'
)


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
    blocks: Blocks = Blocks.NOTHING,
    blocking_seconds: float | None = 0.0,
    server: str = "",
    notes: Iterable[str] = (),
    once: str | None = None,
) -> Draft:
    """Draft a step. A note that starts with ``$ `` is a command for a shell."""
    return Draft(
        phase=phase,
        once=once,
        step=Step(
            id="",
            operation="",
            title=title,
            statements=statements,
            transactional=False,
            blocks=blocks,
            blocking_seconds=blocking_seconds,
            duration_seconds=takes.seconds,
            duration_p90_seconds=None if takes.seconds is None else round(takes.seconds * SPREAD, 3),
            disk_bytes=takes.disk,
            basis=takes.basis,
            precondition=precondition,
            verify=verify,
            rollback=tuple(rollback),
            reversible=reversible,
            point_of_no_return=point_of_no_return,
            observe_days=observe_days,
            server=server,
            notes=tuple(notes),
        ),
    )
