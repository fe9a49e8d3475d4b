"""The clients of a rehearsal: threads that ask all the time, each in its own session, and one that is in the way."""

from __future__ import annotations

import itertools
import random
import re
import threading
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from types import TracebackType
from typing import Self

import psycopg

from auditor.model.operation import Operation
from auditor_connectors.postgresql.recipes.sql import qualified
from auditor_connectors.postgresql.rehearsal import questions
from auditor_connectors.postgresql.rehearsal.measured import Question
from auditor_connectors.postgresql.rehearsal.questions import Addition, Change, Read, Work
from auditor_connectors.postgresql.rehearsal.scope import mentioned
from auditor_connectors.postgresql.rehearsal.sessions import Connection, Sessions
from auditor_connectors.postgresql.rehearsal.state import Relation

PAUSE_SECONDS = 0.004
"""Between two questions of a client."""

LOST = "lost"
"""What stands for the SQLSTATE where a row that a client had written was not there, or not as it had written it."""

STALE = frozenset({"0A000", "42883", "42804"})
"""What a statement meets that was prepared for columns of other types: its result, an operator or an assignment."""

_CONNECTION_LOST = "08006"
_STATEMENTS = 40
_KEPT_ROWS = 20
_RESTORE_TRIES = 5
_JOIN_SECONDS = 40.0
_SETTINGS = "-c statement_timeout=30s"
_READ_ONLY = _SETTINGS + " -c default_transaction_read_only=on"


class Role:
    """A kind of client: its name, whether its statements are prepared, and what it asks."""

    def __init__(self, name: str, *, prepared: bool, works: Sequence[Work], read_only: bool = False) -> None:
        self.name, self.prepared, self.works = name, prepared, list(works)
        self.settings = _READ_ONLY if read_only else _SETTINGS


def roles(
    connection: Connection,
    tables: Iterable[Relation],
    steps: Sequence[str],
    statements: Sequence[str],
    operations: Iterable[Operation] = (),
) -> list[Role]:
    """Make up the clients: what each asks of the tables, and the statements of the real workload that only read.

    ``steps`` are the statements of the plan, ``operations`` what it carries out. What does not work on the
    database as it is now is left out.
    """
    grounds = questions.grounds(connection, tables, steps, operations)
    every = list(grounds.values())
    read = [questions.reads(one) for one in every]
    found = [
        Role("point read", prepared=True, works=read),
        Role("point read", prepared=False, works=read),
        Role("join read", prepared=True, works=[join for one in every for join in questions.joins(one, grounds)]),
        Role("workload", prepared=True, works=_workload(statements), read_only=True),
    ]
    for part, prepared in enumerate((True, False)):
        writes: list[Work] = []
        adds: list[Work] = []
        for one in every:
            with suppress(psycopg.Error):
                kept = (work for work in questions.changes(connection, one, part, 2) if _works(connection, work))
                writes += [*questions.hot_change(one), *itertools.islice(kept, 1)]
                adds += questions.additions(connection, one, part)
        found += [Role("update", prepared=prepared, works=writes), Role("insert", prepared=prepared, works=adds)]
    for role in found:
        role.works = [work for work in role.works if _works(connection, work)]
    return [role for role in found if role.works]


def _works(connection: Connection, work: Work) -> bool:
    """Whether the database as it is answers; nothing of the trial stays."""
    with suppress(psycopg.Error), connection.transaction(force_rollback=True):
        if isinstance(work, Read):
            if work.kind == "workload":
                connection.execute("SET TRANSACTION READ ONLY")
            connection.execute(work.statement.encode(), work.parameters[0] or None)
        elif isinstance(work, Change):
            parameters = () if work.values is None else (work.present[work.rows[0]],)
            given = (*parameters, *work.rows[0], *parameters)
            # The second time it finds what the first has written, unless a trigger writes something else there.
            return all(connection.execute(work.statement.encode(), given).rowcount == 1 for _ in range(2))
        else:
            row = connection.execute(work.insert.encode(), questions.new_row(work)).fetchone()
            return connection.execute(work.delete.encode(), tuple(map(str, row or ()))).rowcount == 1
        return True
    return False


def _workload(statements: Sequence[str]) -> list[Work]:
    """The statements that read, with NULL for every parameter: they find little, but lock and plan as they do.

    The server's own functions are left alone: not all of them only read.
    """
    reading = (one for one in statements if one.lstrip().upper().startswith(("SELECT", "WITH")) and "pg_" not in one)
    chosen = itertools.islice(reading, _STATEMENTS)
    return [Read("workload", ("", ""), re.sub(r"\$\d+", "NULL", one), [()]) for one in chosen]


