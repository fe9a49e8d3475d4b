"""The one connection of an audit: read-only, bounded in time, and patient with a server that refuses or dies."""

from __future__ import annotations

import errno
import re
import struct
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import pymysql
from msgspec import Struct
from pymysql.cursors import DictCursor

from auditor.connector import CollectOptions
from auditor.errors import AuditorError, UnreachableError
from auditor.model.vocabulary import ProbeOutcome
from auditor.target import Target
from auditor_connectors.answer import Answer
from auditor_connectors.mysql.conninfo import parameters, parts_of, reason_of, unreachable
from auditor_connectors.mysql.grants import Privileges, parse
from auditor_connectors.mysql.probe import SYSTEM_SCHEMAS, Probe, Product, marked, within
from auditor_connectors.mysql.quoting import text_literal

_GRACE = 15.0
"""Seconds beyond the server's own timeout after which the connection is cut from this side: the server is not there."""

_DRIVER_ERRORS = (pymysql.Error, OSError, RuntimeError, struct.error, IndexError, AssertionError, ValueError)
"""What a connection can end in: the driver's errors, and how it fails on answers that are not the protocol's."""

_GREETING = """
SELECT CURRENT_USER() AS account, @@version_comment AS comment, UNIX_TIMESTAMP(NOW(3)) AS seconds,
       @@lower_case_table_names AS folding
"""
_SCHEMA = "SELECT SCHEMA_NAME AS name FROM information_schema.SCHEMATA WHERE {own:SCHEMA_NAME}"

_HIDDEN_KEYS = 80030
"""The version of MySQL that can generate primary keys, and hide them from the dictionary as if there were none.

https://dev.mysql.com/doc/refman/8.4/en/create-table-gipks.html
"""

# https://mariadb.com/kb/en/mariadb-error-codes/ and the reference above conninfo's hints
_DENIED = frozenset({1044, 1045, 1142, 1143, 1227, 1370, 3530})
_UNSUPPORTED = frozenset({1054, 1109, 1146, 1193, 1235, 1305, 1049, 1356})
_TIMED_OUT = frozenset({3024, 1969})
_LOCKED = frozenset({1205, 3572})
_CANCELLED = frozenset({1317})
_GONE = frozenset({1053, 1077, 1079, 1927, 2006, 2013, 2014, 2055, 3169, 4031})


class Identity(Struct, frozen=True, kw_only=True):
    """What the server said at the login.

    ``version`` is the number that mysql_get_server_version() makes: major * 10000 + minor * 100 + patch. ``database``
    is the audited one as the server writes it, None for all. ``account`` is the one that the session was given,
    user@host.
    """

    product: Product
    version: int
    version_text: str
    version_comment: str
    account: str
    database: str | None
    moment: datetime
    privileges: Privileges


def version_of(text: str) -> tuple[Product, str, int]:
    """Tell from what VERSION() says which product it is, its version as people write it, and as a number.

    MariaDB once put "5.5.5-" before its version, for replicas that stopped at a first number above 9.
    """
    plain = text.removeprefix("5.5.5-") if "mariadb" in text.lower() else text
    match = re.match(r"(\d+)\.(\d+)\.(\d+)", plain)
    numbers = [int(part) for part in match.groups()] if match else [0, 0, 0]
    product: Product = "mariadb" if "mariadb" in text.lower() else "mysql"
    return product, ".".join(map(str, numbers)), numbers[0] * 10000 + numbers[1] * 100 + numbers[2]


