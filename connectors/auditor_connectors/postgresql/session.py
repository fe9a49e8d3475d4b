"""The one connection of an audit: read-only, bounded in time, and patient with a server that refuses or dies."""

from __future__ import annotations

import re
import socket
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from threading import Timer
from types import TracebackType
from typing import Any, Self, cast

import psycopg
from msgspec import Struct
from psycopg import errors, pq
from psycopg.adapt import Loader
from psycopg.rows import dict_row

from auditor.connector import CollectOptions
from auditor.errors import UnreachableError
from auditor.model.vocabulary import ProbeOutcome
from auditor.target import Target
from auditor_connectors.postgresql.assemble import Identity
from auditor_connectors.postgresql.conninfo import (
    parameters,
    reason_of,
    session_settings,
    startup_options,
    unreachable,
)
from auditor_connectors.postgresql.probe import Probe, Row, marked

_GRACE = 15.0
"""Seconds beyond the server's own timeout after which the connection is cut from this side: the server is not there."""

_TEXT_TYPES = ("text", "name", "varchar", "bpchar", "char", "unknown")


class Answer(Struct, frozen=True, kw_only=True):
    """What became of a probe: its outcome with the reason, its rows when it is ``ok``, and the milliseconds it took."""

    outcome: ProbeOutcome
    rows: list[Row] = []
    reason: str | None = None
    milliseconds: float = 0.0


class _Tolerant(Loader):
    """Text of a database without an encoding, which may hold any bytes."""

    def load(self, data: Any) -> str:
        return bytes(data).decode("utf-8", "replace")


