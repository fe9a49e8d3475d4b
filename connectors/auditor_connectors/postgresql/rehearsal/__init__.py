"""Rehearses a plan: carries it out on a disposable server under the eyes of clients, and takes it back."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import ExitStack

import psycopg

from auditor.connector import RehearsalOptions
from auditor.errors import UnreachableError
from auditor.model.plan import Plan
from auditor.model.proof import Proof
from auditor.model.snapshot import Snapshot
from auditor.target import Target, parse_target
from auditor_connectors.postgresql.rehearsal.foreseeing import foresee
from auditor_connectors.postgresql.rehearsal.keeping import Keeper, Kept, fingerprint
from auditor_connectors.postgresql.rehearsal.preparing import prepared
from auditor_connectors.postgresql.rehearsal.proving import prove
from auditor_connectors.postgresql.rehearsal.runs import Runs
from auditor_connectors.postgresql.rehearsal.sessions import Sessions
from auditor_connectors.postgresql.rehearsal.standby import Standby, beside


def rehearse(plan: Plan, options: RehearsalOptions, tell: Callable[[str], None]) -> Proof:
    """Rehearse a plan on a server started for it, or on the database that the options name.

    Raises:
        UsageError: the database may not be used, or there is no server, no client program or no room.
        UnreachableError: a server cannot be reached or refuses the login.

    """
    keeper = Keeper(options.kept, plan, options)
    kept = keeper.find() if options.resume else None
    with prepared(options, tell, plan) as ready, ExitStack() as stack:
        standby, alone = None, ready.alone
        if ready.server is not None and not alone:
            tell("starting a standby")
            standby = stack.enter_context(beside(ready.server, ready.database))
        return rehearse_on(
            ready.url,
            plan,
            options,
            tell,
            statements=[one.text for one in ready.snapshot.workload.statements],
            rows=ready.rows,
            scale=ready.scale,
            left_out=ready.left_out,
            standby=standby,
            alone=alone,
            audited=ready.snapshot,
            here=options.on or parse_target(ready.url, ("postgresql",), ready.url),
            keeper=keeper,
            kept=kept,
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
    standby: str | None = None,
    alone: str = "",
    audited: Snapshot | None = None,
    here: Target | None = None,
    keeper: Keeper | None = None,
    kept: Kept | None = None,
) -> Proof:
    """Rehearse a plan on a database that is filled and may be spoilt.

    ``statements`` are those of the audited workload, for clients to ask as well. ``rows``, ``scale`` and ``left_out``
    tell the proof what the database is. ``standby`` is the URL of the database on a standby, and ``alone`` says why
    there is none. With the ``audited`` snapshot and the database as a target, ``here``, a pilot measures how fast the
    server works, and the estimates are made anew. An interruption ends the rehearsal early: the proof then holds what
    was measured so far. ``keeper`` keeps finished runs, and ``kept`` are those to go on after.

    Raises:
        UsageError: ``pg_dump`` is missing, or too old for the server, or what is kept is of another server or schema.
        UnreachableError: the server ended.

    """
    keeper = keeper or Keeper(None, plan, options)
    with Sessions(url) as sessions, ExitStack() as stack:
        watched = None
        if standby is not None:
            watched = stack.enter_context(Standby(standby, sessions, thorough=options.thorough))
        runs = Runs(sessions, plan, options, statements, tell, standby=watched)
        runs.record.alone = alone or runs.record.alone
        keeper.about |= {
            "server": sessions.control.info.parameter_status("server_version") or "",
            "schema": fingerprint(runs.first_schema),
        }
        if kept is not None:
            keeper.check(kept)
        try:
            if kept is None and audited is not None and here is not None:
                tell("measuring how fast the server works")
                foresee(runs.record, sessions, plan, audited, here, standby=watched)
            runs.go(keeper, kept)
        except psycopg.OperationalError:
            raise UnreachableError(
                "the server ended, or closed the connection, while the plan was rehearsed",
                "the same command with --resume goes on after the runs that are finished" if options.kept else "",
            ) from None
        return prove(plan, runs.record, sessions.control, scale=scale, rows=rows, left_out=left_out)
