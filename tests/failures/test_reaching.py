"""Targets that cannot be reached, and roles with few rights."""

from __future__ import annotations

import contextlib
import re
import socket
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import psycopg
import pytest

from tests.collecting import SECRET, role
from tests.commands import Program, wait_for
from tests.failures.saying import probes, refused, report_of
from tests.servers import FULL, AnyServer, Database, Pool, connect


def free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


@pytest.mark.parametrize("command", ["audit", "collect", "doctor"])
def test_a_target_that_cannot_be_reached_is_status_3(tmp_path: Path, server: AnyServer, command: str) -> None:
    program, port = Program(tmp_path), urlsplit(server.url()).port
    nobody = f"postgresql://u:{SECRET}@127.0.0.1:{free_port()}/d"
    with role(server) as name:
        for url, words in (
            (nobody, (": Connection refused\n", "nothing listens there")),
            (f"postgresql://u:{SECRET}@no-such-host.invalid/d", ("resolve", "check the host name")),
            (server.url("postgres", name, SECRET + "x"), (f'password authentication failed for user "{name}"',)),
            (f"postgresql://{name}@127.0.0.1:{port}/postgres", ("no password supplied", "PGPASSWORD")),
            (server.url("absent", name, SECRET), ('database "absent" does not exist', "name of the database")),
            (server.url("postgres", name, SECRET) + "?sslmode=require", ("does not support SSL", "sslmode=prefer")),
        ):
            said = program(command, "env:TARGET", environment={"TARGET": url})
            refused(said, 3, f"cannot connect to {url.replace(SECRET, '***').replace('***x', '***')}", *words)
    assert list(tmp_path.iterdir()) == []


def test_a_server_that_wants_tls(tmp_path: Path, pool: Pool) -> None:
    with pool.own(FULL, {"ssl": "on"}) as server, role(server) as name:
        rules = server.data / "pg_hba.conf"
        only = f"hostssl all {name} 127.0.0.1/32 scram-sha-256\nhost all {name} 127.0.0.1/32 reject\n"
        rules.write_text(only + rules.read_text())
        with connect(server) as admin:
            admin.execute("SELECT pg_reload_conf()")
        url = server.url("postgres", name, SECRET)
        program = Program(tmp_path, url + "?sslmode=disable")
        wait_for(lambda: program("doctor", "env:TARGET").status == 3, "the rule")
        refused(program("audit", "env:TARGET"), 3, "pg_hba.conf", "TLS")
        assert Program(tmp_path, url)("collect", "env:TARGET").status == 0


def test_a_database_of_several_that_cannot_be_reached_counts(tmp_path: Path, database: Database) -> None:
    with role(database.server) as name:
        database.run(f"ALTER ROLE {name} CONNECTION LIMIT 1")
        with psycopg.connect(database.server.url("postgres", name, SECRET)):
            url = database.server.url("postgres", name, SECRET)
            refused(Program(tmp_path)("audit", url, "--all-databases"), 3, "too many connections")
        database.run(
            f"ALTER ROLE {name} CONNECTION LIMIT -1", f"ALTER ROLE {name} IN DATABASE {database.name} SET x.y = 1"
        )
        database.run(f"ALTER DATABASE {database.name} CONNECTION LIMIT 0")
        program = Program(tmp_path, url)
        said = program("audit", "env:TARGET", "--all-databases", "--only", "table-no-pk", "-o", "json")
    assert said.status == 3
    assert re.search(rf"^error: {database.name}: cannot connect to .*too many connections", said.err, re.MULTILINE)
    assert (tmp_path / "auditor-report/postgres/report.json").exists()


@pytest.mark.parametrize("grants", [(), ("pg_monitor",)])
def test_a_role_with_few_rights_gets_a_whole_report_and_grants_that_help(
    tmp_path: Path, database: Database, grants: tuple[str, ...]
) -> None:
    database.run(
        "CREATE SCHEMA shop", "CREATE TABLE shop.t (a int, b bigserial)", "CREATE SEQUENCE shop.s",
        "INSERT INTO shop.t SELECT g FROM generate_series(1, 100) g", "ANALYZE", "CREATE EXTENSION pg_stat_statements",
    )  # fmt: skip
    with role(database.server, *grants) as name, owned(database, name):
        program = Program(tmp_path, database.url_of(name, SECRET))
        audited = program("audit", "env:TARGET")
        assert audited.status == 0
        before, coverage = seen(tmp_path), report_of(tmp_path)["score"]["coverage"]  # type: ignore[call-overload]
        assert coverage < 1
        unknown = [check for check in report_of(tmp_path)["checks"] if check["outcome"] == "not-assessed"]
        assert unknown
        assert all(check["reason"] for check in unknown)
        assert ("table-no-pk", "shop.t") in {
            (f["check"], f["subject"]["name"]) for f in report_of(tmp_path)["findings"]
        }  # type: ignore[index]
        doctor = program("doctor", "env:TARGET")
        assert doctor.status == 0
        assert "Grants that would show more:" in doctor.err
        statements = doctor.out.splitlines()
        assert statements
        assert all(re.fullmatch(r"GRANT .* TO \w+;", statement) for statement in statements)
        for statement in statements:
            database.run(statement)
        after = program("doctor", "env:TARGET")
        assert "No grant would show more." in after.err, after.text
        assert after.out == ""
        assert program("audit", "env:TARGET").status == 0
        assert seen(tmp_path) > before
        assert report_of(tmp_path)["score"]["coverage"] > coverage  # type: ignore[call-overload]


@contextlib.contextmanager
def owned(database: Database, name: str) -> Iterator[None]:
    """Take back in the end what the role was granted in this database."""
    try:
        yield
    finally:
        database.run(f"DROP OWNED BY {name}")


def seen(folder: Path) -> int:
    """How many probes saw all that they looked for."""
    return sum(probe["outcome"] == "ok" and not probe["reason"] for probe in probes(folder).values())


def test_an_empty_database_has_a_report(program: Program) -> None:
    said = program("audit", "env:TARGET")
    assert (said.status, said.err) == (0, "")
    assert not [check for check in report_of(program.folder)["checks"] if check["outcome"] == "error"]
