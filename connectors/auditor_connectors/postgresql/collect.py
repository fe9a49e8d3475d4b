"""From a target to a snapshot: run every probe, tell what became of it, assemble what came."""

from __future__ import annotations

import dataclasses
import gc
import os
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from threading import Event, Thread
from types import TracebackType
from typing import Any, Self

from msgspec.structs import replace

from auditor.connector import CollectOptions
from auditor.connector import Progress as Report
from auditor.errors import UnreachableError
from auditor.model.snapshot import ProbeResult, Snapshot
from auditor.model.vocabulary import ProbeOutcome
from auditor.target import Target
from auditor_connectors.answer import Answer
from auditor_connectors.postgresql.assemble import snapshot
from auditor_connectors.postgresql.assemble.bloat import ESTIMATES, worth_measuring
from auditor_connectors.postgresql.probe import Probe
from auditor_connectors.postgresql.probes import LOCKED_RELATIONS, PROBES
from auditor_connectors.postgresql.session import Session
from auditor_connectors.postgresql.slowlog import read_slow_log
from auditor_connectors.postgresql.visibility import review
from auditor_connectors.slowlog import read_beside

_TURN = 0.0005
"""Seconds after which a thread hands over to another one that waits; the interpreter's default is ten times that."""

_PATIENCE = 1.0
"""Seconds that a cancelled statement has to end before it is cancelled again."""

_DATABASES = Probe(
    name="databases",
    purpose="name the databases that this role may connect to",
    sql="""
SELECT datname::text AS name
  FROM pg_catalog.pg_database
 WHERE datallowconn AND NOT datistemplate AND has_database_privilege(oid, 'CONNECT')
 ORDER BY datname
""",
)


def collect(target: Target, options: CollectOptions, progress: Report | None = None) -> Snapshot:
    """Read the target.

    Raises:
        UsageError: the URL has an option that the client library does not know, or the log file cannot be read.
        UnreachableError: the server cannot be reached or refuses the login.

    """
    slow_log, log_result = read_beside(options.slow_log, read_slow_log)
    with _briskly(), Session(target, options) as session:
        identity = session.identity
        with _Run(session, log_result, progress) as run:
            return snapshot(Arriving(run), run.results, identity, slow_log)


def databases(target: Target, options: CollectOptions) -> list[str]:
    """Name the databases of the server that can be audited one by one, sorted.

    A URL that names no database would mean one that is called like the user: the maintenance database is asked instead.

    Raises:
        UsageError: the URL has an option that the client library does not know.
        UnreachableError: the server cannot be reached or refuses the login.

    """
    if target.database is None and "PGDATABASE" not in os.environ:
        target = dataclasses.replace(target, database="postgres")
    with Session(target, options) as session:
        answer = session.run(_DATABASES)
    if answer.outcome is not ProbeOutcome.OK:
        raise UnreachableError(f"cannot list the databases of {target.masked}: {answer.reason}")
    return sorted(row["name"] for row in answer.rows)


