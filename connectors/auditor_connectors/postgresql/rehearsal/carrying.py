"""Carries out steps as a careful person would: precondition, timeouts, tries, verification, and the way back."""

from __future__ import annotations

import re
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import Any

import psycopg
from psycopg import errors, pq

from auditor.model.plan import Step
from auditor_connectors.postgresql.recipes.estimates import LOCK_TIMEOUT_SECONDS, MAX_TRIES
from auditor_connectors.postgresql.rehearsal.losing import lose_runner
from auditor_connectors.postgresql.rehearsal.measured import LOCKS, Passage, Timed
from auditor_connectors.postgresql.rehearsal.sessions import Connection, Sessions
from auditor_connectors.postgresql.rehearsal.state import Seen, Shapes

PAUSE_SECONDS = 0.1
"""Between two tries. In production the pause keeps the stalled share of time small; here only the tries matter."""

STEP_SECONDS = 120.0
"""After this time a step is cancelled: a rehearsal is to come to an end."""

_UNVERIFIED = ("failed", "its verification does not come true")
# A step that only reads is a question to the rows, and people act upon its answer.
_UNPROVEN = ("skipped", "what it is to prove is not true of the rows here: people would have to mend them first")

_VERIFY_SECONDS = 3.0
_GONE_SECONDS = 10.0
_AGAIN = (errors.LockNotAvailable, errors.DeadlockDetected)
_THERE_ALREADY = (errors.DuplicateTable, errors.DuplicateObject, errors.DuplicateColumn, errors.DuplicateFunction)
_LOCKS_ALL = re.compile(r"LOCK TABLE .* IN ACCESS EXCLUSIVE MODE\Z", re.DOTALL)
_TIMEOUT = re.compile(r"\ASET (?:LOCAL )?lock_timeout = (?:'(?P<number>\d+)(?P<unit>ms|s|min)?'|(?P<bare>\d+))\s*\Z")
_UNITS = {None: 0.001, "ms": 0.001, "s": 1.0, "min": 60.0}
# What the server says at debug1 when it reads, writes or indexes a table's rows.
_HEAVY = re.compile(
    r'(?:(?:rewriting|verifying) table "(?P<worked>.*)"|building index ".*" on table "(?P<indexed>.*)" )', re.DOTALL
)
_FOREIGN_KEY = re.compile(r'validating foreign key constraint "(?P<name>.*)"', re.DOTALL)

_TABLES = """
SELECT c.oid::int, format('%s.%s', n.nspname, c.relname), c.relname::text, c.relfilenode::int
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind IN ('r', 'p', 'm') AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
"""
_TABLE_OF_CONSTRAINT = """
SELECT format('%%s.%%s', relnamespace::regnamespace::text, relname)
FROM pg_constraint JOIN pg_class c ON c.oid = conrelid WHERE conname = %s
"""
_SIZES = "SELECT pg_wal_lsn_diff(pg_current_wal_insert_lsn(), '0/0')::bigint, pg_database_size(current_database())"


def lock_timeouts(step: Step) -> list[float]:
    """The lock timeouts that a step sets, in seconds; those that mean "without end" are left out."""
    values = (_lock_timeout(statement) for statement in step.statements)
    return [value for value in values if value]


