"""The one connection of an audit: read-only, bounded in time, and patient with a server that refuses or dies."""

from __future__ import annotations

import json
import re
import socket
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from threading import Timer
from types import TracebackType
from typing import Any, Self, cast

import psycopg
from psycopg import errors, pq
from psycopg.adapt import Loader
from psycopg.rows import dict_row, namedtuple_row
from psycopg.types.json import set_json_loads

from auditor.connector import CollectOptions
from auditor.errors import AuditorError, UsageError
from auditor.model.vocabulary import ProbeOutcome
from auditor.target import Target
from auditor_connectors.answer import Answer
from auditor_connectors.postgresql.assemble import Identity
from auditor_connectors.postgresql.conninfo import parameters, reason_of, session_settings, unreachable
from auditor_connectors.postgresql.probe import Probe, marked

_GRACE = 15.0
"""Seconds beyond the server's own timeout after which the connection is cut from this side: the server is not there."""

_CANCELLING = 2.0
"""Seconds that the server has to take a request to cancel; after that the connection is cut."""

_TEXT_TYPES = ("text", "name", "varchar", "bpchar", '"char"', 705)  # 705: unknown, which has no name in the driver
_TIMEOUTS = ("statement_timeout", "lock_timeout", "idle_in_transaction_session_timeout")

_GREETING = """
SELECT current_database()::text AS database, current_user::text AS role, extract(epoch FROM now())::float8 AS seconds,
       quote_ident(current_database()) AS quoted_database, quote_ident(current_user) AS quoted_role
"""
_READS_STATISTICS = "SELECT has_table_privilege('pg_catalog.pg_statistic', 'SELECT') AS allowed"


class _Tolerant(Loader):
    """Text of a database without an encoding, which may hold any bytes."""

    def load(self, data: Any) -> str:
        return bytes(data).decode("utf-8", "replace")