class _Run:
    """The probes of one session: the rows of those that were ``ok``, and what became of each. A context manager.

    They run one after the other in a thread of their own, so that their rows can be assembled while the server works
    on the next ones. At the end of the context nothing runs any more: an exception in it cancels the statement at work.
    """

    def __init__(self, session: Session, log_result: ProbeResult, progress: Report | None) -> None:
        self._session = session
        self._progress = progress
        self._results: list[ProbeResult] = []
        self._log_result = log_result
        self._raw: dict[str, list[Any]] = {}
        self._over = {probe.name: Event() for probe in PROBES}
        self._ended = Event()
        self._stopped = False
        self._error: BaseException | None = None
        self._thread = Thread(target=self._work, name="probes", daemon=True)

    def __enter__(self) -> Self:
        """Start the probes."""
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Wait for the probes, or stop them if something went wrong meanwhile."""
        self._stopped = error is not None
        while self._stopped and not self._ended.is_set():
            self._session.cancel()
            self._ended.wait(_PATIENCE)
        self._thread.join()

    def results(self) -> list[ProbeResult]:
        """What became of every probe, once all are over."""
        self._ended.wait()  # not the thread, which an interruption while it is waited for makes look ended
        self._raise()
        return self._results

    def rows(self, name: str) -> list[Any] | None:
        """The rows of a probe once it is over; None if it was not ``ok``."""
        self._over[name].wait()
        self._raise()
        return self._raw.get(name)

    def _raise(self) -> None:
        if self._error is not None:
            raise self._error

    def _work(self) -> None:
        try:
            for probe in PROBES:
                if self._stopped:
                    return
                self._tell(self._estimate(probe) if probe.derived_from else self._read(probe))
                if probe is not LOCKED_RELATIONS:  # any later probe may meet another lock
                    self._over[probe.name].set()
            self._tell(self._log_result)
        except BaseException as error:  # noqa: BLE001 -- it is raised in the thread that waits for the rows
            self._error = error
        finally:
            for event in (*self._over.values(), self._ended):
                event.set()

    def _tell(self, result: ProbeResult) -> None:
        self._results.append(result)
        if self._progress is not None:
            self._progress(result, len(self._results), len(PROBES) + 1)

    def _read(self, probe: Probe) -> ProbeResult:
        if probe.candidates:
            self._session.candidates = worth_measuring(self._raw)
        answer = self._session.run(probe, self._find_locked)
        if probe is LOCKED_RELATIONS:
            self._note_locked(answer)
        elif answer.outcome is ProbeOutcome.OK:
            self._raw[probe.name] = answer.rows
        result = ProbeResult(
            probe=probe.name,
            outcome=answer.outcome,
            rows=len(answer.rows),
            milliseconds=answer.milliseconds,
            reason=answer.reason,
            grant=self._session.fill(probe.grant) if answer.outcome is ProbeOutcome.DENIED else None,
        )
        return self._reviewed(result) if answer.outcome is ProbeOutcome.OK else result

    def _reviewed(self, result: ProbeResult) -> ProbeResult:
        """Say what a probe that was ``ok`` could see only in part."""
        partial = review(result.probe, self._raw, self._session.identity.version)
        if partial is None:
            return result
        if partial.outcome is not ProbeOutcome.OK:
            self._raw.pop(result.probe, None)
        used = {row.schema for row in self._raw.get("tables", ())}
        schemas = sorted(row["quoted"] for row in self._raw.get("schemas", ()) if row["name"] in used)
        grant = self._session.fill(partial.grant, schemas)
        return replace(result, outcome=partial.outcome, reason=partial.reason, grant=grant)

    def _estimate(self, probe: Probe) -> ProbeResult:
        """Work out what follows from the rows of other probes; without one of them it is missing like that one."""
        started = time.perf_counter()
        for source in self._results:
            if source.probe in probe.derived_from and source.outcome is not ProbeOutcome.OK:
                reason = f"it needs {source.probe}: {source.reason}"
                return ProbeResult(probe=probe.name, outcome=source.outcome, reason=reason, grant=source.grant)
        rows = ESTIMATES[probe.name](self._raw, self._session.identity.version)
        self._raw[probe.name] = rows
        elapsed = round((time.perf_counter() - started) * 1000, 1)
        result = ProbeResult(probe=probe.name, outcome=ProbeOutcome.OK, rows=len(rows), milliseconds=elapsed)
        return self._reviewed(result)

    def _find_locked(self) -> None:
        self._note_locked(self._session.run(LOCKED_RELATIONS))

    def _note_locked(self, answer: Answer) -> None:
        """Remember the relations that statements must keep away from; one that was once locked stays left out."""
        if answer.outcome is ProbeOutcome.OK:
            known = {row["relation"]: row for row in self._raw.get(LOCKED_RELATIONS.name, ())}
            known.update({row["relation"]: row for row in answer.rows})
            self._raw[LOCKED_RELATIONS.name] = list(known.values())
            self._session.locked = sorted(known)


class Arriving(Mapping[str, list[Any]]):
    """The rows of the probes as they arrive: who asks for those of a probe waits until it is over."""

    def __init__(self, run: _Run) -> None:
        self._run = run

    def __getitem__(self, name: str) -> list[Any]:
        """Return the rows of a probe that was ``ok``."""
        rows = self._run.rows(name)
        if rows is None:
            raise KeyError(name)
        return rows

    def __iter__(self) -> Iterator[str]:
        """Name the probes that were ``ok``, once all are over."""
        return (result.probe for result in self._run.results() if result.probe in self)

    def __len__(self) -> int:
        """Count the probes that were ``ok``, once all are over."""
        return sum(1 for _ in self)


@contextmanager
def _briskly() -> Iterator[None]:
    """Spare the search for cycles among millions of new records that are part of none, and let threads alternate.

    The thread that reads from the server is woken for every few kilobytes: each time it would wait for its turn.
    """
    enabled, interval = gc.isenabled(), sys.getswitchinterval()
    gc.disable()
    sys.setswitchinterval(_TURN)
    try:
        yield
    finally:
        sys.setswitchinterval(interval)
        if enabled:
            gc.enable()
