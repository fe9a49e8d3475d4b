"""Runs a case of a case file: builds its objects on a real server, audits them, and compares what was found."""

from __future__ import annotations

import contextlib
import queue
import re
import secrets
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime, timedelta
from types import TracebackType
from typing import Any, Self

import psycopg
from msgspec.structs import replace
from psycopg import sql
from psycopg.pq import TransactionStatus

from auditor.checking import CheckRun, run_check
from auditor.connector import CollectOptions
from auditor.model.facts import Facts
from auditor.model.finding import CheckResult, Finding
from auditor.model.snapshot import Snapshot
from auditor.model.vocabulary import Outcome
from auditor.registry import connector_for, load_checks
from auditor.target import parse_target
from auditor_connectors.postgresql.embedded import Server
from tests.case_format import NEWEST, Case, CaseError, Expectation, Statement
from tests.servers import FULL, AnyServer, Database, Pool, connect, fresh_database

_BACKGROUND_SECONDS = 2.0
_PATIENCE_SECONDS = 20.0
# Before version 15 a collector process keeps the counters, and a reader may see them half a second old:
# PGSTAT_STAT_INTERVAL in src/backend/postmaster/pgstat.c of PostgreSQL 14.
_COLLECTOR_SECONDS = 0.6


def engine_of(case: Case, major: int) -> str:
    """The engine that a case runs on."""
    return FULL if (case.full_build or case.tls) and major == NEWEST else f"postgresql-{major}"


def run_case(case: Case, major: int, pool: Pool) -> CheckRun:
    """Build the objects of a case on a server of this version, audit them, and run the case's check alone.

    Raises:
        CaseError: a statement of the case failed.

    """
    with contextlib.ExitStack() as stack:
        engine = engine_of(case, major)
        if case.exclusive:
            server: AnyServer = stack.enter_context(pool.own(engine, case.settings, case.hba))
        else:
            server = pool.shared(engine, case.settings, case.hba)
        audited = server
        if case.replica and isinstance(server, Server):
            standby = stack.enter_context(Server(primary=server))
            audited = standby if case.replica == "audited" else server
        database = stack.enter_context(fresh_database(server, keep=case.exclusive))
        _reset_statements(server)
        sessions = stack.enter_context(_Sessions(case, database))
        sessions.run()
        user, password = stack.enter_context(_auditor(case, server)) if case.roles is not None else (None, None)
        if audited is not server:
            _wait_for_replay(server, audited)
        url = audited.url(database.name, user, password) if user else audited.url(database.name)
        snapshot = _collect(case, url, audited)
        sessions.check()
    return run_check(load_checks()[case.check], Facts(shifted(snapshot, case.after_days)), case.limits)


def problems(case: Case, result: CheckResult, findings: Sequence[Finding]) -> list[str]:
    """What is not as the case expects it, in words."""
    reason = f" ({result.reason})" if result.reason else ""
    if result.outcome is Outcome.ERROR:
        return [f"the check raised {result.reason}"]
    missing, surplus = _match(case.expected, findings)
    found = [f"expected, but not found: {expectation}" for expectation in missing]
    found += [f"found, but not expected: {_finding_text(finding)}" for finding in surplus]
    outcomes = {None: {"failed"}, "nothing": {"passed", "not-applicable"}}.get(case.outcome, {case.outcome})
    if not found and result.outcome.value not in outcomes:
        found.append(f"the outcome is {result.outcome}{reason}, not {' or '.join(sorted(map(str, outcomes)))}")
    elif found and result.reason:
        found.append(f"the outcome is {result.outcome}{reason}")
    return found


def _match(expected: Sequence[Expectation], findings: Sequence[Finding]) -> tuple[list[Expectation], list[Finding]]:
    """Pair expectations with findings, exact names before patterns; return what is left of both."""
    surplus, missing = list(findings), []
    for expectation in sorted(expected, key=lambda one: one.pattern):
        for finding in surplus:
            if (
                expectation.matches(finding.subject.kind, finding.subject.name)
                and expectation.severity in {None, finding.severity}
                and expectation.confidence in {None, finding.confidence}
            ):
                surplus.remove(finding)
                break
        else:
            missing.append(expectation)
    return missing, surplus


def _finding_text(finding: Finding) -> str:
    subject = finding.subject
    return f"{subject.kind} {subject.name!r} {finding.severity} {finding.confidence}: {finding.explanation}"


def _collect(case: Case, url: str, audited: AnyServer) -> Snapshot:
    connector = connector_for("postgresql")
    target = parse_target(url, connector.schemes, connector.example)
    slow_log = audited.log if case.slow_log and isinstance(audited, Server) else None
    return connector.collect(target, CollectOptions(slow_log=slow_log))


def shifted(snapshot: Snapshot, days: float) -> Snapshot:
    """The snapshot as if it had been taken later."""
    if not days:
        return snapshot
    target = snapshot.target
    moment = datetime.fromisoformat(target.collected_at) + timedelta(days=days)
    text = moment.isoformat().replace("+00:00", "Z" if target.collected_at.endswith("Z") else "+00:00")
    window = None if target.stats_days is None else target.stats_days + days
    return replace(snapshot, target=replace(target, collected_at=text, stats_days=window))


def _reset_statements(server: AnyServer) -> None:
    with connect(server) as admin:
        if admin.execute("SELECT 1 FROM pg_extension WHERE extname = 'pg_stat_statements'").fetchone():
            admin.execute("SELECT pg_stat_statements_reset()")


