"""The kinds of step that recipes are made of, each with its protocol of timeouts, retries and transactions.

``brief``: a change of the catalog alone, in one transaction, under a lock that others queue behind.
``scan``: long work under a lock that lets reads and writes pass, in one transaction.
``online``: long work that takes care of its own transactions, such as building an index concurrently.
``runbook``: something that people or other programs do, with the statements and configuration lines that there are.
"""

from __future__ import annotations

import functools
from collections.abc import Iterable, Iterator, Mapping

from msgspec.structs import replace

from auditor.connector import Draft
from auditor.model.facts import Facts
from auditor.model.plan import Deploy, Step
from auditor.model.vocabulary import Blocks, Phase
from auditor_connectors.postgresql.recipes import estimates
from auditor_connectors.postgresql.recipes.estimates import (
    BRIEF_SECONDS,
    LOCK_TIMEOUT_SECONDS,
    MAX_TRIES,
    Estimate,
    human_seconds,
    last_try_timeout,
    pause_between_tries,
)
from auditor_connectors.postgresql.recipes.locking import queued_seconds
from auditor_connectors.postgresql.recipes.queries import any_of

ACCESS_EXCLUSIVE = "ACCESS EXCLUSIVE"
EXCLUSIVE = "EXCLUSIVE"
SHARE_ROW_EXCLUSIVE = "SHARE ROW EXCLUSIVE"
SHARE = "SHARE"
SHARE_UPDATE_EXCLUSIVE = "SHARE UPDATE EXCLUSIVE"
ROW_EXCLUSIVE = "ROW EXCLUSIVE"
ACCESS_SHARE = "ACCESS SHARE"

# Manual, "Explicit Locking", table 13.2: reading takes ACCESS SHARE, writing ROW EXCLUSIVE.
BLOCKS: Mapping[str | None, Blocks] = {
    None: Blocks.NOTHING,
    ACCESS_SHARE: Blocks.NOTHING,
    ROW_EXCLUSIVE: Blocks.NOTHING,
    SHARE_UPDATE_EXCLUSIVE: Blocks.NOTHING,
    SHARE: Blocks.WRITES,
    SHARE_ROW_EXCLUSIVE: Blocks.WRITES,
    EXCLUSIVE: Blocks.WRITES,
    ACCESS_EXCLUSIVE: Blocks.EVERYTHING,
}

STATEMENT_TIMEOUT_SECONDS = 5
"""Ends a brief step that turns out to be long (an unforeseen scan) before it becomes an outage."""

OBSERVATION_DAYS = 31
"""How long what has taken over is watched before the old is dropped: a month's end is always among the days."""

ROW_LOCK_TIMEOUT = "'200ms'"
"""For batches of rows: shorter than ``deadlock_timeout``, so that they give way before the server chooses a victim."""

PATIENCE = "10s"
"""How long to queue for a lock that nobody else queues behind: an autovacuum gives way within that time."""

SHORT_TIMEOUTS = (
    f"SET LOCAL lock_timeout = '{LOCK_TIMEOUT_SECONDS * 1000:.0f}ms'",
    f"SET LOCAL statement_timeout = '{STATEMENT_TIMEOUT_SECONDS}s'",
)
LONG_TIMEOUTS = (
    f"SET LOCAL lock_timeout = '{PATIENCE}'",
    f"SET LOCAL statement_timeout = '{3 * STATEMENT_TIMEOUT_SECONDS}s'",
)

CATALOG_ONLY = Estimate(BRIEF_SECONDS, "a change of the catalog alone, whatever the table's size")

REPLAYED = "Replicas take this lock too when they replay it: first see that no long query runs there on the table."
LEFTOVER = "If it is interrupted, an invalid index stays behind: drop it concurrently, then run the step again."