class Session:
    """One connection to a target; a context manager.

    ``locked`` lists the relations that statements keep away from, ``candidates`` those whose bloat to measure.

    Every probe is a read-only transaction of its own that carries the session's settings. Start-up options would hide
    the server's own settings from the probe that reads them, and poolers refuse them; settings made with SET would
    stay on a pooled connection and hurt its next user.
    """

    def __init__(self, target: Target, options: CollectOptions) -> None:
        """Connect.

        Raises:
            UsageError: the URL has an option that the client library does not know.
            UnreachableError: the server cannot be reached or refuses the login.

        """
        self._target = target
        self._options = options
        known = {option.keyword.decode() for option in pq.Conninfo.get_defaults()}
        self._parameters = parameters(target, options, known)
        self._reconnected = False
        self._lost: str | None = None
        self.locked: list[int] = []
        self.candidates: list[int] = []
        self._open()

    def __enter__(self) -> Self:
        """Return the session."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close the connection."""
        self._connection.close()

    # --- connecting ------------------------------------------------------------------------------------------------

    def _open(self) -> None:
        """Connect, and find out what the server is and takes."""
        try:
            self._connection = psycopg.connect(
                "", autocommit=True, prepare_threshold=None, **cast("dict[str, Any]", self._parameters)
            )
        except psycopg.Error as error:
            raise unreachable(self._target, str(error)) from None
        except UnicodeError:  # of a look-up in the domain name system
            raise UsageError("a host of the URL has a part that is empty or too long", "check the host name") from None
        try:
            greeting = self._ask(_GREETING)
        except psycopg.Error as error:
            self._connection.close()
            raise unreachable(self._target, str(error)) from None
        info, moment = self._connection.info, datetime.fromtimestamp(greeting.pop("seconds"), UTC)
        self._names = {"{role}": greeting.pop("quoted_role"), "{database}": greeting.pop("quoted_database")}
        self.identity = Identity(
            version=info.server_version,
            version_text=info.parameter_status("server_version") or str(info.server_version),
            moment=moment,
            **greeting,
        )
        if info.parameter_status("server_encoding") == "SQL_ASCII":
            _tolerate_any_bytes(self._connection)
        self._settings = self._accepted(session_settings(self._options))
        self._direct = False
        with suppress(psycopg.Error):
            self._direct = bool(self._ask(_READS_STATISTICS)["allowed"])

    def _ask(self, statement: str) -> dict[str, Any]:
        with self._connection.cursor(row_factory=dict_row) as cursor:
            return cursor.execute(marked(statement)).fetchone() or {}

    def _accepted(self, settings: Mapping[str, str]) -> dict[str, str]:
        """The settings that the server takes: a product that speaks the protocol may not know all of them."""
        if self._takes(settings):
            return dict(settings)
        return {name: value for name, value in settings.items() if self._takes({name: value})}

    def _takes(self, settings: Mapping[str, str]) -> bool:
        try:
            with self._transaction(settings):
                return True
        except psycopg.Error:
            return False

    def fill(self, grant: str | None, schemas: Iterable[str] = ()) -> str | None:
        """Return a grant with the quoted names of this session, and ``schemas`` (quoted as well), filled in."""
        if grant is None:
            return None
        names = self._names | {"{schemas}": ", ".join(schemas)}
        return re.sub("|".join(map(re.escape, names)), lambda match: _printable(names[match[0]]), grant)

    # --- running ---------------------------------------------------------------------------------------------------

    def run(self, probe: Probe, find_locked: Callable[[], None] | None = None) -> Answer:
        """Run a probe. It never raises for what the server does: that is the outcome.

        ``find_locked`` is called to look again at who holds locks after the probe waited for one in vain; the probe is
        then tried once more. So it is after an error that comes of what others do at the same time.
        """
        started = time.perf_counter()
        answer, again = self._attempt(probe)
        if again:
            if find_locked is not None:
                find_locked()
            answer, _ = self._attempt(probe)
        elapsed = round((time.perf_counter() - started) * 1000, 1)
        return Answer(outcome=answer.outcome, rows=answer.rows, reason=answer.reason, milliseconds=elapsed)

    def _attempt(self, probe: Probe) -> tuple[Answer, bool]:
        """Run a probe once; the second value tells whether it may go better the next time."""
        if self._connection.closed and not self._reconnect():
            return Answer(outcome=ProbeOutcome.FAILED, reason=f"the connection was lost: {self._lost}"), False
        timeout = self._options.statement_timeout if probe.timeout is None else probe.timeout
        started = time.perf_counter()
        try:
            text = self._text(probe)
            if text is None:
                reason = probe.missing or "this version of the server has nothing of the kind"
                return Answer(outcome=ProbeOutcome.UNSUPPORTED, reason=reason), False
            settings = self._settings
            if probe.bare:
                settings = {name: value for name, value in settings.items() if name in _TIMEOUTS}
            if probe.timeout is not None:
                settings = settings | {"statement_timeout": f"{probe.timeout * 1000:.0f}"}
            with self._deadline(timeout + _GRACE), self._transaction(settings):
                return Answer(outcome=ProbeOutcome.OK, rows=self._fetch(text, probe.many)), False
        except psycopg.Error as error:
            in_time = time.perf_counter() - started < timeout
            return self._failure(error, timeout, in_time=in_time), isinstance(error, _TRANSIENT)

    def _text(self, probe: Probe) -> str | None:
        text = probe.text(self.identity.version, direct=self._direct)
        if text is None or probe.extension is None:
            return text
        with self._connection.cursor(row_factory=dict_row) as cursor:
            row = cursor.execute(
                marked(
                    "SELECT quote_ident(n.nspname) AS schema FROM pg_catalog.pg_extension e"
                    " JOIN pg_catalog.pg_namespace n ON n.oid = e.extnamespace WHERE e.extname = %s"
                ),
                (probe.extension,),
            ).fetchone()
        return None if row is None else text.replace("{schema}", row["schema"])

    def _fetch(self, text: str, many: bool) -> list[Any]:
        values: dict[str, Any] | None = None
        if "%(" in text:
            values = {"locked": self.locked, "candidates": self.candidates, "limit": self._options.statements}
        with self._connection.cursor(row_factory=namedtuple_row if many else dict_row) as cursor:
            return list(cursor.execute(marked(text), values).fetchall())

    @contextmanager
    def _transaction(self, settings: Mapping[str, str]) -> Iterator[None]:
        """A read-only transaction under settings that end with it. One message to the server opens it."""
        opening = ["BEGIN READ ONLY", *(f"SET LOCAL {name} = '{value}'" for name, value in settings.items())]
        try:
            self._connection.execute("; ".join(map(marked, opening)))
            yield
            self._connection.execute(marked("COMMIT"))
        finally:
            if not self._connection.closed and self._connection.info.transaction_status != pq.TransactionStatus.IDLE:
                with suppress(psycopg.Error):
                    self._connection.execute("ROLLBACK")

    @contextmanager
    def _deadline(self, seconds: float) -> Iterator[None]:
        """Cut the connection when the server has not answered in time: its own timeout did not work, so it is gone."""
        timer = Timer(seconds, _cut, (self._connection,))
        timer.daemon = True
        timer.start()
        try:
            yield
        finally:
            timer.cancel()

    def cancel(self) -> None:
        """Cancel the statement at work, from another thread; the session is of no more use then."""
        self._reconnected = True
        with suppress(psycopg.Error):
            self._connection.cancel_safe(timeout=_CANCELLING)
            return
        _cut(self._connection)

    def _reconnect(self) -> bool:
        """Connect again, once per session."""
        if self._reconnected:
            return False
        self._reconnected = True
        try:
            self._open()
        except AuditorError as error:
            self._lost = f"{self._lost}; connecting again failed: {error.message.rpartition(': ')[2]}"
            return False
        return True

    def _failure(self, error: psycopg.Error, timeout: float, *, in_time: bool) -> Answer:
        """Say what an error of the server means for a probe."""
        reason = _without_values(self._target, error)
        if self._connection.closed:
            self._lost = reason
            return Answer(outcome=ProbeOutcome.FAILED, reason=f"the connection was lost: {reason}")
        if isinstance(error, errors.QueryCanceled) and in_time:
            return Answer(outcome=ProbeOutcome.FAILED, reason=f"somebody cancelled it: {reason}")
        if isinstance(error, errors.QueryCanceled):
            return Answer(outcome=ProbeOutcome.TIMED_OUT, reason=f"it took longer than {timeout:g} s")
        if isinstance(error, errors.LockNotAvailable):
            reason = f"another session held a lock for longer than {self._options.lock_timeout:g} s"
            return Answer(outcome=ProbeOutcome.TIMED_OUT, reason=reason)
        if isinstance(error, errors.InsufficientPrivilege):
            return Answer(outcome=ProbeOutcome.DENIED, reason=reason)
        if isinstance(error, _UNSUPPORTED):
            return Answer(outcome=ProbeOutcome.UNSUPPORTED, reason=reason)
        return Answer(outcome=ProbeOutcome.FAILED, reason=reason)


