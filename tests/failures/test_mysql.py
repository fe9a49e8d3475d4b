"""MySQL and MariaDB servers that cannot be reached, refuse a login, die, or are what they should not be."""

from __future__ import annotations

import contextlib
import socket
import threading
from collections.abc import Iterator
from pathlib import Path

import pymysql
import pytest

from auditor.connector import CollectOptions
from auditor.errors import UnreachableError, UsageError
from auditor.model.snapshot import ProbeResult
from auditor.model.vocabulary import ProbeOutcome
from auditor.registry import load_connectors
from auditor.target import parse_target
from tests.commands import Program
from tests.failures.saying import refused
from tests.mysql_servers import ENGINES, Account, Started, account, database
from tests.servers import Pool

SECRET = "hunter2-Zq"
BOTH = [pytest.param(engine, marks=getattr(pytest.mark, engine)) for engine in ENGINES]


@pytest.fixture(params=BOTH)
def server(request: pytest.FixtureRequest, pool: Pool) -> Account:
    """A server of one product after the other."""
    return pool.mysql(request.param)


def free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


def refusal(url: str, **options: float) -> UnreachableError:
    """The error that a target ends in; it never holds the secret."""
    connector = load_connectors()["mysql"]
    target = parse_target(url, ("mysql", "mariadb"), connector.example)
    with pytest.raises(UnreachableError) as caught:
        connector.collect(target, CollectOptions(**options))
    assert SECRET not in f"{caught.value.message} {caught.value.hint}"
    assert "\n" not in caught.value.message
    return caught.value


def test_a_server_that_refuses_is_status_3_with_the_next_step(server: Account) -> None:
    with account(server) as (user, password):
        wrong = refusal(server.url("", user, SECRET))
        assert "Access denied" in wrong.message
        assert "percent-encoded" in wrong.hint
        silent = refusal(server.url("", user))
        assert "MYSQL_PWD" in silent.hint
        server.run(f"ALTER USER '{user}'@'%' WITH MAX_USER_CONNECTIONS 1")
        with contextlib.closing(pymysql.connect(host=server.host, port=server.port, user=user, password=password)):
            assert "all connections are taken" in refusal(server.url("", user, password)).hint
        server.run(f"ALTER USER '{user}'@'%' ACCOUNT LOCK")
        assert "locked" in refusal(server.url("", user, password)).hint
    absent = refusal(server.url("there_is_no_such_database"))
    assert "no database of this name" in absent.message
    nobody = refusal(f"mysql://u:{SECRET}@127.0.0.1:{free_port()}/d", connect_timeout=2)
    assert nobody.message.endswith(": Connection refused")
    assert "nothing listens there" in nobody.hint
    assert "check the host name" in refusal(f"mysql://u:{SECRET}@no-such-host.invalid/d").hint
    assert "no server has its socket there" in refusal("mysql://u@localhost/?socket=/nowhere/s").hint


def test_an_account_of_the_machine_is_told_so(pool: Pool) -> None:
    server = pool.mysql("mariadb")
    with account(server) as (user, _):
        server.run(f"ALTER USER '{user}'@'%' IDENTIFIED VIA unix_socket")
        assert "its socket" in refusal(server.url("", user, SECRET)).hint


def test_the_program_says_so_in_two_lines(tmp_path: Path, server: Account) -> None:
    program = Program(tmp_path)
    for command in ("audit", "collect", "doctor"):
        said = program(command, "env:TARGET", environment={"TARGET": server.url("shop", "nobody_known", SECRET)})
        refused(said, 3, "Access denied", "hint: ")
        assert SECRET not in said.text
    assert list(tmp_path.iterdir()) == []


def test_a_password_may_stand_in_the_environment(server: Account, monkeypatch: pytest.MonkeyPatch) -> None:
    with account(server) as (user, password):
        monkeypatch.setenv("MYSQL_PWD", password)
        connector = load_connectors()[server.engine]
        target = parse_target(server.url("", user), connector.schemes, connector.example)
        assert connector.collect(target, CollectOptions()).target.engine == server.engine


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ("sslmode=REQUIRED", "did you mean ssl-mode"),
        ("ssl-mode=STRICT", "use one of DISABLED"),
        ("ssl-ca=/nowhere/ca.pem", "check its path"),
        ("compress=1", "known are"),
        ("socket=", "give it one"),
    ],
)
def test_options_that_are_wrong_are_named(options: str, words: str) -> None:
    connector = load_connectors()["mysql"]
    target = parse_target(f"mysql://u:{SECRET}@127.0.0.1/d?{options}", connector.schemes, connector.example)
    with pytest.raises(UsageError) as caught:
        connector.collect(target, CollectOptions())
    assert words in caught.value.hint
    assert SECRET not in f"{caught.value.message} {caught.value.hint}"


def test_several_hosts_are_refused() -> None:
    connector = load_connectors()["mysql"]
    target = parse_target("mysql://u@a,b/d", connector.schemes, connector.example)
    with pytest.raises(UsageError, match="several hosts"):
        connector.collect(target, CollectOptions())


