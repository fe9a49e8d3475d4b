"""Rehearses a plan: carries it out on a disposable server under the eyes of clients, and takes it back."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from auditor.connector import RehearsalOptions
from auditor.model.plan import Plan
from auditor.model.proof import Proof
from auditor_connectors.postgresql.rehearsal.preparing import prepared
from auditor_connectors.postgresql.rehearsal.proving import prove
from auditor_connectors.postgresql.rehearsal.runs import Runs
from auditor_connectors.postgresql.rehearsal.sessions import Sessions


def rehearse(plan: Plan, options: RehearsalOptions, tell: Callable[[str], None]) -> Proof:
    """Rehearse a plan on a server started for it, or on the database that the options name.

    Raises:
        UsageError: the database may not be used, or there is no server, no client program or no room.
        UnreachableError: a server cannot be reached or refuses the login.

    """
    with prepared(options, tell, plan) as ready:
        return rehearse_on(
            ready.url,
            plan,
            options,
            tell,
            statements=[one.text for one in ready.snapshot.workload.statements],
            rows=ready.rows,
            scale=ready.scale,
            left_out=ready.left_out,
        )


def rehearse_on(
    url: str,
    plan: Plan,
    options: RehearsalOptions,
    tell: Callable[[str], None],
    *,
    statements: Sequence[str] = (),
    rows: int = 0,
    scale: float = 1.0,
    left_out: tuple[str, ...] = (),
) -> Proof:
    """Rehearse a plan on a database that is filled and may be spoilt.

    ``statements`` are those of the audited workload, for clients to ask as well. ``rows``, ``scale`` and ``left_out``
    tell the proof what the database is. An interruption ends the rehearsal early: the proof then holds what was
    measured so far.

    Raises:
        UsageError: ``pg_dump`` is missing, or too old for the server.

    """
    with Sessions(url) as sessions:
        runs = Runs(sessions, plan, options, statements, tell)
        runs.go()
        return prove(plan, runs.record, sessions.control, scale=scale, rows=rows, left_out=left_out)
