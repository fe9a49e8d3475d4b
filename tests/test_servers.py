"""The servers of the tests: each version runs with the same settings, and a missing one never looks like a success."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import psycopg
import pytest

from auditor_connectors.postgresql.embedded import Server
from tests.servers import DEBIAN, DEFAULT, FULL, MATRIX, SETTINGS, AnyServer, Database, Pool, fresh_database

ROOT = Path(__file__).parent.parent


def value(url: str, query: str) -> object:
    with psycopg.connect(url) as connection:
        row = connection.execute(query.encode()).fetchone()
    assert row is not None
    return row[0]


def test_every_version_runs_with_the_documented_settings(every_server: AnyServer) -> None:
    url = every_server.url()
    assert int(str(value(url, "SHOW server_version_num"))) // 10000 == every_server.major
    for name, wanted in SETTINGS.items():
        assert value(url, f"SELECT setting FROM pg_settings WHERE name = '{name}'") == wanted
    assert value(url, "SHOW autovacuum") == "on"
    assert value(url, "SHOW TimeZone") == "UTC"
    assert value(url, "SELECT count(*) FROM pg_stat_statements") is not None


def test_a_version_is_had_by_its_number(server_of: Callable[[int], AnyServer]) -> None:
    assert server_of(15).major == 15
    assert server_of(15) is server_of(15)


def test_a_database_is_empty_and_its_own(database: Database) -> None:
    database.run("CREATE TABLE t (a int)", "INSERT INTO t SELECT generate_series(1, 3)", "VACUUM t")
    assert value(database.url, "SELECT count(*) FROM t") == 3
    assert value(database.url, "SELECT count(*) FROM pg_class WHERE relnamespace = 'public'::regnamespace") == 1
    with fresh_database(database.server) as other:
        assert value(other.url, "SELECT count(*) FROM pg_class WHERE relnamespace = 'public'::regnamespace") == 0
    with pytest.raises(psycopg.OperationalError, match="does not exist"):
        psycopg.connect(other.url)


def test_servers_with_equal_settings_are_shared_and_do_not_pile_up(pool: Pool) -> None:
    first = pool.shared(settings={"work_mem": "5MB"})
    assert pool.shared(settings={"work_mem": "5MB"}) is first
    assert isinstance(first, Server)
    for megabytes in range(6, 10):
        assert value(pool.shared(settings={"work_mem": f"{megabytes}MB"}).url(), "SHOW work_mem") == f"{megabytes}MB"
    assert first.process is None


def test_the_full_build_speaks_tls_and_has_what_the_small_one_lacks(pool: Pool) -> None:
    with fresh_database(pool.shared(FULL, {"ssl": "on"})) as database:
        assert value(database.url, "SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()") is True
        database.run("CREATE EXTENSION pgcrypto")


def session(tmp_path: Path, required: str, *arguments: str, absent: str = "") -> subprocess.CompletedProcess[str]:
    """Run pytest on a test of this file, as if an engine were not installed."""
    plugin = tmp_path / "absent_engine.py"
    plugin.write_text(
        "import tests.servers as servers\n"
        "find = servers.binaries_of\n"
        "def binaries_of(engine):\n"
        f"    if engine == {absent!r}:\n"
        "        raise servers.AbsentError('it was taken away')\n"
        "    return find(engine)\n"
        "servers.binaries_of = binaries_of\n"
    )
    environment = {name: text for name, text in os.environ.items() if not name.startswith(("AUDITOR_TEST", "PYTEST_"))}
    environment |= {"AUDITOR_TEST_REQUIRE": required, "PYTHONPATH": f"{ROOT}{os.pathsep}{tmp_path}"}
    return subprocess.run(
        [sys.executable, "-m", "pytest", "-p", "absent_engine", "-p", "no:cacheprovider", "-q", __file__, *arguments],
        cwd=ROOT, env=environment, capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL,
    )  # fmt: skip


ONE_TEST = ("-k", "empty_and_its_own")


def test_what_passed_is_counted(tmp_path: Path) -> None:
    for parallel in ("0", "2"):
        result = session(tmp_path, DEFAULT, *ONE_TEST, "-n", parallel)
        assert (result.returncode, f"servers: {DEFAULT}=1\n" in result.stdout) == (0, True), result.stdout


def test_an_absent_engine_is_skipped_with_its_reason(tmp_path: Path) -> None:
    result = session(tmp_path, "", *ONE_TEST, absent=DEFAULT)
    assert result.returncode == 0
    assert f"{DEFAULT} is not available: it was taken away" in result.stdout
    assert "servers: none" in result.stdout


def test_an_absent_engine_that_is_required_fails(tmp_path: Path) -> None:
    result = session(tmp_path, DEFAULT, *ONE_TEST, absent=DEFAULT)
    assert result.returncode == 1
    assert "1 error" in result.stdout  # it fails where the fixture asks for the server
    assert f"required, but no passed test has used it: {DEFAULT}" in result.stdout


@pytest.mark.parametrize("parallel", ["0", "2"])
def test_a_required_engine_that_no_test_used_fails_the_session(tmp_path: Path, parallel: str) -> None:
    result = session(tmp_path, f"{MATRIX[0]},{DEFAULT}", *ONE_TEST, "-n", parallel)
    assert result.returncode == 1
    assert "1 passed" in result.stdout
    assert f"required, but no passed test has used it: {MATRIX[0]}" in result.stdout


def test_an_unknown_engine_is_a_usage_error(tmp_path: Path) -> None:
    result = session(tmp_path, "postgres-18", *ONE_TEST)
    assert result.returncode == 4
    assert f"unknown engine 'postgres-18'; known are {', '.join((*MATRIX, FULL, DEBIAN))}" in result.stderr
