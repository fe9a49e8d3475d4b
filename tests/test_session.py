"""The connection of an audit: what it sets, what it answers to refusals, and what survives when it is lost."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import psycopg
import pytest

from auditor.connector import CollectOptions
from auditor.errors import UnreachableError, UsageError
from auditor.model.snapshot import ProbeResult, Snapshot
from auditor.model.vocabulary import ProbeOutcome
from auditor.target import Target, parse_target
from auditor_connectors.postgresql import connector, session
from auditor_connectors.postgresql.conninfo import parameters, unreachable
from auditor_connectors.postgresql.probe import Probe
from auditor_connectors.postgresql.session import Session
from tests.collecting import SECRET, collect, role
from tests.servers import AnyServer, Database, Pool

KNOWN = (
    "application_name",
    "host",
    "port",
    "user",
    "password",
    "dbname",
    "sslmode",
    "sslrootcert",
    "connect_timeout",
    "options",
    "service",
)


def target_of(url: str) -> Target:
    return parse_target(url, connector.schemes, connector.example)


def keywords(url: str, **options: Any) -> dict[str, str]:
    return parameters(target_of(url), CollectOptions(**options), KNOWN)


def free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


def refusal(url: str, **options: Any) -> UnreachableError:
    with pytest.raises(UnreachableError) as caught:
        collect(url, **options)
    error = caught.value
    assert SECRET not in error.message + error.hint
    assert "\n" not in error.message + error.hint
    assert error.__cause__ is None
    assert error.status == 3
    return error


# --- what the client library is told ---------------------------------------------------------------------------------


def test_a_target_becomes_keywords() -> None:
    found = keywords("postgres://u:p%20w@[::1]:1,h,%2Frun:3/my%20db?sslmode=require", connect_timeout=7)
    assert {name: found[name] for name in ("host", "port", "user", "password", "dbname", "sslmode")} == {
        "host": "::1,h,/run", "port": "1,,3", "user": "u", "password": "p w", "dbname": "my db", "sslmode": "require",
    }  # fmt: skip
    assert (found["application_name"], found["client_encoding"], found["connect_timeout"]) == ("auditor", "UTF8", "7")


def test_what_the_target_leaves_out_is_left_to_the_library(monkeypatch: pytest.MonkeyPatch) -> None:
    found = keywords("postgres:///?service=shop")
    assert found["service"] == "shop"
    assert not {"host", "port", "user", "password", "dbname"} & set(found)
    monkeypatch.setenv("PGCONNECT_TIMEOUT", "3")
    assert "connect_timeout" not in keywords("postgres://h/d")
    assert keywords("postgres://h/d?connect_timeout=4")["connect_timeout"] == "4"


def test_a_name_like_a_connection_string_stays_a_name() -> None:
    assert keywords("postgres://h/host%3Delsewhere%20user%3Droot")["dbname"] == "host=elsewhere user=root"


def test_options_of_the_url_are_checked() -> None:
    assert keywords("postgres://h/d?ssl=true")["sslmode"] == "require"
    for option, hint in (("sslmod=require", "did you mean sslmode?"), ("schema=public", "leave it out")):
        with pytest.raises(UsageError) as caught:
            keywords(f"postgres://h/d?{option}")
        assert option.partition("=")[0] in caught.value.message
        assert hint in caught.value.hint
    with pytest.raises(UsageError, match="replication"):
        keywords("postgres://h/d?replication=database")
    assert keywords("postgres://h/d?application_name=mine")["application_name"] == "auditor"


# --- refusals --------------------------------------------------------------------------------------------------------


def test_nothing_listens() -> None:
    error = refusal(f"postgres://u:{SECRET}@127.0.0.1:{free_port()}/d")
    assert "Connection refused" in error.message
    assert "postgres://u:***@127.0.0.1" in error.message
    assert "listen_addresses" in error.hint


def test_an_unknown_host() -> None:
    error = refusal(f"postgres://u:{SECRET}@no-such-host.invalid/d")
    assert "resolve" in error.message
    assert "host name" in error.hint


def test_no_socket(tmp_path: Path) -> None:
    assert "socket" in refusal(f"postgres:///d?host={tmp_path}").hint


def test_no_answer() -> None:
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen()
        started = time.monotonic()
        error = refusal(f"postgres://u:{SECRET}@127.0.0.1:{silent.getsockname()[1]}/d", connect_timeout=2.0)
    assert time.monotonic() - started < 10
    assert "timeout" in error.message
    assert "firewall" in error.hint


def test_something_else_listens() -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]

        def answer() -> None:
            with suppress(OSError):
                while True:
                    connection, _ = other.accept()
                    connection.recv(8)
                    connection.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n")
                    connection.close()

        threading.Thread(target=answer, daemon=True).start()
        error = refusal(f"postgres://u:{SECRET}@127.0.0.1:{port}/d?sslmode=require")
        other.shutdown(socket.SHUT_RDWR)
    assert "PostgreSQL" in error.hint or "TLS" in error.hint


def test_logins_that_the_server_refuses(server: AnyServer) -> None:
    with role(server) as name, role(server) as silent:
        with psycopg.connect(server.url(), autocommit=True) as admin:
            admin.execute(f"ALTER ROLE {silent} NOLOGIN".encode())
        wrong = refusal(server.url("postgres", name, SECRET + "x"))
        assert "password authentication failed" in wrong.message
        assert "password" in wrong.hint
        missing = refusal(server.url("no_such_database", name, SECRET))
        assert 'database "no_such_database" does not exist' in missing.message
        assert "name of the database" in missing.hint
        assert "LOGIN" in refusal(server.url("postgres", silent, SECRET)).hint
        closed = refusal(server.url("template0", name, SECRET))
        assert "not currently accepting connections" in closed.message


def test_no_right_to_connect(server: AnyServer, database: Database) -> None:
    with role(server) as name:
        database.run(f"REVOKE CONNECT ON DATABASE {database.name} FROM PUBLIC")
        error = refusal(database.url_of(name, SECRET))
    assert "GRANT CONNECT" in error.hint


@pytest.mark.parametrize(
    ("text", "reason", "hint"),
    [
        (
            'connection failed: FATAL:  no pg_hba.conf entry for host "10.0.0.9", user "u", no encryption',
            'no pg_hba.conf entry for host "10.0.0.9", user "u", no encryption',
            "sslmode=require",
        ),
        (
            'connection failed: FATAL:  pg_hba.conf rejects connection for host "::1", user "u", database "d", SSL on',
            'pg_hba.conf rejects connection for host "::1", user "u", database "d", SSL on',
            "ask for a line",
        ),
        (
            "connection to h failed: SSL error: certificate verify failed\nMultiple connection attempts failed",
            "SSL error: certificate verify failed",
            "sslrootcert",
        ),
        (
            "connection failed: FATAL:  the database system is starting up",
            "the database system is starting up",
            "moment",
        ),
        ("connection failed: FATAL:  die Datenbank ist kaputt", "die Datenbank ist kaputt", "check host, port"),
        (f"connection failed: FATAL: bad {SECRET} password='x y'", "bad *** password=***", "check host, port"),
    ],
)
def test_reasons_and_hints(text: str, reason: str, hint: str) -> None:
    error = unreachable(target_of(f"postgres://u:{SECRET}@h/d"), text)
    assert error.message == f"cannot connect to postgres://u:***@h/d: {reason}"
    assert hint in error.hint


def test_a_server_without_tls(server: AnyServer) -> None:
    error = refusal(server.url() + "?sslmode=require")
    assert "does not support SSL" in error.message
    assert "sslmode=prefer" in error.hint


def test_all_connections_taken(pool: Pool) -> None:
    settings = {"max_connections": "4", "superuser_reserved_connections": "1", "max_wal_senders": "0"}
    with pool.own(settings=settings) as server, role(server) as name:
        url = server.url("postgres", name, SECRET)
        held = []
        try:
            with suppress(psycopg.OperationalError):
                while True:
                    held.append(psycopg.connect(url))
            error = refusal(url)
        finally:
            for connection in held:
                connection.close()
    assert "connection slots" in error.message or "too many clients" in error.message
    assert "taken" in error.hint


def test_databases_that_can_be_audited(server: AnyServer, database: Database) -> None:
    with role(server) as name:
        options = CollectOptions()
        assert database.name in connector.databases(target_of(server.url()), options)
        assert not {"template0", "template1"} & set(connector.databases(target_of(server.url()), options))
        nameless = server.url("postgres", name, SECRET).removesuffix("/postgres")
        assert database.name in connector.databases(target_of(nameless), options)
        database.run(f"REVOKE CONNECT ON DATABASE {database.name} FROM PUBLIC")
        seen = connector.databases(target_of(server.url("postgres", name, SECRET)), options)
    assert "postgres" in seen
    assert database.name not in seen


# --- how it behaves --------------------------------------------------------------------------------------------------

_SHOW = Probe(
    name="show",
    purpose="show what a probe runs under",
    sql="""SELECT name, setting FROM pg_catalog.pg_settings WHERE name IN (
             'transaction_read_only', 'statement_timeout', 'lock_timeout', 'search_path', 'jit', 'TimeZone',
             'DateStyle', 'application_name', 'client_encoding', 'extra_float_digits',
             'idle_in_transaction_session_timeout')""",
)


def test_settings_of_a_probe_whatever_the_role_has(server: AnyServer, database: Database) -> None:
    with role(server) as name:
        for setting in (
            "search_path = public",
            "timezone = 'Asia/Tokyo'",
            "datestyle = 'German'",
            "jit = on",
            "statement_timeout = 0",
            "extra_float_digits = -3",
            "default_transaction_read_only = off",
        ):
            database.run(f"ALTER ROLE {name} SET {setting}")
        options = CollectOptions(statement_timeout=12.5, lock_timeout=0.75)
        with Session(target_of(database.url_of(name, SECRET)), options) as opened:
            answer = opened.run(_SHOW)
            found = {row["name"]: row["setting"] for row in answer.rows}
            written = opened.run(Probe(name="w", purpose="write", sql="CREATE TABLE public.t (a int)"))
    assert found == {
        "transaction_read_only": "on", "statement_timeout": "12500", "lock_timeout": "750", "search_path": "pg_catalog",
        "jit": "off", "TimeZone": "UTC", "DateStyle": "ISO, MDY", "application_name": "auditor",
        "client_encoding": "UTF8", "extra_float_digits": "1", "idle_in_transaction_session_timeout": "60000",
    }  # fmt: skip
    assert written.outcome is ProbeOutcome.FAILED
    assert "read-only transaction" in (written.reason or "")


def test_nothing_is_left_of_a_probe(server: AnyServer, database: Database) -> None:
    """A pooler may give the connection to the next client: no setting, cursor or transaction may stay on it."""
    show = "SELECT name, setting FROM pg_catalog.pg_settings WHERE source = 'session'"
    with Session(target_of(database.url), CollectOptions()) as opened:
        opened.run(_SHOW)
        opened.run(Probe(name="bad", purpose="fail", sql="SELECT 1 / 0"))
        connection = opened._connection
        left = connection.execute(show).fetchall()
        prepared = connection.execute("SELECT count(*) FROM pg_prepared_statements").fetchall()
        assert connection.info.transaction_status == psycopg.pq.TransactionStatus.IDLE
    assert (left, prepared) == ([], [(0,)])


@pytest.mark.parametrize(
    ("sql", "outcome", "says"),
    [
        ("SELECT * FROM pg_catalog.pg_authid", ProbeOutcome.DENIED, "permission denied for table pg_authid"),
        ("SELECT * FROM pg_catalog.no_such_view", ProbeOutcome.UNSUPPORTED, "does not exist"),
        ("SELECT no_such_column FROM pg_catalog.pg_class", ProbeOutcome.UNSUPPORTED, "does not exist"),
        ("SELECT pg_catalog.no_such_function()", ProbeOutcome.UNSUPPORTED, "does not exist"),
        ("SELECT pg_sleep(9)", ProbeOutcome.TIMED_OUT, "longer than 0.3 s"),
        ("SELECT 1 / 0", ProbeOutcome.FAILED, "division by zero"),
        (f"SELECT '{SECRET}'::int", ProbeOutcome.FAILED, "invalid input syntax for type integer"),
    ],
)
def test_outcomes(server: AnyServer, sql: str, outcome: ProbeOutcome, says: str) -> None:
    with role(server) as name:
        url = server.url("postgres", name, SECRET)
        with Session(target_of(url), CollectOptions(statement_timeout=0.3)) as opened:
            answer = opened.run(Probe(name="one", purpose="try", sql=sql))
            after = opened.run(_SHOW)
    assert answer.outcome is outcome
    assert says in (answer.reason or "")
    assert SECRET not in (answer.reason or "")
    assert after.outcome is ProbeOutcome.OK


def test_a_probe_may_have_a_timeout_of_its_own(server: AnyServer) -> None:
    with Session(target_of(server.url()), CollectOptions(statement_timeout=30)) as opened:
        answer = opened.run(Probe(name="slow", purpose="sleep", sql="SELECT pg_sleep(9)", timeout=0.2))
        assert (answer.outcome, answer.milliseconds < 5000) == (ProbeOutcome.TIMED_OUT, True)
        assert opened.run(_SHOW).rows


def test_versions_of_a_probe() -> None:
    probe = Probe(name="p", purpose="p", sql={0: "old", 150000: "new"}, since=130000, until=180000)
    assert [probe.text(version) for version in (120000, 130004, 150000, 179999, 180000)] == [
        None, "old", "new", "new", None,
    ]  # fmt: skip


# --- when it is lost -------------------------------------------------------------------------------------------------


def interrupted(url: str, interrupt: Callable[[ProbeResult, int], None], **options: Any) -> Snapshot:
    def progress(result: ProbeResult, number: int, count: int) -> None:
        assert 1 <= number <= count
        interrupt(result, number)

    return connector.collect(target_of(url), CollectOptions(**options), progress)


def end_sessions(server: AnyServer) -> int:
    with psycopg.connect(server.url(), autocommit=True) as admin:
        return admin.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'auditor'"
        ).rowcount


def test_an_ended_session_connects_again_once(server: AnyServer, database: Database) -> None:
    database.run("CREATE TABLE t (id int)")
    whole = collect(database.url)

    def once(result: ProbeResult, _: int) -> None:
        if result.probe == "tables":
            assert end_sessions(server) == 1

    snapshot = interrupted(database.url, once)
    lost = [result for result in snapshot.probes if (result.reason or "").startswith("the connection was lost: ")]
    assert [result.outcome for result in lost] == [ProbeOutcome.FAILED]
    assert "administrator command" in (lost[0].reason or "")
    after = [result.probe for result in snapshot.probes]
    assert after == [result.probe for result in whole.probes]
    assert [one.path for one in snapshot.catalog.tables] == ["public.t"]
    assert snapshot.server.replicas == whole.server.replicas


def test_a_session_that_is_ended_again_and_again_keeps_what_it_has(server: AnyServer, database: Database) -> None:
    database.run("CREATE TABLE t (id int)")

    def always(result: ProbeResult, _: int) -> None:
        if result.outcome is ProbeOutcome.OK and result.probe not in ("server", "settings"):
            end_sessions(server)

    snapshot = interrupted(database.url, always)
    lost = [result for result in snapshot.probes if result.outcome is ProbeOutcome.FAILED]
    assert len(lost) > 30
    assert all("the connection was lost: " in (result.reason or "") for result in lost)
    assert snapshot.server.version_number > 0
    assert snapshot.catalog.tables == ()


def test_a_server_that_dies_leaves_what_was_collected(pool: Pool) -> None:
    with pool.own() as server:
        with psycopg.connect(server.url(), autocommit=True) as admin:
            admin.execute("CREATE TABLE t (id int)")

        def kill(result: ProbeResult, _: int) -> None:
            if result.probe == "columns":
                server.end_process()

        snapshot = interrupted(server.url(), kill, connect_timeout=2.0)
    results = {result.probe: result for result in snapshot.probes}
    assert results["columns"].outcome is ProbeOutcome.OK
    assert results["archiver"].outcome is ProbeOutcome.FAILED
    assert "the connection was lost" in (results["archiver"].reason or "")
    assert "connecting again failed" in (results["archiver"].reason or "")
    assert [one.columns[0].name for one in snapshot.catalog.tables] == ["id"]


class Proxy:
    """Passes bytes between a client and the server until it is told to lose them."""

    def __init__(self, port: int) -> None:
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        self._target, self._cut = port, threading.Event()
        threading.Thread(target=self._serve, daemon=True).start()

    def cut(self) -> None:
        """Lose everything from now on without a word, as a network does that is gone."""
        self._cut.set()

    def _serve(self) -> None:
        with suppress(OSError):
            while True:
                client, _ = self._listener.accept()
                if not self._cut.is_set():
                    server = socket.create_connection(("127.0.0.1", self._target))
                    threading.Thread(target=self._pass, args=(client, server), daemon=True).start()
                    threading.Thread(target=self._pass, args=(server, client), daemon=True).start()

    def _pass(self, source: socket.socket, sink: socket.socket) -> None:
        with suppress(OSError):
            while data := source.recv(65536):
                if self._cut.is_set():
                    self._cut.wait()
                    threading.Event().wait()
                sink.sendall(data)
            sink.close()


def test_a_network_that_is_cut_does_not_hang(
    server: AnyServer, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(session, "_GRACE", 0.5)
    database.run("CREATE TABLE t (id int)")
    parts = urlsplit(database.url)
    proxy = Proxy(parts.port or 5432)
    url = parts._replace(netloc=parts.netloc.replace(str(parts.port), str(proxy.port))).geturl()
    started = time.monotonic()

    def cut(result: ProbeResult, _: int) -> None:
        if result.probe == "columns":
            proxy.cut()

    snapshot = interrupted(url, cut, statement_timeout=1.0, connect_timeout=2.0)
    assert time.monotonic() - started < 20
    results = {result.probe: result for result in snapshot.probes}
    assert results["columns"].outcome is ProbeOutcome.OK
    assert results["archiver"].outcome is ProbeOutcome.FAILED
    assert "the connection was lost" in (results["archiver"].reason or "")
    assert [one.columns[0].name for one in snapshot.catalog.tables] == ["id"]


def test_a_lock_taken_after_the_list_of_locks_is_found_again(server: AnyServer, database: Database) -> None:
    database.run("CREATE TABLE t (id int DEFAULT 1)", "CREATE TABLE other (id int DEFAULT 1)")
    with database.connect() as holder:

        def lock(result: ProbeResult, _: int) -> None:
            if result.probe == "locked-relations":
                holder.execute("BEGIN")
                holder.execute("LOCK TABLE t IN ACCESS EXCLUSIVE MODE")

        snapshot = interrupted(database.url, lock, lock_timeout=0.2)
        holder.execute("ROLLBACK")
    tables = {one.name: one for one in snapshot.catalog.tables}
    assert {result.outcome for result in snapshot.probes if result.probe in ("columns", "sizes")} == {ProbeOutcome.OK}
    assert (tables["t"].columns[0].default, tables["other"].columns[0].default) == (None, "1")
    assert tables["t"].unreadable == "locked ACCESS EXCLUSIVE by another session"


def test_a_cancelled_probe_is_not_called_slow(server: AnyServer, database: Database) -> None:
    with Session(target_of(database.url), CollectOptions()) as opened:
        pid = opened._connection.info.backend_pid
        with psycopg.connect(server.url(), autocommit=True) as admin:
            cancel = threading.Timer(0.5, admin.execute, (f"SELECT pg_cancel_backend({pid})".encode(),))
            cancel.start()
            answer = opened.run(Probe(name="slow", purpose="sleep", sql="SELECT pg_sleep(20)"))
            cancel.join()
    assert answer.outcome is ProbeOutcome.FAILED
    assert "somebody cancelled it" in (answer.reason or "")


def test_everything_too_slow_is_still_a_snapshot(server: AnyServer, database: Database) -> None:
    database.run("CREATE TABLE t (id int)")
    snapshot = collect(database.url, statement_timeout=0.001)
    assert snapshot.target.name == database.name
    assert {result.outcome for result in snapshot.probes} & {ProbeOutcome.OK, ProbeOutcome.TIMED_OUT}
