"""Disposable servers: they start, answer, stop, and leave neither a process nor a file behind, however they end."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import psycopg
import pytest

from auditor.errors import UsageError
from auditor_connectors.postgresql.embedded import Binaries, Server, ServerError, find_binaries
from tests.processes import free_port


def alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def eventually(condition: Callable[[], bool], seconds: float = 15) -> bool:
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.05)
    return True


def ask(server: Server, query: str) -> object:
    with psycopg.connect(server.url()) as connection:
        row = connection.execute(query.encode()).fetchone()
    assert row is not None
    return row[0]


def test_it_runs_inside_the_block_and_is_gone_after_it() -> None:
    with Server(settings={"work_mem": "5MB", "cluster_name": "it's a 'test'"}) as server:
        directory, process = server.data.parent, server.process
        assert process is not None
        assert server.major == find_binaries().major == int(str(ask(server, "SHOW server_version_num"))) // 10000
        assert ask(server, "SHOW work_mem") == "5MB"
        assert ask(server, "SHOW cluster_name") == "it's a 'test'"
        assert ask(server, "SHOW TimeZone") == "UTC"
        assert ask(server, "SHOW fsync") == "off"
        assert server.port > 20000
    assert process.returncode == 0
    assert not directory.exists()
    with pytest.raises(ServerError, match="not running"):
        server.data  # noqa: B018 -- the property is what is tested


def test_it_lets_nobody_in_without_the_password() -> None:
    with Server() as server, pytest.raises(psycopg.OperationalError, match="password"):
        psycopg.connect(server.url(password="wrong"))


def test_an_empty_value_restores_the_default_of_the_engine() -> None:
    with Server(settings={"fsync": ""}) as server:
        assert ask(server, "SHOW fsync") == "on"


def test_lines_of_pg_hba_conf_stand_after_the_login() -> None:
    with Server(hba=["host all all 0.0.0.0/0 md5"]) as server:
        assert ask(server, "SELECT string_agg(auth_method, ' ' ORDER BY line_number) FROM pg_hba_file_rules") == (
            "scram-sha-256 md5"
        )


def test_a_standby_streams() -> None:
    with Server() as primary, Server(primary=primary, slot="standby") as standby:
        assert ask(standby, "SELECT pg_is_in_recovery()") is True
        assert eventually(lambda: ask(primary, "SELECT count(*) FROM pg_stat_replication") == 1)
        assert ask(primary, "SELECT slot_name FROM pg_replication_slots") == "standby"


def test_a_server_that_does_not_start_shows_its_log_at_once() -> None:
    began = time.monotonic()
    server = Server(settings={"shared_preload_libraries": "no_such_library"})
    with pytest.raises(ServerError, match="no_such_library"):
        server.start()
    assert time.monotonic() - began < 30
    assert server.process is None
    assert server.directory is None


def test_a_port_that_was_taken_is_not_the_end(monkeypatch: pytest.MonkeyPatch) -> None:
    with Server() as first:
        another = free_port()
        free = iter([first.port, another])
        monkeypatch.setattr("auditor_connectors.postgresql.embedded._free_port", lambda: next(free))
        with Server() as second:
            assert second.port == another
            assert ask(second, "SELECT 1") == 1


def test_it_can_be_started_again_empty() -> None:
    server = Server()
    for _ in range(2):
        with server, psycopg.connect(server.url()) as connection:
            connection.execute("CREATE TABLE t ()")


def test_a_directory_without_a_server_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="holds no PostgreSQL server"):
        find_binaries(tmp_path)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root is another user than the server")
def test_binaries_below_a_private_directory_are_copied(tmp_path: Path) -> None:
    found = find_binaries()
    private = tmp_path / "private"
    private.mkdir(0o700)
    for tree in found.trees:
        subprocess.run(["cp", "-Rp", str(tree), str(private)], check=True)
    tree = private / found.trees[0].name
    copy = Binaries(
        private / found.prefix.relative_to(found.trees[0].parent),
        tuple(private / tree.name for tree in found.trees),
        found.libraries,
    )
    (tree / "pginstall" / "bin" / "postgres").chmod(0o700)
    with Server(copy) as server:
        assert ask(server, "SELECT 1") == 1
    assert private.stat().st_mode & 0o777 == 0o700


HOLDER = """
import sys, time
from auditor_connectors.postgresql.embedded import Server
with Server() as server:
    print(server.process.pid, server.data.parent.parent, flush=True)
    time.sleep(600)
"""


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_a_parent_that_ends_leaves_nothing(how: signal.Signals) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", HOLDER], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    ) as parent:
        assert parent.stdout is not None
        pid, directory = parent.stdout.readline().split()
        assert alive(int(pid))
        parent.send_signal(how)
        assert parent.wait(20) != 0
    assert eventually(lambda: not alive(int(pid)))
    assert eventually(lambda: not Path(directory).exists())


def test_a_parent_that_is_interrupted_while_it_starts_leaves_nothing(tmp_path: Path) -> None:
    script = "import os; from auditor_connectors.postgresql.embedded import Server; Server().start()"
    for delay in (0.3, 0.6, 0.9):
        environment = {**os.environ, "TMPDIR": str(tmp_path)}
        tmp_path.chmod(0o711)
        with subprocess.Popen([sys.executable, "-c", script], stderr=subprocess.DEVNULL, env=environment) as parent:
            time.sleep(delay)
            parent.kill()
    assert eventually(lambda: not list(tmp_path.iterdir()))