def test_encryption_is_what_the_url_asks_for(pool: Pool) -> None:
    mysql = pool.mysql("mysql")
    connector = load_connectors()["mysql"]
    for mode, encrypted in (("PREFERRED", True), ("DISABLED", False), ("REQUIRED", True)):
        target = parse_target(mysql.url(query=f"ssl-mode={mode}"), connector.schemes, connector.example)
        assert connector.collect(target, CollectOptions()).server.session_encrypted is encrypted
    for mode in ("VERIFY_CA", "VERIFY_IDENTITY"):  # its certificate is one that it made itself
        found = refusal(mysql.url(query=f"ssl-mode={mode}"))
        assert "certificate verify failed" in found.message
        assert "ssl-mode=REQUIRED" in found.hint


def test_a_server_without_encryption_is_refused_before_the_password_is_sent(pool: Pool) -> None:
    server = pool.mysql("mariadb")
    if server.run("SHOW VARIABLES LIKE 'have_ssl'")[0][1] == "YES":
        pytest.skip("this server has a certificate")
    found = refusal(server.url(query="ssl-mode=REQUIRED"))
    assert "SSL" in found.message
    assert "ssl-mode" in found.hint


def test_an_account_that_wants_encryption_is_told(pool: Pool) -> None:
    mysql = pool.mysql("mysql")
    with account(mysql) as (user, password):
        mysql.run(f"ALTER USER '{user}'@'%' REQUIRE SSL")
        refusal(mysql.url("", user, password, "ssl-mode=DISABLED"))


@contextlib.contextmanager
def listener(answer: bytes) -> Iterator[int]:
    """Something that listens and says what no MySQL server says."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        stopped = threading.Event()

        def serve() -> None:
            listening.settimeout(0.2)
            held = []
            while not stopped.is_set():
                with contextlib.suppress(TimeoutError):
                    connection, _ = listening.accept()
                    connection.sendall(answer)
                    held.append(connection)
            for connection in held:
                connection.close()

        thread = threading.Thread(target=serve)
        thread.start()
        try:
            yield listening.getsockname()[1]
        finally:
            stopped.set()
            thread.join()


@pytest.mark.parametrize("answer", [b"", b"HTTP/1.1 400 Bad Request\r\n\r\n", b"\x05\x00\x00\x00\x0aabc"])
def test_what_is_no_such_server_is_status_3(answer: bytes) -> None:
    with listener(answer) as port:
        found = refusal(f"mysql://u:{SECRET}@127.0.0.1:{port}/d", connect_timeout=1)
    assert "MySQL" in found.hint


@pytest.mark.parametrize("engine", BOTH)
def test_what_was_read_before_the_server_died_is_kept(pool: Pool, engine: str) -> None:
    with pool.own_mysql(engine) as server, database(server) as name:
        server.run("CREATE TABLE t (id int PRIMARY KEY)", database=name)
        snapshot = _collect_and_kill(server, name)
    outcomes = {probe.probe: probe for probe in snapshot.probes}
    assert outcomes["settings"].outcome is ProbeOutcome.OK
    assert outcomes["columns"].outcome is ProbeOutcome.FAILED
    assert "the connection was lost" in (outcomes["columns"].reason or "")


def _collect_and_kill(server: Started, name: str):
    connector = load_connectors()[server.engine]
    target = parse_target(server.url(name), connector.schemes, connector.example)

    def progress(result: ProbeResult, _number: int, _total: int) -> None:
        if result.probe == "tables":
            server.kill()

    snapshot = connector.collect(target, CollectOptions(connect_timeout=2), progress)
    server.run = lambda *_statements, **_options: []  # type: ignore[method-assign]  # nobody is there to clean up
    return snapshot


@pytest.mark.parametrize("engine", BOTH)
def test_a_connection_that_somebody_ended_is_made_again_once(pool: Pool, engine: str) -> None:
    server = pool.mysql(engine)
    connector = load_connectors()[engine]
    target = parse_target(server.url(), connector.schemes, connector.example)

    def progress(result: ProbeResult, _number: int, _total: int) -> None:
        if result.probe == "tables":
            for row in server.run("SHOW PROCESSLIST"):
                if "auditor" not in str(row) and row[4] == "Sleep":
                    server.run(f"KILL {row[0]}")

    outcomes = {p.probe: p.outcome for p in connector.collect(target, CollectOptions(), progress).probes}
    assert outcomes["columns"] is ProbeOutcome.FAILED
    assert outcomes["indexes"] is ProbeOutcome.OK


@pytest.mark.parametrize("engine", BOTH)
def test_a_lock_is_waited_for_within_the_limit_and_said(pool: Pool, engine: str) -> None:
    """The dictionary is read without waiting for a table that somebody is changing."""
    server = pool.mysql(engine)
    with database(server) as name:
        server.run("CREATE TABLE t (id int PRIMARY KEY)", database=name)
        with contextlib.closing(server.connect(name)) as holder, holder.cursor() as cursor:
            cursor.execute("LOCK TABLES t WRITE")
            connector = load_connectors()[engine]
            target = parse_target(server.url(name), connector.schemes, connector.example)
            snapshot = connector.collect(target, CollectOptions(lock_timeout=1))
    outcomes = {p.probe: p.outcome for p in snapshot.probes}
    assert outcomes["columns"] in (ProbeOutcome.OK, ProbeOutcome.TIMED_OUT)
    assert [table.name for table in snapshot.catalog.tables] == ["t"]