class Session:
    """One connection to a target; a context manager.

    No statement of it opens a database, so that what the server counts of them stays apart from what it counts there.
    """

    def __init__(self, target: Target, options: CollectOptions) -> None:
        """Connect.

        Raises:
            UsageError: the URL has an option that is unknown or has a wrong value.
            UnreachableError: the server cannot be reached, refuses the login or has no such database.

        """
        self._target = target
        self._options = options
        self._parameters = parameters(target, options)
        self._reconnected = False
        self._lost: str | None = None
        self._open()

    def __enter__(self) -> Self:
        """Return the session."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close the connection."""
        with suppress(*_DRIVER_ERRORS):
            self._connection.close()

    # --- connecting ------------------------------------------------------------------------------------------------

    def _open(self) -> None:
        """Connect, and find out what the server is, what it takes and what the account may see."""
        path = self._parameters.get("unix_socket")
        if path is not None and not Path(path).is_socket():  # of which the driver would leave a socket open
            raise unreachable(self._target, FileNotFoundError(errno.ENOENT, "No such file or directory"))
        try:
            self._connection = pymysql.connect(**self._parameters, cursorclass=DictCursor)
        except _DRIVER_ERRORS as error:
            raise unreachable(self._target, error) from None
        try:
            self.identity = self._greet()
        except _DRIVER_ERRORS as error:
            with suppress(*_DRIVER_ERRORS):
                self._connection.close()
            raise unreachable(self._target, error) from None

    def _greet(self) -> Identity:
        text = str(self._connection.get_server_info())  # type: ignore[no-untyped-call]
        product, version_text, version = version_of(text)
        self._set_up(_settings(product, version, self._options))
        # The driver applies this to every read from now on; the login had the shorter limit of a connection.
        self._connection._read_timeout = self._options.statement_timeout + _GRACE  # type: ignore[attr-defined]  # noqa: SLF001
        greeting = self._query(_GREETING)[0]
        grants = [str(next(iter(row.values()))) for row in self._query("SHOW GRANTS")]
        privileges = parse(grants)
        return Identity(
            product=product,
            version=version,
            version_text=version_text,
            version_comment=f"{text} {greeting['comment'] or ''}".strip(),
            account=greeting["account"],
            database=self._database(privileges, folding=bool(greeting["folding"])),
            moment=datetime.fromtimestamp(float(greeting["seconds"]), UTC),
            privileges=privileges,
        )

    def _set_up(self, settings: Sequence[str]) -> None:
        """Make the session read-only and set what it needs: at once, or one by one where not all are known."""
        with suppress(pymysql.MySQLError):
            self._query("SET SESSION TRANSACTION READ ONLY")
        try:
            self._query(f"SET SESSION {', '.join(settings)}")
        except pymysql.MySQLError:
            for setting in settings:
                with suppress(pymysql.MySQLError):
                    self._query(f"SET SESSION {setting}")

    def _database(self, privileges: Privileges, *, folding: bool) -> str | None:
        """The audited database as the server writes it. One that the account may not see may be there all the same.

        ``folding`` says that the server does not tell upper from lower case in names.

        Raises:
            UnreachableError: there is no such database.

        """
        wanted = self._target.database
        if wanted is None:
            return None
        names = [row["name"] for row in self._query(within(_SCHEMA, None, ""))]
        names += [name for name in SYSTEM_SCHEMAS if name == wanted.lower()]
        same = [name for name in names if name == wanted or (folding and name.lower() == wanted.lower())]
        if same:
            return str(same[0])
        if privileges.globally("SHOW DATABASES", "SELECT"):
            raise UnreachableError(
                f"cannot audit {self._target.masked}: there is no database of this name",
                "check the name after the slash of the URL, or leave it out to audit all databases",
            )
        return wanted

    def databases(self) -> list[str]:
        """Name the databases that the account can see, without those of the system.

        Raises:
            UnreachableError: the server does not tell.

        """
        try:
            return sorted(row["name"] for row in self._query(within(_SCHEMA, None, "")))
        except _DRIVER_ERRORS as error:
            raise unreachable(self._target, error) from None

    # --- running ---------------------------------------------------------------------------------------------------

    def run(self, probe: Probe) -> Answer:
        """Run a probe. It never raises for what the server does: that is the outcome. A lock is waited for twice."""
        started = time.perf_counter()
        answer, again = self._attempt(probe)
        if again:
            answer, _ = self._attempt(probe)
        elapsed = round((time.perf_counter() - started) * 1000, 1)
        return Answer(outcome=answer.outcome, rows=answer.rows, reason=answer.reason, milliseconds=elapsed)

    def _attempt(self, probe: Probe) -> tuple[Answer, bool]:
        """Run a probe once; the second value tells whether it may go better the next time."""
        if not self._connection.open and not self._reconnect():
            return Answer(outcome=ProbeOutcome.FAILED, reason=f"the connection was lost: {self._lost}"), False
        text = probe.text(self.identity.product, self.identity.version)
        if text is None:
            return Answer(outcome=ProbeOutcome.UNSUPPORTED, reason=probe.missing), False
        try:
            return Answer(outcome=ProbeOutcome.OK, rows=self._query(self._filled(text))), False
        except _DRIVER_ERRORS as error:
            code, _ = parts_of(error)
            return self._failure(error), code in _LOCKED

    def _filled(self, text: str) -> str:
        database = self.identity.database
        quote = "" if database is None else text_literal(database)
        return within(text, database, quote).replace("{limit}", str(self._options.statements))

    def _query(self, text: str) -> list[dict[str, Any]]:
        with self._connection.cursor() as cursor:
            cursor.execute(marked(text))
            return list(cursor.fetchall())

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

    def _failure(self, error: BaseException) -> Answer:
        """Say what an error of the server means for a probe."""
        code, text = parts_of(error)
        reason = reason_of(self._target, text)
        if code in _GONE or not self._connection.open:
            self._lost = reason
            with suppress(*_DRIVER_ERRORS):
                self._connection.close()
            return Answer(outcome=ProbeOutcome.FAILED, reason=f"the connection was lost: {reason}")
        if code in _TIMED_OUT:
            return Answer(
                outcome=ProbeOutcome.TIMED_OUT, reason=f"it took longer than {self._options.statement_timeout:g} s"
            )
        if code in _LOCKED:
            seconds = _whole(self._options.lock_timeout)
            return Answer(
                outcome=ProbeOutcome.TIMED_OUT, reason=f"another session held a lock for longer than {seconds} s"
            )
        if code in _CANCELLED:
            return Answer(outcome=ProbeOutcome.FAILED, reason=f"somebody cancelled it: {reason}")
        if code in _DENIED:
            return Answer(outcome=ProbeOutcome.DENIED, reason=reason)
        if code in _UNSUPPORTED:
            return Answer(outcome=ProbeOutcome.UNSUPPORTED, reason=reason)
        return Answer(outcome=ProbeOutcome.FAILED, reason=reason)


def _settings(product: Product, version: int, options: CollectOptions) -> list[str]:
    """What the session sets for itself: it waits for nobody long, and reads fresh statistics."""
    found: Mapping[str, str] = {
        "sql_mode": "'STRICT_TRANS_TABLES,NO_ENGINE_SUBSTITUTION'",
        "time_zone": "'+00:00'",
        "lock_wait_timeout": str(_whole(options.lock_timeout)),
        "wait_timeout": str(max(60, _whole(2 * options.statement_timeout))),
    }
    if product == "mariadb":
        found = {**found, "max_statement_time": f"{options.statement_timeout:.3f}"}
    else:
        found = {**found, "max_execution_time": str(round(options.statement_timeout * 1000))}
        if version >= 80000:
            found = {**found, "information_schema_stats_expiry": "0"}
        if version >= _HIDDEN_KEYS:
            found = {**found, "show_gipk_in_create_table_and_information_schema": "ON"}
    return [f"{name} = {value}" for name, value in found.items()]


def _whole(seconds: float) -> int:
    """Seconds as the server counts them: whole, and at least one."""
    return max(1, round(seconds))