class Carrier:
    """The session that carries out steps. ``run`` is the name of the passage that is on.

    ``pause`` is how many seconds it waits between two tries.
    """

    def __init__(self, sessions: Sessions, pause: float = PAUSE_SECONDS) -> None:
        self.sessions, self.pause = sessions, pause
        self.run = ""
        self.passages: list[Passage] = []
        self.last_timeout = LOCK_TIMEOUT_SECONDS + _deadlock_timeout(sessions.control)
        self._notices: list[str] = []
        self._shapes = Shapes(sessions.control)
        self._left: Seen | None = None
        """The definitions that the last passage has left, None where its session may still have been at work."""
        self._connect()

    def _connect(self) -> None:
        self.connection: Connection = self.sessions.open(prepare=False)
        self.connection.add_notice_handler(lambda one: self._notices.append(one.message_primary or ""))

    @property
    def process(self) -> int:
        """The process of the session at the server."""
        return self.connection.info.backend_pid

    # --- forward ---------------------------------------------------------------------------------------------------

    def forward(
        self, step: Step, *, resume: bool = False, kill_after: float | None = None, tries: int = MAX_TRIES
    ) -> Passage:
        """Carry out a step.

        ``resume``: it may have been done, or begun, before: a verification that is true ends the matter, and what an
        earlier try left behind is taken away by the step's own way back. ``kill_after``: end the session that many
        seconds after the first statement was sent, or at the end of the last if that is sooner.
        """
        passage = self._begin(step)
        if resume and self.is_done(step):
            return self._end(passage)
        if step.precondition is not None and self.ask(step.precondition) is not True:
            if resume:
                self._undo(step, passage)
            if not resume or self.ask(step.precondition) is not True:
                return self._end(passage, "skipped", f"its precondition {self._why_unmet(step.precondition)}")
        known = self._tables()
        wal, disk = self._sizes()
        with self._killed_after(kill_after) as killed:
            self._try(step, passage, tries, resume=resume)
        if killed():
            self.is_gone(passage.process, _GONE_SECONDS)
            with suppress(psycopg.Error):
                self.connection.close()
            self._connect()
            return self._end(passage, "killed")
        self._look_after(passage, known)
        if passage.done:
            with suppress(psycopg.Error):
                self.connection.execute("RESET ALL")
            if step.verify is not None and not self._comes_true(step):
                self._end(passage, *_UNPROVEN if step.lock == "ACCESS SHARE" else _UNVERIFIED)
        wal_now, disk_now = self._sizes()
        passage.wal_bytes, passage.disk_bytes = wal_now - wal, disk_now - disk
        return self._end(passage)

    def lose(self, step: Step, seconds: float) -> Passage:
        """Have a process of its own carry out a step, and kill it after a time: its session may go on working."""
        passage = self._begin(step)
        passage.process = lose_runner(self.sessions.url, step, seconds)
        return self._end(passage, "killed")

    def is_done(self, step: Step) -> bool:
        """Whether the step's verification is true: then there is nothing to do."""
        return step.verify is not None and bool(self.ask(step.verify))

    def ask(self, query: str) -> Any:
        """The first value that a query returns, None where it fails."""
        try:
            row = self.sessions.control.execute(query.encode()).fetchone()
        except psycopg.Error:
            return None
        return None if row is None else row[0]

    def _why_unmet(self, query: str) -> str:
        try:
            self.sessions.control.execute(query.encode())
        except psycopg.Error as error:
            return f"cannot be asked here: {_said(error)}"
        return f"does not hold here: {query}"

    def _try(self, step: Step, passage: Passage, tries: int, *, resume: bool) -> None:
        for number in range(1, tries + 1):
            passage.tries = number
            started = time.monotonic()
            try:
                self._carry_out(step, passage, patient=number == MAX_TRIES)
            except _AGAIN as error:
                self._clean()
                if number == tries:
                    self._end(passage, "gave-up", f"it got no lock in {number} tries: {_said(error)}")
                    return
                time.sleep(self.pause)
                if not step.transactional:
                    self._undo(step, passage)
            except psycopg.Error as error:
                self._clean()
                if resume and self.is_done(step):
                    return  # a session of an earlier try was still at work, and has finished meanwhile
                if not resume or not isinstance(error, _THERE_ALREADY) or step.transactional or not step.rollback:
                    self._end(passage, "failed", _said(error))
                    return
                self._undo(step, passage)
                resume = False
            else:
                passage.seconds = time.monotonic() - started
                return
        self._end(passage, "gave-up", f"it did not come to its end in {tries} tries")

    def _carry_out(self, step: Step, passage: Passage, *, patient: bool) -> None:
        self._notices.clear()
        self.connection.execute("SET client_min_messages = debug1")
        with self._bounded():
            if not step.transactional:
                for statement in step.statements:
                    self._execute(self._timeout(statement, patient=patient), passage)
                return
            with self.connection.transaction():
                begun = len(passage.timed)
                for statement in step.statements:
                    self._execute(self._timeout(statement, patient=patient), passage)
                self._note_locks(passage)
            took = (one.ended for one in passage.timed[begun:] if _LOCKS_ALL.match(one.statement))
            passage.held_seconds = time.monotonic() - next(took, time.monotonic())

    def _timeout(self, statement: str, *, patient: bool) -> str:
        """Give the last try a lock timeout that outlasts ``deadlock_timeout``, as the notes of the steps say."""
        value = _lock_timeout(statement)
        if not patient or value != LOCK_TIMEOUT_SECONDS:  # shorter ones are for locks taken while others are held
            return statement
        return f"{statement.partition('=')[0]}= '{self.last_timeout * 1000:.0f}ms'"

    def _execute(self, statement: str, passage: Passage) -> None:
        started = time.monotonic()
        passage.timed.append(Timed(started, float("inf"), statement))
        try:
            self.connection.execute(statement.encode())
        finally:
            passage.timed[-1] = Timed(started, time.monotonic(), statement)

    def _note_locks(self, passage: Passage) -> None:
        query = (
            "SELECT format('%%s.%%s', relnamespace::regnamespace::text, relname), mode FROM pg_locks JOIN pg_class c ON"
            " c.oid = relation WHERE pid = %s AND granted AND relkind IN ('r', 'p', 'm') AND c.oid >= 16384"
        )
        for name, mode in self.connection.execute(query, (self.process,)):
            add_lock(passage.locks, name, mode)

    # --- back ------------------------------------------------------------------------------------------------------

    def back(self, step: Step) -> Passage:
        """Take a step back."""
        passage = self._begin(step)
        started = time.monotonic()
        self._undo(step, passage)
        passage.seconds = time.monotonic() - started
        return self._end(passage)

    def _undo(self, step: Step, passage: Passage) -> None:
        for unit in _units(step.rollback):
            for number in range(1, MAX_TRIES + 1):
                try:
                    with self._bounded():
                        for statement in unit:
                            self._execute(self._timeout(statement, patient=number == MAX_TRIES), passage)
                    break
                except _AGAIN as error:
                    self._clean()
                    if number == MAX_TRIES:
                        self._end(passage, "gave-up", f"its way back got no lock in {number} tries: {_said(error)}")
                        return
                    time.sleep(self.pause)
                except psycopg.Error as error:
                    self._clean()
                    self._end(passage, "failed", f"its way back fails: {_said(error)}")
                    return
        with suppress(psycopg.Error):
            self.connection.execute("RESET ALL")

    # --- around it -------------------------------------------------------------------------------------------------

    def _begin(self, step: Step) -> Passage:
        if self.connection.closed:
            self._connect()
        passage = Passage(step.id, self.run, time.monotonic(), process=self.process)
        self.passages.append(passage)
        passage.before = self._left or self._shapes.read()
        return passage

    def _end(self, passage: Passage, outcome: Any = None, reason: str | None = None) -> Passage:
        if outcome is not None:
            passage.outcome, passage.reason = outcome, reason
        passage.ended = time.monotonic()
        self.look_at(passage)
        return passage

    def look_at(self, passage: Passage) -> None:
        """Note the definitions that a passage has left, as they are now."""
        passage.after = self._shapes.read()
        self._left = None if passage.outcome == "killed" else passage.after

    def _clean(self) -> None:
        """Bring the session back to where the next statement may start."""
        if self.connection.closed:
            self._connect()
            return
        with suppress(psycopg.Error):
            if self.connection.info.transaction_status != pq.TransactionStatus.IDLE:
                self.connection.execute("ROLLBACK")
            self.connection.execute("RESET ALL")

    def _tables(self) -> dict[int, tuple[str, str, int]]:
        return {oid: (path, name, file) for oid, path, name, file in self.sessions.control.execute(_TABLES)}

    def _sizes(self) -> tuple[int, int]:
        row = self.sessions.control.execute(_SIZES).fetchone()
        return (0, 0) if row is None else (row[0], row[1])

    def _look_after(self, passage: Passage, known: dict[int, tuple[str, str, int]]) -> None:
        """Note which tables, of those that were there before, got a new file or had their rows read under a lock."""
        now = self._tables()
        passage.rewrote = {
            path for oid, (path, _, file) in known.items() if file and oid in now and now[oid][2] not in {0, file}
        }
        paths: dict[str, set[str]] = {}
        # The notices name tables without their schemas: one that the step has made itself is meant first.
        made = {name for oid, (_, name, _) in now.items() if oid not in known}
        for path, name, _ in known.values():
            if name not in made:
                paths.setdefault(name, set()).add(path)
        for notice in self._notices:
            if found := _HEAVY.match(notice):
                passage.heavy |= paths.get(found["worked"] or found["indexed"], set())
            elif found := _FOREIGN_KEY.match(notice):
                passage.heavy |= self._table_of_constraint(found["name"])
        before = {path for path, _, _ in known.values()}
        passage.heavy &= before
        passage.locks = {path: mode for path, mode in passage.locks.items() if path in before}

    def _table_of_constraint(self, name: str) -> set[str]:
        return {path for (path,) in self.sessions.control.execute(_TABLE_OF_CONSTRAINT, (name,))}

    def _comes_true(self, step: Step) -> bool:
        """Whether the verification becomes true; what rests on the statistics takes a moment."""
        until = time.monotonic() + _VERIFY_SECONDS
        while not self.is_done(step):
            if time.monotonic() > until:
                return False
            time.sleep(0.05)
        return True

    @contextmanager
    def _bounded(self) -> Iterator[None]:
        """Cancel what is still running after the longest time that a step may take."""
        connection = self.connection

        def cancel() -> None:
            with suppress(psycopg.Error):
                connection.cancel_safe(timeout=5)

        timer = threading.Timer(STEP_SECONDS, cancel)
        timer.daemon = True
        timer.start()
        try:
            yield
        finally:
            timer.cancel()

    @contextmanager
    def _killed_after(self, seconds: float | None) -> Iterator[Callable[[], bool]]:
        """End the session after a time, or at the end of the block; the value tells whether that was done."""
        if seconds is None:
            yield lambda: False
            return
        process, lock, ended = self.process, threading.Lock(), False

        def end() -> None:
            nonlocal ended
            with lock, suppress(psycopg.Error):
                if not ended:
                    ended = True
                    self.sessions.end(process)

        timer = threading.Timer(seconds, end)
        timer.daemon = True
        timer.start()
        try:
            yield lambda: True
        finally:
            timer.cancel()
            end()

    def is_gone(self, process: int, seconds: float = STEP_SECONDS) -> bool:
        """Whether a process of the server ends within a time."""
        until = time.monotonic() + seconds
        while self.is_there(process):
            if time.monotonic() > until:
                return False
            time.sleep(0.005)
        return True

    def is_there(self, process: int) -> bool:
        """Whether the server has the process."""
        query = "SELECT FROM pg_stat_activity WHERE pid = %s"
        return self.sessions.control.execute(query, (process,)).fetchone() is not None