class Client(threading.Thread):
    """Asks until it is stopped, writes down how long each answer took, and then leaves the rows as they were."""

    def __init__(self, sessions: Sessions, role: Role, crowd: Crowd, seed: int) -> None:
        super().__init__(name=role.name, daemon=True)
        self.asked: list[Question] = []
        self._sessions, self._role, self._crowd = sessions, role, crowd
        self.left = crowd.left
        self._works = [work for work in role.works if not self._names(work, crowd.left)]
        self._dice = random.Random(seed)  # noqa: S311 -- no secret
        self._connection = sessions.open(prepare=role.prepared, settings=role.settings)

    def run(self) -> None:
        """Ask, and tidy up."""
        with suppress(psycopg.Error):  # the session is ended with the rehearsal
            while not self._crowd.stopping.wait(PAUSE_SECONDS):
                if self.left != self._crowd.left:
                    self._leave(self._crowd.left)
                if self._works and not self._ask(self._choose()):
                    time.sleep(5 * PAUSE_SECONDS)
            self._restore(self._works)
            self._connection.close()

    def _leave(self, tables: frozenset[Relation]) -> None:
        """Name these tables no more, as after a deployment, and leave their rows as they were."""
        self._restore([work for work in self._works if self._names(work, tables)])
        self._works = [work for work in self._role.works if not self._names(work, tables)]
        self.left = tables

    @staticmethod
    def _names(work: Work, tables: frozenset[Relation]) -> bool:
        return bool(mentioned(questions.texts_of(work), tables))

    def _choose(self) -> Work:
        """Half of the time something about the tables that a step is working on."""
        focus = self._crowd.focus
        near = [work for work in self._works if work.table in focus] if self._dice.random() < 0.5 else []
        return self._dice.choice(near or self._works)

    def _ask(self, work: Work) -> bool:
        if isinstance(work, Read):
            return self._execute(work.kind, work.statement, self._dice.choice(work.parameters))
        if isinstance(work, Change):
            row = self._dice.choice(work.rows)
            return self._write(work, row, None if work.values is None else self._dice.choice(work.values))
        if len(work.rows) < _KEPT_ROWS and self._dice.random() < 0.6:
            return self._insert(work)
        return not work.rows or self._remove(work)

    def _write(self, work: Change, row: tuple[str, ...], value: str | None) -> bool:
        parameters = row if work.values is None else (value, *row, work.present[row])
        done = self._execute(work.kind, work.statement, parameters, rows=1)
        if done and work.values is not None:
            work.present[row] = value
        return done

    def _insert(self, work: Addition) -> bool:
        answer: list[tuple[str, ...]] = []
        done = self._execute(work.kind, work.insert, questions.new_row(work), rows=1, answer=answer)
        work.rows += answer
        return done

    def _remove(self, work: Addition) -> bool:
        row = work.rows.pop(0)
        done = self._execute("delete", work.delete, row, rows=1)
        if not done and self.asked[-1].error != LOST:
            work.rows.append(row)
        return done

    def _execute(
        self,
        kind: str,
        statement: str,
        parameters: Sequence[str | None],
        rows: int | None = None,
        answer: list[tuple[str, ...]] | None = None,
    ) -> bool:
        error = None
        process = self._connection.info.backend_pid
        started = time.monotonic()
        try:
            cursor = self._connection.execute(statement.encode(), parameters or None)
            if answer is not None:
                answer += [tuple(map(str, row)) for row in cursor.fetchall()]
            if rows is not None and cursor.rowcount != rows:
                error = LOST
        except psycopg.Error as failure:
            error = failure.sqlstate or _CONNECTION_LOST
        seconds = time.monotonic() - started
        self.asked.append(Question(kind, self._role.prepared, process, statement, started, seconds, error))
        if error is not None and (self._connection.closed or error in STALE):
            self._reconnect()
        return error is None

    def _reconnect(self) -> None:
        """Do what a pool does with a session whose prepared statements have gone stale."""
        self._connection.close()
        self._connection = self._sessions.open(prepare=self._role.prepared, settings=self._role.settings)

    def _restore(self, works: Iterable[Work]) -> None:
        """Delete what was inserted, and write what was there."""
        for work in works:
            for _ in range(_RESTORE_TRIES):
                if isinstance(work, Addition) and work.rows:
                    done = [self._remove(work) for _ in list(work.rows)]
                elif isinstance(work, Change) and work.values is not None:
                    done = [self._write(work, row, work.original[row]) for row in work.rows]
                else:
                    break
                if all(done):
                    break


class Crowd:
    """The clients while they work; leaving the context stops them. ``focus`` are the tables to ask about most.

    ``left`` are those that they name no more.
    """

    def __init__(
        self, sessions: Sessions, kinds: Sequence[Role], seed: int, left: frozenset[Relation] = frozenset()
    ) -> None:
        self.focus: frozenset[Relation] = frozenset()
        self.left = left
        self.stopping = threading.Event()
        self.clients = [Client(sessions, role, self, seed + number) for number, role in enumerate(kinds)]

    def __enter__(self) -> Self:
        for client in self.clients:
            client.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stopping.set()
        for client in self.clients:
            client.join(timeout=_JOIN_SECONDS)

    def name_no_more(self, tables: frozenset[Relation]) -> None:
        """Have the clients name these tables no more, and all others, and wait until they do so."""
        self.left = tables
        until = time.monotonic() + _JOIN_SECONDS
        while any(one.is_alive() and one.left != tables for one in self.clients) and time.monotonic() < until:
            time.sleep(PAUSE_SECONDS)

    @property
    def asked(self) -> list[Question]:
        """Every question so far."""
        return [question for client in self.clients for question in list(client.asked)]


@contextmanager
def in_the_way(sessions: Sessions, table: Relation, seconds: float, *, works: bool) -> Iterator[None]:
    """A transaction that has written to the table and stays open for a time, or until the block ends.

    ``works``: it runs one long statement; otherwise it is idle.
    """
    connection = sessions.open(prepare=False)
    over, ready = threading.Event(), threading.Event()

    def stay() -> None:
        with suppress(psycopg.Error), connection.transaction():
            connection.execute(f"LOCK TABLE {qualified(table)} IN ROW EXCLUSIVE MODE".encode())
            ready.set()
            if works:
                connection.execute("SELECT pg_sleep(%s)", (seconds,))
            else:
                over.wait(seconds)
        ready.set()

    thread = threading.Thread(target=stay, name="in the way", daemon=True)
    thread.start()
    ready.wait(timeout=10)
    try:
        yield
    finally:
        over.set()
        with suppress(psycopg.Error):
            connection.cancel_safe(timeout=2)
        thread.join(timeout=10)
        connection.close()