def brief(
    facts: Facts,
    phase: Phase,
    title: str,
    *statements: str,
    lock: str = ACCESS_EXCLUSIVE,
    takes: Estimate = CATALOG_ONLY,
    verify: str | None = None,
    precondition: str | None = None,
    rollback: Iterable[str] = (),
    reversible: bool = True,
    point_of_no_return: bool = False,
    observe_days: int = 0,
    deploy: Deploy | None = None,
    notes: Iterable[str] = (),
) -> Draft:
    """Draft a change that holds its lock for an instant, and gives up soon when it has to queue for it."""
    blocks = BLOCKS[lock]
    waits, queued = blocks is not Blocks.NOTHING, queued_seconds(statements)
    longest = (LOCK_TIMEOUT_SECONDS + queued) * 1000
    wait = f"; others wait at most {longest:.0f} ms more per try while it queues for its lock"
    return Draft(
        phase=phase,
        step=Step(
            id="",
            operation="",
            title=title,
            statements=(*(SHORT_TIMEOUTS if waits else LONG_TIMEOUTS), *statements),
            lock=lock,
            blocks=blocks,
            blocking_seconds=LOCK_TIMEOUT_SECONDS + queued + (takes.value or 0.0) if waits else 0.0,
            duration_seconds=takes.value,
            wal_bytes=estimates.calibration(facts).log_brief_bytes if takes.wal is None else takes.wal,
            basis=takes.basis + (wait if waits else ""),
            precondition=precondition,
            verify=verify,
            rollback=undo(rollback),
            reversible=reversible,
            point_of_no_return=point_of_no_return,
            observe_days=observe_days,
            deploy=deploy,
            notes=(*notes, *_care(facts, lock)),
        ),
    )


def scan(
    phase: Phase,
    title: str,
    *statements: str,
    takes: Estimate,
    lock: str = SHARE_UPDATE_EXCLUSIVE,
    verify: str | None = None,
    precondition: str | None = None,
    rollback: Iterable[str] = (),
    notes: Iterable[str] = (),
) -> Draft:
    """Draft long work in one transaction under a lock that lets reads and writes pass."""
    return Draft(
        phase=phase,
        step=Step(
            id="",
            operation="",
            title=title,
            statements=(f"SET LOCAL lock_timeout = '{PATIENCE}'", "SET LOCAL statement_timeout = 0", *statements),
            lock=lock,
            blocks=BLOCKS[lock],
            blocking_seconds=0.0 if BLOCKS[lock] is Blocks.NOTHING else takes.value,
            duration_seconds=takes.value,
            wal_bytes=takes.wal,
            basis=takes.basis,
            precondition=precondition,
            verify=verify,
            rollback=undo(rollback),
            notes=tuple(notes),
        ),
    )


def online(
    phase: Phase,
    title: str,
    *statements: str,
    takes: Estimate,
    disk: Estimate | None = None,
    lock: str = SHARE_UPDATE_EXCLUSIVE,
    lock_timeout: str = "0",
    verify: str | None = None,
    precondition: str | None = None,
    rollback: Iterable[str] = (),
    reversible: bool = True,
    observe_days: int = 0,
    notes: Iterable[str] = (),
) -> Draft:
    """Draft long work that may not stand in a transaction block.

    Nobody waits for its lock, so it may queue without end: a timeout would leave an index half built.
    """
    return Draft(
        phase=phase,
        step=Step(
            id="",
            operation="",
            title=title,
            statements=(f"SET lock_timeout = {lock_timeout}", "SET statement_timeout = 0", *statements),
            transactional=False,
            lock=lock,
            blocks=BLOCKS[lock],
            blocking_seconds=0.0,
            duration_seconds=takes.value,
            wal_bytes=takes.wal,
            disk_bytes=None if disk is None or disk.value is None else int(disk.value),
            basis="; ".join(part for part in (takes.basis, disk.basis if disk else "") if part),
            precondition=precondition,
            verify=verify,
            rollback=undo(rollback),
            reversible=reversible,
            observe_days=observe_days,
            notes=tuple(notes),
        ),
    )