def _printable(quoted: str) -> str:
    """Spell out what would steer a terminal in quoted names, such that the server still reads the same names."""
    if quoted.isprintable():
        return quoted

    def spelled(match: re.Match[str]) -> str:
        if match[0].isprintable():
            return match[0]
        letters = (c if c.isprintable() and c != "\\" else f"\\+{ord(c):06x}" for c in match[0])
        return "U&" + "".join(letters)

    return re.sub(r'"(?:[^"]|"")*"', spelled, quoted)


_UNSUPPORTED = (
    errors.UndefinedTable,
    errors.UndefinedColumn,
    errors.UndefinedFunction,
    errors.UndefinedObject,
    errors.InvalidSchemaName,
    errors.FeatureNotSupported,
    errors.ObjectNotInPrerequisiteState,
)

_TRANSIENT = (errors.LockNotAvailable, errors.InternalError_, errors.SerializationFailure, errors.DeadlockDetected)
"""A lock; an object that was dropped under the statement's feet ("cache lookup failed"); a conflict on a standby."""


def _without_values(target: Target, error: psycopg.Error) -> str:
    """Return one line of what the server said; what an error about data quotes is left out."""
    text = error.diag.message_primary or str(error)
    if (error.sqlstate or "").startswith("22"):
        text = re.sub(r"(\"|').*", "…", text, flags=re.DOTALL)
    return reason_of(target, text)


def _tolerate_any_bytes(connection: psycopg.Connection[Any]) -> None:
    """Take text as it is: a server without an encoding refuses to send bytes that the client's would not allow."""
    connection.execute(marked("SET client_encoding TO 'SQL_ASCII'"))
    for name in _TEXT_TYPES:
        connection.adapters.register_loader(name, _Tolerant)
    set_json_loads(_loads_any_bytes, connection)


def _loads_any_bytes(data: str | bytes) -> Any:
    return json.loads(data if isinstance(data, str) else bytes(data).decode("utf-8", "replace"))


def _cut(connection: psycopg.Connection[Any]) -> None:
    inet, stream = socket.AF_INET, socket.SOCK_STREAM
    with suppress(OSError, psycopg.Error), socket.fromfd(connection.fileno(), inet, stream) as same:
        same.shutdown(socket.SHUT_RDWR)
