"""The kinds of step that recipes are made of.

``change``: one ALTER TABLE, with a short wait for its metadata lock. ``looked``: a query whose answer people read.
``runbook``: something that people or other programs do.

No statement that changes a structure can be taken back by a transaction here, so no step is transactional, and each
holds one such statement: what is tried again after a timeout has changed nothing before.
"""

from __future__ import annotations

from collections.abc import Iterable

from auditor.connector import Draft
from auditor.model.facts import Facts
from auditor.model.plan import Step
from auditor.model.vocabulary import Blocks, Phase
from auditor_connectors.mysql.recipes.accepted import Way
from auditor_connectors.mysql.recipes.estimates import (
    LOCK_WAIT_SECONDS,
    MAX_TRIES,
    PAUSE_SECONDS,
    SPREAD,
    Estimate,
)

EXCLUSIVE = "exclusive metadata lock"
SHARED = "LOCK=SHARED"

OBSERVATION_DAYS = 31
"""How long what has taken over is watched before the old is dropped: a month's end is always among the days."""

HIDDEN_DAYS = 7
"""How long an index that nothing is said to need is hidden before it is dropped: every weekday is among the days."""

SHORT_WAIT = f"SET SESSION lock_wait_timeout = {LOCK_WAIT_SECONDS}"

RETRY = (
    f"On a lock wait timeout (error 1205) nothing has changed: try again, at most {MAX_TRIES} times, {PAUSE_SECONDS} s "
    "apart. What holds the lock is a transaction that has used the table and is still open: find it in "
    "information_schema.INNODB_TRX."
)
AT_ITS_END = (
    "At its end it needs the lock once more: a transaction that is open on the table then makes it give up, and start "
    "over. Hold back long transactions and backups meanwhile."
)
ONLINE_LOG_FULL = (
    "If clients write more meanwhile than innodb_online_alter_log_max_size holds, it fails (error 1799) and changes "
    "nothing: raise that for the time."
)
REPLAYED = (
    "Each replica replays it after the source is done, for as long as it took there, and lags by that much: let nobody "
    "who needs fresh rows read there, and take care that a failover would wait."
)

BY_PEOPLE = Estimate(None, None, "done by people: no estimate")

TWO_PHASES = 100801
"""The version of MariaDB from which on a replica can begin a change with its source: binlog_alter_two_phase."""


def change(
    facts: Facts,
    phase: Phase,
    title: str,
    statement: str,
    found: Way,
    *,
    takes: Estimate,
    before: Iterable[str] = (),
    after: Iterable[str] = (),
    verify: str | None = None,
    precondition: str | None = None,
    rollback: Iterable[str] = (),
    reversible: bool = True,
    point_of_no_return: bool = False,
    observe_days: int = 0,
    notes: Iterable[str] = (),
) -> Draft:
    """Draft one statement that changes a structure; ``before`` and ``after`` are settings of its session."""
    seconds, long = takes.seconds, not found.is_instant and takes.disk is not None
    waits = f"; others wait at most {LOCK_WAIT_SECONDS} s per try while it queues for its metadata lock"
    if found.blocks_writes:
        blocking = None if seconds is None else seconds + LOCK_WAIT_SECONDS
        waits = "; writes wait for as long as it takes, reads go on"
    else:
        blocking = float(LOCK_WAIT_SECONDS)
    lag = _lag(facts, seconds) if long else None
    care = (*notes, RETRY, *((AT_ITS_END,) if long else ()), *((ONLINE_LOG_FULL,) if _keeps_log(found, long) else ()))
    return Draft(
        phase=phase,
        step=Step(
            id="",
            operation="",
            title=title,
            statements=(SHORT_WAIT, *before, statement, *after),
            transactional=False,
            lock=SHARED if found.blocks_writes else EXCLUSIVE,
            blocks=Blocks.WRITES if found.blocks_writes else Blocks.EVERYTHING,
            blocking_seconds=blocking,
            duration_seconds=seconds,
            duration_p90_seconds=None if seconds is None else round(seconds * SPREAD + LOCK_WAIT_SECONDS, 3),
            disk_bytes=takes.disk,
            replica_lag_seconds=lag,
            basis=takes.basis + waits,
            precondition=precondition,
            verify=verify,
            rollback=undo(rollback),
            reversible=reversible,
            point_of_no_return=point_of_no_return,
            observe_days=observe_days,
            notes=(*care, *((REPLAYED,) if lag else ())),
        ),
    )


def _keeps_log(found: Way, long: bool) -> bool:
    return long and found.lock == "NONE" and found.algorithm != "COPY"


def _lag(facts: Facts, seconds: float | None) -> float | None:
    """Seconds by which replicas fall behind: as long as the change takes, unless they begin it with their source."""
    if not facts.server.replicas or seconds is None:
        return None
    early = facts.target.engine == "mariadb" and facts.version >= TWO_PHASES
    return 0.0 if early and (facts.setting("binlog_alter_two_phase") or "").upper() in ("ON", "1") else seconds


def undo(statements: Iterable[str]) -> tuple[str, ...]:
    """Give the statements that take a step back their short wait."""
    found = tuple(statements)
    return (SHORT_WAIT, *found) if found else ()


def looked(
    phase: Phase, title: str, query: str, *, takes: Estimate, verify: str, notes: Iterable[str], lock: bool = False
) -> Draft:
    """Draft a query over rows: it blocks nothing but other changes of the structure."""
    return Draft(
        phase=phase,
        step=Step(
            id="",
            operation="",
            title=title,
            statements=(query,),
            transactional=False,
            lock="shared metadata lock" if lock else None,
            blocking_seconds=0.0,
            duration_seconds=takes.seconds,
            duration_p90_seconds=None if takes.seconds is None else round(takes.seconds * SPREAD, 3),
            basis=takes.basis,
            verify=verify,
            notes=tuple(notes),
        ),
    )


def runbook(
    phase: Phase,
    title: str,
    *statements: str,
    notes: Iterable[str],
    verify: str | None = None,
    precondition: str | None = None,
    rollback: Iterable[str] = (),
    reversible: bool = True,
    point_of_no_return: bool = False,
    observe_days: int = 0,
    takes: Estimate = BY_PEOPLE,
    blocks: Blocks = Blocks.NOTHING,
    blocking_seconds: float | None = 0.0,
    lock: str | None = None,
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
            transactional=False,
            lock=lock,
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
            notes=tuple(notes),
        ),
    )