def runbook(
    phase: Phase,
    title: str,
    *statements: str,
    notes: Iterable[str],
    transactional: bool = False,
    verify: str | None = None,
    precondition: str | None = None,
    rollback: Iterable[str] = (),
    reversible: bool = True,
    point_of_no_return: bool = False,
    seconds: float | None = None,
    blocks: Blocks = Blocks.NOTHING,
    blocking_seconds: float | None = 0.0,
    disk_bytes: int | None = None,
    wal_bytes: int | None = None,
    basis: str = "done by people: no estimate",
    once: str | None = None,
) -> Draft:
    """Draft what people or other programs do. A note that starts with ``$ `` is a command for a shell."""
    return Draft(
        phase=phase,
        once=once,
        step=Step(
            id="",
            operation="",
            title=title,
            statements=tuple(statements),
            transactional=transactional,
            blocks=blocks,
            blocking_seconds=blocking_seconds,
            duration_seconds=seconds,
            wal_bytes=wal_bytes,
            disk_bytes=disk_bytes,
            basis=basis,
            precondition=precondition,
            verify=verify,
            rollback=tuple(rollback),
            reversible=reversible,
            point_of_no_return=point_of_no_return,
            notes=tuple(notes),
        ),
    )


def until(done: str, drafts: Iterable[Draft]) -> Iterator[Draft]:
    """Let drafts that prepare a switch count as done from the switch on, which takes away what they made.

    ``done`` is a query of the catalog that is true once it has taken place. Without it a second passage of the plan
    would make everything again.
    """
    for draft in drafts:
        step = draft.step
        asked = step.verify is not None and not step.server
        yield replace(draft, step=replace(step, verify=any_of(done, step.verify or ""))) if asked else draft


def in_phases(drafts: Iterable[Draft]) -> list[Draft]:
    """Put drafts that do not build on each other into the order of their phases."""
    return sorted(drafts, key=lambda draft: Phase(draft.phase).rank)


def atomically(*statements: str) -> tuple[str, ...]:
    """Wrap statements that undo a step only together: they are otherwise run one by one."""
    return ("BEGIN", *statements, "COMMIT")


def undo(statements: Iterable[str]) -> tuple[str, ...]:
    """Give the statements that undo a step their timeouts: short ones, none for builds and scans that block nobody.

    Nor is there one for batches, which commit one by one.
    """
    result: list[str] = []
    present = None
    for statement in statements:
        wanted = next((timeouts for part, timeouts in _PATIENT if part in statement), _BRIEF)
        if wanted != present and (not result or result[-1] != "BEGIN"):
            result += wanted
            present = wanted
        result.append(statement)
    return tuple(result)


_BRIEF = tuple(statement.replace("SET LOCAL", "SET") for statement in SHORT_TIMEOUTS)
_SCAN = (f"SET lock_timeout = '{PATIENCE}'", "SET statement_timeout = 0")
_ONLINE = ("SET lock_timeout = 0", "SET statement_timeout = 0")
_BATCHES = (f"SET lock_timeout = {ROW_LOCK_TIMEOUT}", "SET statement_timeout = 0")
_PATIENT = (("CONCURRENTLY", _ONLINE), (" VALIDATE CONSTRAINT ", _SCAN), ("\n    COMMIT;\n", _BATCHES))


def _care(facts: Facts, lock: str) -> tuple[str, ...]:
    """Say what a lock that others wait for asks for: patience here, and on replicas, which take it too."""
    if BLOCKS[lock] is Blocks.NOTHING:
        return ()
    retry = _retry(last_try_timeout(facts))
    return (REPLAYED, retry) if lock == ACCESS_EXCLUSIVE and facts.server.replicas else (retry,)


@functools.cache
def _retry(last: float) -> str:
    """Say how to try again; one text for all steps of a server."""
    return (
        f"On a lock timeout nothing has changed: try again, at most {MAX_TRIES} times, "
        f"{human_seconds(pause_between_tries(last))} apart; the last time with lock_timeout = '{last * 1000:.0f}ms', "
        "longer than deadlock_timeout, so that an autovacuum gives way."
    )