class Session:
    """One connection to a target; a context manager. ``locked`` lists the relations that statements keep away from."""

    def __init__(self, target: Target, options: CollectOptions) -> None:
        """Connect.

        Raises:
            UsageError: the URL has an option that the client library does not know.
            UnreachableError: the server cannot be reached or refuses the login.

        """
        self._target = target
        self._options = options
        self._settings = session_settings(options)
        self._keywords = {option.keyword.decode() for option in pq.Conninfo.get_defaults()}
        self._parameters = parameters(target, options, self._keywords)
        self._reconnected = False
        self._lost: str | None = None
        self.locked: list[int] = []
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
        """Connect with the settings as start-up options; a pooler that refuses or ignores them is worked around."""
        options = startup_options(self._settings, self._parameters.get("options"))
        try:
            self._connection = self._connect(self._parameters | {"options": options})
        except UnreachableError as error:
            if not _refuses_options(error.message):
                raise
            self._connection = self._connect(self._parameters)
        self.identity = self._greet()
        # Settings made with SET would stay on a pooled connection and hurt its next user: where the start-up options
        # did not arrive, each statement runs in a transaction that carries them.
        self._local_settings = {} if self._settings_in_force() else self._accepted_settings()

    def _connect(self, parameters: Mapping[str, str]) -> psycopg.Connection[Row]:
        try:
            connection = psycopg.connect(
                "", autocommit=True, prepare_threshold=None, row_factory=dict_row, **cast("dict[str, Any]", parameters)
            )
        except psycopg.Error as error:
            raise unreachable(self._target, str(error)) from None
        if connection.info.parameter_status("server_encoding") == "SQL_ASCII":
            for name in _TEXT_TYPES:
                connection.adapters.register_loader(name, _Tolerant)
        return connection

    def _greet(self) -> Identity:
        """Ask the server who and when it is."""
        try:
            row = self._connection.execute(
                marked("SELECT current_database()::text AS database, current_user::text AS role, now() AS moment")
            ).fetchone()
        except psycopg.Error as error:
            raise unreachable(self._target, str(error)) from None
        info = self._connection.info
        version_text = info.parameter_status("server_version") or str(info.server_version)
        return Identity(version=info.server_version, version_text=version_text, **(row or {}))

    def _settings_in_force(self) -> bool:
        try:
            row = self._connection.execute(
                marked(
                    "SELECT current_setting('statement_timeout') <> '0'"
                    " AND current_setting('default_transaction_read_only') = 'on'"
                    " AND current_setting('search_path') = 'pg_catalog' AS ours"
                )
            ).fetchone()
        except psycopg.Error:
            return False
        return bool(row and row["ours"])

    def _accepted_settings(self) -> dict[str, str]:
        """Find out which settings the server takes: a product that speaks the protocol may not know all of them."""
        accepted: dict[str, str] = {}
        for name, value in self._settings.items():
            with suppress(psycopg.Error), self._connection.transaction():
                self._set_local({name: value})
                accepted[name] = value
        return accepted

    def fill(self, grant: str | None, schemas: Iterable[str] = ()) -> str | None:
        """Return a grant with the names of this session filled in, quoted."""
        if grant is None:
            return None
        values = {
            "{role}": _quoted(self.identity.role),
            "{database}": _quoted(self.identity.database),
            "{schemas}": ", ".join(_quoted(schema) for schema in schemas),
        }
        return re.sub("|".join(map(re.escape, values)), lambda match: values[match[0]], grant)

    # --- running ---------------------------------------------------------------------------------------------------

    def run(self, probe: Probe, find_locked: Callable[[], None] | None = None) -> Answer:
        """Run a probe. It never raises for what the server does: that is the outcome.

        ``find_locked`` is called to look again at who holds locks after the probe waited for one in vain; the probe is
        then tried once more.
        """
        started = time.perf_counter()
        answer = self._attempt(probe)
        if answer.outcome is ProbeOutcome.TIMED_OUT and answer.reason == _LOCK_WAIT and find_locked is not None:
            find_locked()
            answer = self._attempt(probe)
        elapsed = round((time.perf_counter() - started) * 1000, 1)
        return Answer(outcome=answer.outcome, rows=answer.rows, reason=answer.reason, milliseconds=elapsed)

    def _attempt(self, probe: Probe) -> Answer:
        if self._connection.closed and not self._reconnect():
            return Answer(outcome=ProbeOutcome.FAILED, reason=f"the connection was lost: {self._lost}")
        text = probe.text(self.identity.version)
        if text is None:
            return Answer(outcome=ProbeOutcome.UNSUPPORTED, reason=probe.missing or "this server version has none")
        timeout = self._options.statement_timeout if probe.timeout is None else probe.timeout
        try:
            if probe.extension is not None:
                schema = self._extension_schema(probe.extension)
                if schema is None:
                    missing = probe.missing or f"the extension {probe.extension} is not installed in this database"
                    return Answer(outcome=ProbeOutcome.UNSUPPORTED, reason=missing)
                text = text.replace("{schema}", schema)
            with self._bare(probe), self._deadline(timeout + _GRACE), self._transaction(probe.timeout):
                return Answer(outcome=ProbeOutcome.OK, rows=self._fetch(text))
        except psycopg.Error as error:
            return self._failure(error, timeout)

    @contextmanager
    def _bare(self, probe: Probe) -> Iterator[None]:
        """Run a probe on a connection without start-up options, where the server shows its own parameters.

        What a connection starts with counts as its default, so that the server's value is not to be seen there. Where
        no second connection is to be had, the probe runs on the first.
        """
        if not probe.bare or self._local_settings:
            yield
            return
        try:
            connection = self._connect(self._parameters)
        except UnreachableError:
            yield
            return
        usual, self._connection, self._local_settings = self._connection, connection, self._settings
        try:
            with connection:
                yield
        finally:
            self._connection, self._local_settings = usual, {}

    def _fetch(self, text: str) -> list[Row]:
        values = {"locked": self.locked, "limit": self._options.statements} if "%(" in text else None
        with self._connection.cursor() as cursor:
            cursor.execute(marked(text), values)
            return cursor.fetchall()

    def _extension_schema(self, name: str) -> str | None:
        row = self._connection.execute(
            marked(
                "SELECT quote_ident(n.nspname) AS schema FROM pg_catalog.pg_extension e"
                " JOIN pg_catalog.pg_namespace n ON n.oid = e.extnamespace WHERE e.extname = %s"
            ),
            (name,),
        ).fetchone()
        return None if row is None else row["schema"]

    @contextmanager
    def _transaction(self, timeout: float | None) -> Iterator[None]:
        """Run in a transaction of its own where settings must not outlive the statement."""
        own = {} if timeout is None else {"statement_timeout": str(round(timeout * 1000))}
        settings = self._local_settings | own
        if not settings:
            yield
            return
        with self._connection.transaction():
            self._set_local(settings)
            yield

    def _set_local(self, settings: Mapping[str, str]) -> None:
        """Make settings for the rest of the transaction, which becomes read-only."""
        self._connection.execute("SET TRANSACTION READ ONLY")
        calls = ", ".join(["set_config(%s, %s, true)"] * len(settings))
        values = [part for setting in settings.items() for part in setting]
        self._connection.execute(marked(f"SELECT {calls}"), values)

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

    def _reconnect(self) -> bool:
        """Connect again, once per session."""
        if self._reconnected:
            return False
        self._reconnected = True
        try:
            self._open()
        except UnreachableError as error:
            self._lost = f"{self._lost}; connecting again failed: {error.message.rpartition(': ')[2]}"
            return False
        return True

    def _failure(self, error: psycopg.Error, timeout: float) -> Answer:
        """Say what an error of the server means for a probe."""
        reason = _scrubbed(self._target, error)
        if self._connection.closed:
            self._lost = reason
            return Answer(outcome=ProbeOutcome.FAILED, reason=f"the connection was lost: {reason}")
        if isinstance(error, errors.QueryCanceled):
            return Answer(outcome=ProbeOutcome.TIMED_OUT, reason=f"the statement took longer than {timeout:g} s")
        if isinstance(error, errors.LockNotAvailable):
            return Answer(outcome=ProbeOutcome.TIMED_OUT, reason=_LOCK_WAIT)
        if isinstance(error, errors.InsufficientPrivilege):
            return Answer(outcome=ProbeOutcome.DENIED, reason=reason)
        if isinstance(error, _UNSUPPORTED):
            return Answer(outcome=ProbeOutcome.UNSUPPORTED, reason=reason)
        return Answer(outcome=ProbeOutcome.FAILED, reason=reason)


_LOCK_WAIT = "another session holds a lock that the statement waited for in vain"
_UNSUPPORTED = (
    errors.UndefinedTable,
    errors.UndefinedColumn,
    errors.UndefinedFunction,
    errors.UndefinedObject,
    errors.InvalidSchemaName,
    errors.FeatureNotSupported,
    errors.ObjectNotInPrerequisiteState,
)


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"' if not re.fullmatch(r"[a-z_][a-z0-9_]*", name) else name


def _refuses_options(message: str) -> bool:
    """Whether a login failed because of the start-up options rather than of who logs in."""
    return any(word in message for word in ("startup parameter", "configuration parameter", "command-line", "options"))


def _scrubbed(target: Target, error: psycopg.Error) -> str:
    """Return one line of what the server said, without values: quoted text of data errors is left out."""
    text = error.diag.message_primary or str(error)
    if (error.sqlstate or "").startswith("22"):
        text = text.partition('"')[0].partition("'")[0].rstrip(": ")
    return reason_of(target, text)


def _cut(connection: psycopg.Connection[Row]) -> None:
    with suppress(OSError, psycopg.Error):
        socket.fromfd(connection.fileno(), socket.AF_INET, socket.SOCK_STREAM).shutdown(socket.SHUT_RDWR)