def _lock_timeout(statement: str) -> float | None:
    """The seconds of a statement that sets the lock timeout, None for any other."""
    found = _TIMEOUT.match(statement)
    return None if found is None else float(found["bare"] or found["number"]) * _UNITS[found["unit"]]


def add_lock(locks: dict[str, str], table: str, mode: str) -> None:
    """Remember a lock on a table if it is the strongest so far. The mode is spelled as pg_locks does."""
    words = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", mode.removesuffix("Lock")).upper()
    if words in LOCKS and LOCKS.index(words) >= LOCKS.index(locks.get(table, LOCKS[0])):
        locks[table] = words


def _units(statements: Sequence[str]) -> Iterator[tuple[str, ...]]:
    """Part statements into what is tried again as a whole: a transaction, or a single statement with its timeouts."""
    unit: list[str] = []
    inside = False
    for statement in statements:
        unit.append(statement)
        inside = (inside or statement == "BEGIN") and statement != "COMMIT"
        if not inside and not statement.startswith("SET "):
            yield tuple(unit)
            unit = []
    if unit:
        yield tuple(unit)


def _deadlock_timeout(connection: Connection) -> float:
    row = connection.execute("SELECT setting::int / 1000.0 FROM pg_settings WHERE name = 'deadlock_timeout'").fetchone()
    return 1.0 if row is None else float(row[0])


def _said(error: psycopg.Error) -> str:
    """One line of what the server said."""
    return " ".join((error.diag.message_primary or str(error)).split()) + (
        f" ({error.sqlstate})" if error.sqlstate else ""
    )
