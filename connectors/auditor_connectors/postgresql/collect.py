"""From a target to a snapshot: run every probe, tell what became of it, assemble what came."""

from __future__ import annotations

import dataclasses
import gc
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from msgspec.structs import replace

from auditor.connector import CollectOptions
from auditor.connector import Progress as Report
from auditor.errors import UnreachableError
from auditor.model.snapshot import ProbeResult, Snapshot
from auditor.model.vocabulary import ProbeOutcome
from auditor.model.workload import SlowLog
from auditor.target import Target
from auditor_connectors.postgresql.assemble import snapshot
from auditor_connectors.postgresql.assemble.bloat import ESTIMATES, worth_measuring
from auditor_connectors.postgresql.probe import Probe, Raw
from auditor_connectors.postgresql.probes import LOCKED_RELATIONS, PROBES, SLOW_LOG
from auditor_connectors.postgresql.session import Answer, Session
from auditor_connectors.postgresql.slowlog import read_slow_log
from auditor_connectors.postgresql.visibility import review

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
    slow_log, log_result = _slow_log(options.slow_log)
    with _without_garbage_collection(), Session(target, options) as session:
        run = _Run(session)
        for number, probe in enumerate(PROBES, start=1):
            result = run.probe(probe)
            if progress is not None:
                progress(result, number, len(PROBES) + 1)
        if progress is not None:
            progress(log_result, len(PROBES) + 1, len(PROBES) + 1)
        return snapshot(run.raw, [*run.results, log_result], session.identity, slow_log)


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
    """The probes of one session: the rows of those that were ``ok``, and what became of each."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self.raw: Raw = {}
        self.results: list[ProbeResult] = []

    def probe(self, probe: Probe) -> ProbeResult:
        """Run one probe, and keep its rows."""
        result = self._estimate(probe) if probe.derived_from else self._read(probe)
        self.results.append(result)
        return result

    def _read(self, probe: Probe) -> ProbeResult:
        if probe.candidates:
            self._session.candidates = worth_measuring(self.raw)
        answer = self._session.run(probe, self._find_locked)
        if probe is LOCKED_RELATIONS:
            self._note_locked(answer)
        elif answer.outcome is ProbeOutcome.OK:
            self.raw[probe.name] = answer.rows
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
        partial = review(result.probe, self.raw, self._session.identity.version)
        if partial is None:
            return result
        if partial.outcome is not ProbeOutcome.OK:
            self.raw.pop(result.probe, None)
        used = {row.schema for row in self.raw.get("tables", ())}
        schemas = sorted(row["quoted"] for row in self.raw.get("schemas", ()) if row["name"] in used)
        grant = self._session.fill(partial.grant, schemas)
        return replace(result, outcome=partial.outcome, reason=partial.reason, grant=grant)

    def _estimate(self, probe: Probe) -> ProbeResult:
        """Work out what follows from the rows of other probes; without one of them it is missing like that one."""
        started = time.perf_counter()
        for source in self.results:
            if source.probe in probe.derived_from and source.outcome is not ProbeOutcome.OK:
                reason = f"it needs {source.probe}: {source.reason}"
                return ProbeResult(probe=probe.name, outcome=source.outcome, reason=reason, grant=source.grant)
        rows = ESTIMATES[probe.name](self.raw, self._session.identity.version)
        self.raw[probe.name] = rows
        elapsed = round((time.perf_counter() - started) * 1000, 1)
        result = ProbeResult(probe=probe.name, outcome=ProbeOutcome.OK, rows=len(rows), milliseconds=elapsed)
        return self._reviewed(result)

    def _find_locked(self) -> None:
        self._note_locked(self._session.run(LOCKED_RELATIONS))

    def _note_locked(self, answer: Answer) -> None:
        """Remember the relations that statements must keep away from; one that was once locked stays left out."""
        if answer.outcome is ProbeOutcome.OK:
            known = {row["relation"]: row for row in self.raw.get(LOCKED_RELATIONS.name, ())}
            known.update({row["relation"]: row for row in answer.rows})
            self.raw[LOCKED_RELATIONS.name] = list(known.values())
            self._session.locked = sorted(known)


def _slow_log(path: Path | None) -> tuple[SlowLog | None, ProbeResult]:
    if path is None:
        return None, ProbeResult(probe=SLOW_LOG.name, outcome=ProbeOutcome.UNSUPPORTED, reason=SLOW_LOG.missing)
    started = time.perf_counter()
    log = read_slow_log(path)
    elapsed = round((time.perf_counter() - started) * 1000, 1)
    return log, ProbeResult(probe=SLOW_LOG.name, outcome=ProbeOutcome.OK, rows=log.lines, milliseconds=elapsed)


@contextmanager
def _without_garbage_collection() -> Iterator[None]:
    """Spare the search for cycles among millions of new rows and records, none of which is part of one."""
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()