@contextlib.contextmanager
def _auditor(case: Case, server: AnyServer) -> Iterator[tuple[str, str]]:
    """Make a login role that is a member of the case's roles and nothing else; the value is its name and password."""
    user, password = f"auditor_case_{secrets.token_hex(4)}", secrets.token_urlsafe(12)
    with connect(server) as admin:
        admin.execute(sql.SQL("CREATE ROLE {} LOGIN PASSWORD {}").format(sql.Identifier(user), password))
        try:
            for role in case.roles or ():
                admin.execute(sql.SQL("GRANT {} TO {}").format(sql.Identifier(role), sql.Identifier(user)))
            yield user, password
        finally:
            admin.execute(sql.SQL("DROP ROLE {}").format(sql.Identifier(user)))


def _wait_for_replay(primary: AnyServer, standby: AnyServer) -> None:
    with connect(primary) as one, connect(standby) as other:
        position = one.execute("SELECT pg_current_wal_lsn()").fetchone()
        _until(
            lambda: other.execute("SELECT pg_last_wal_replay_lsn() >= %s::pg_lsn", position).fetchone() == (True,),
            "the replica has replayed everything",
        )


def _until(condition: Callable[[], bool], what: str, seconds: float = _PATIENCE_SECONDS) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            raise TimeoutError(f"after {seconds} s it is still not so that {what}")
        time.sleep(0.01)


class _Background:
    """A session whose statements run in a thread, because they may wait for somebody."""

    def __init__(self, connection: psycopg.Connection[Any]) -> None:
        self.connection = connection
        self.queue: queue.Queue[tuple[Case, Statement] | None] = queue.Queue()
        self.error: CaseError | None = None
        self.thread = threading.Thread(target=self._work, daemon=True)
        self.thread.start()

    def _work(self) -> None:
        while (item := self.queue.get()) is not None:
            try:
                _execute(self.connection, *item)
            except CaseError as error:
                self.error = self.error or error
            finally:
                self.queue.task_done()

    def idle(self) -> bool:
        """Whether all its statements are done."""
        return self.queue.unfinished_tasks == 0


class _Sessions:
    """The connections of a case."""

    def __init__(self, case: Case, database: Database) -> None:
        self.case, self.database = case, database
        self.admin = connect(database.server)
        self.connections: dict[str, psycopg.Connection[tuple[Any, ...]]] = {}
        self.background: dict[str, _Background] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for name, connection in self.connections.items():
            if name in self.background:
                self.background[name].queue.put(None)
                self.admin.execute("SELECT pg_terminate_backend(%s)", (connection.info.backend_pid,))
                self.background[name].thread.join(_PATIENCE_SECONDS)
            connection.close()
        self.admin.close()

    def run(self) -> None:
        """Run the statements of the case; then have all counters handed in, and close the main connection."""
        for statement in self.case.statements:
            connection = self._connection(statement.session)
            if statement.background:
                self._run_behind(statement, connection)
                continue
            if statement.session in self.background:
                _until(self.background[statement.session].idle, "the session has ended its statements")
            _execute(connection, self.case, statement)
        for name, connection in self.connections.items():
            if name and name not in self.background:
                _hand_in_counters(connection)
        self._close_main()
        self.check()

    def check(self) -> None:
        """Tell what went wrong in the background.

        Raises:
            CaseError: a statement failed.

        """
        for session in self.background.values():
            if session.error is not None:
                raise session.error

    def _connection(self, name: str) -> psycopg.Connection[tuple[Any, ...]]:
        if name not in self.connections:
            self.connections[name] = self.database.connect()
        return self.connections[name]

    def _run_behind(self, statement: Statement, connection: psycopg.Connection[Any]) -> None:
        """Start a statement and go on when it is done, when it waits for something, or after a while."""
        if statement.session not in self.background:
            self.background[statement.session] = _Background(connection)
        session = self.background[statement.session]
        session.queue.put((self.case, statement))
        waits = "SELECT 1 FROM pg_stat_activity WHERE pid = %s AND state = 'active' AND wait_event IS NOT NULL"
        deadline = time.monotonic() + _BACKGROUND_SECONDS
        while not session.idle() and time.monotonic() < deadline:
            if self.admin.execute(waits, (connection.info.backend_pid,)).fetchone():
                return
            time.sleep(0.01)

    def _close_main(self) -> None:
        main = self.connections.pop("", None)
        if main is None:
            return
        pid, version = main.info.backend_pid, main.info.server_version
        main.close()
        # A backend hands in its counters before it disappears.
        gone = "SELECT NOT EXISTS (SELECT FROM pg_stat_activity WHERE pid = %s)"
        _until(lambda: self.admin.execute(gone, (pid,)).fetchone() == (True,), "the main session has ended")
        if version < 150000:
            time.sleep(_COLLECTOR_SECONDS)


def _hand_in_counters(connection: psycopg.Connection[Any]) -> None:
    """Let a session count what it has done up to now."""
    if connection.info.transaction_status is not TransactionStatus.IDLE:
        return
    if connection.info.server_version >= 150000:
        connection.execute("SELECT pg_stat_force_next_flush()")
    else:
        time.sleep(_COLLECTOR_SECONDS)
        connection.execute("SELECT 1")  # counters are handed in after a statement, but not more often than that


def _execute(connection: psycopg.Connection[Any], case: Case, statement: Statement) -> None:
    """Run a statement as often as it says.

    Counters are handed in before a VACUUM or ANALYZE: what these report is added to what comes later, so that rows
    inserted within the last second would count twice.

    Raises:
        CaseError: it failed; the message names its line.

    """
    try:
        if re.match(r"(?i)vacuum|analyze", statement.text):
            _hand_in_counters(connection)
        for _ in range(statement.repeat):
            connection.execute(statement.text.encode())
    except psycopg.Error as error:
        message = f"{case.path.name}:{statement.line}: {str(error).strip()}\n{statement.text[:400]}"
        raise CaseError(message) from None
