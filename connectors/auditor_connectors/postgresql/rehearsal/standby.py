"""The standby beside a rehearsal's server: who reads there, how far it falls behind, and whose queries it cancels.

A short read goes on all the time, as on the primary. A long one is begun before each step on a table that the step
names, and outlasts what replay puts up with. After a step its log is waited for, so that what happens on the standby
is that step's doing and not an earlier one's.
"""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from types import TracebackType
from typing import Self

import psycopg
from psycopg import errors

from auditor_connectors.postgresql.embedded import Server
from auditor_connectors.postgresql.recipes.sql import qualified
from auditor_connectors.postgresql.rehearsal.clients import Client, Crowd, Role
from auditor_connectors.postgresql.rehearsal.measured import Attended, Cancelled, Lag
from auditor_connectors.postgresql.rehearsal.questions import Read
from auditor_connectors.postgresql.rehearsal.sessions import Connection, Sessions
from auditor_connectors.postgresql.rehearsal.state import Relation

DELAY_SECONDS = 0.5
"""How long replay waits for a query here. By default it is 30 s, and a plan of a hundred steps would take an hour."""

LONG_SECONDS = 30.0
"""How long the long read would take if nothing ended it."""

SETTLING_SECONDS = 30.0
"""How long the log of a step is waited for. By default the delay alone may take that."""

MEETING_SECONDS = 40.0
"""After so much waiting the long reads end, unless the rehearsal is thorough: it is to come to an end."""

INTERVAL_SECONDS = 0.02
"""Between two looks at how far replay has come."""

# With feedback the primary keeps the rows that queries on the standby may still need. So what cancels them is a lock
# of the plan, and not the clearing away of old rows, which goes on whether or not there is a plan.
_SETTINGS = {
    "max_standby_streaming_delay": f"{DELAY_SECONDS * 1000:.0f}ms",
    "hot_standby_feedback": "on",
    "wal_receiver_status_interval": "1s",
}
_WRITTEN = "SELECT pg_wal_lsn_diff(pg_current_wal_flush_lsn(), '0/0')::bigint"
_REPLAYED = "SELECT pg_wal_lsn_diff(pg_last_wal_replay_lsn(), '0/0')::bigint"

# A query on a standby is cancelled with 40001, or 40P01 for a deadlock with replay; an idle transaction is ended.
CONFLICTS = frozenset({"40001", "40P01", "57P01", "08006"})


@contextmanager
def beside(server: Server, database: str) -> Iterator[str]:
    """Start a standby of a server; the value is the URL of the database on it, and leaving the context ends it.

    Raises:
        ServerError: it does not start.

    """
    with Server(primary=server, settings=_SETTINGS) as standby:
        yield standby.url(database)


@dataclass
class Held:
    """How fast a standby replayed what it had been kept from, in bytes of the log."""

    bytes_per_second: float = 0.0


class Standby:
    """A standby that is watched, beside the sessions at its primary. Leaving the context ends the sessions.

    ``seen`` is where what is seen is written down, until it is given another one. ``lost``: it answers no more.
    """

    def __init__(self, url: str, primary: Sessions, *, thorough: bool = False) -> None:
        self.seen, self.lost = Attended(), False
        self._primary, self._sessions = primary, Sessions(url)
        self._left = float("inf") if thorough else MEETING_SECONDS
        self._reader = self._sessions.open(prepare=False)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._sessions.close()

    @contextmanager
    def attended(self, crowd: Crowd, roles: Sequence[Role], seed: int) -> Iterator[None]:
        """Read as the readers of the crowd do for as long as it works, and watch the lag."""
        works = [work for role in roles for work in role.works if isinstance(work, Read)]
        role = Role("read on the standby", prepared=False, works=works)
        try:
            readers = [Client(self._sessions, role, crowd, seed)] if works else []
        except psycopg.Error:
            self.lost = True
            yield
            return
        watcher = threading.Thread(target=self._watch, args=(crowd.stopping,), name="watcher of replay", daemon=True)
        for thread in (watcher, *readers):
            thread.start()
        try:
            yield
        finally:
            crowd.stopping.set()
            for thread in (watcher, *readers):
                thread.join(timeout=10)
            self.seen.cancelled += [
                Cancelled(one.started + one.seconds, one.statement)
                for reader in readers for one in reader.asked if one.error in CONFLICTS
            ]  # fmt: skip

    @contextmanager
    def held(self) -> Iterator[Held]:
        """Keep the standby from replaying meanwhile, and measure how fast it then does."""
        control, held = self._sessions.control, Held()
        control.execute("SELECT pg_wal_replay_pause()")
        before = _number(control, _REPLAYED)
        try:
            yield held
        finally:
            started = time.monotonic()
            control.execute("SELECT pg_wal_replay_resume()")
            self._settle()
        held.bytes_per_second = (_number(control, _REPLAYED) - before) / (time.monotonic() - started)

    @contextmanager
    def met(self, tables: Sequence[Relation]) -> Iterator[None]:
        """Have a long read of the first of the tables under way meanwhile, and wait for replay to come after it."""
        if self.lost or not tables or self._left <= 0:
            yield
            self._settle()
            return
        begun = threading.Event()
        thread = threading.Thread(target=self._read, args=(tables[0], begun), name="long read", daemon=True)
        thread.start()
        begun.wait(timeout=5)
        try:
            yield
            started = time.monotonic()
            self._settle()
            self._left -= time.monotonic() - started
        finally:
            with suppress(psycopg.Error):
                self._reader.cancel_safe(timeout=2)
            thread.join(timeout=10)

    def _read(self, table: Relation, begun: threading.Event) -> None:
        statement = f"SELECT FROM {qualified(table)} LIMIT 1"
        try:
            if self._reader.closed:
                self._reader = self._sessions.open(prepare=False)
            with self._reader.transaction(force_rollback=True):
                self._reader.execute(statement.encode())
                begun.set()
                self._reader.execute("SELECT pg_sleep(%s)", (LONG_SECONDS,))
        except errors.QueryCanceled:
            pass  # the step was over
        except psycopg.Error as error:
            if (error.sqlstate or "08006") in CONFLICTS:
                self.seen.cancelled.append(Cancelled(time.monotonic(), statement))
        finally:
            begun.set()

    def _settle(self) -> None:
        """Wait until the standby has replayed what the primary has written so far."""
        wanted = _number(self._primary.control, _WRITTEN)
        until = time.monotonic() + SETTLING_SECONDS
        try:
            while _number(self._sessions.control, _REPLAYED) < wanted and time.monotonic() < until:
                time.sleep(INTERVAL_SECONDS / 4)
        except psycopg.Error:
            self.lost = True

    def _watch(self, stopping: threading.Event) -> None:
        """Note how long ago the primary had come to where the standby is now."""
        written: deque[tuple[int, float]] = deque()
        with suppress(psycopg.Error):  # the sessions are ended with the rehearsal
            primary, standby = self._primary.open(prepare=True), self._sessions.open(prepare=True)
            while not stopping.wait(INTERVAL_SECONDS):
                now = time.monotonic()
                written.append((_number(primary, _WRITTEN), now))
                replayed = _number(standby, _REPLAYED)
                while len(written) > 1 and written[0][0] <= replayed:
                    written.popleft()
                behind = written[-1][0] - replayed
                self.seen.lags.append(Lag(now, now - written[0][1] if behind > 0 else 0.0, max(0, behind)))
            primary.close()
            standby.close()


def _number(connection: Connection, query: str) -> int:
    row = connection.execute(query.encode()).fetchone()
    return 0 if row is None else int(row[0])
