"""No password, and no value of any row or statement, comes out of the program: not on its streams, not in its files.

Every place that could hold one is given a marker of its own, and everything that the program says and writes is
searched for all of them.
"""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import psycopg
import pytest

from auditor.storage import read_file
from tests.collecting import role
from tests.commands import Program, Said
from tests.servers import AnyServer, Database, fresh_database

MARK = "s3kr1t"
FORMATS = ("html:r.html", "md:r.md", "json:r.json", "sarif:r.sarif", "junit:r.xml", "json:r.json.gz")
EXPORTS = ("sql", "alembic", "flyway", "liquibase", "pgroll")


def searched(folder: Path, *said: Said) -> list[str]:
    """Every marker in what was said, in the files of the folder, and in the data that pages carry."""
    from auditor.rendering import read_report, render

    texts = [one.text for one in said]
    for path in folder.rglob("*"):
        if path.is_file() and path.name not in ("auditor.toml", "server.log"):
            data = read_file(path)
            texts.append(data.decode())
            if path.suffix == ".html":
                texts.append(render(read_report(data), "json").main.decode())
    return sorted({match for text in texts for match in re.findall(rf"(?i){MARK}\w*", text)})


@contextlib.contextmanager
def login(server: AnyServer, password: str) -> Iterator[str]:
    """A role that is an administrator with a password of its own."""
    with role(server, attributes="SUPERUSER") as name:
        with psycopg.connect(server.url(), autocommit=True) as admin:
            statement = f"ALTER ROLE {name} PASSWORD '{password.replace(chr(39), chr(39) * 2)}'"
            admin.execute(statement.encode())
        yield name


@pytest.mark.parametrize("password", [MARK, f"{MARK}@:/?#[]%+ &='\"\\é$x", f"%40{MARK}", "a"], ids=range(4))
def test_the_password_of_the_target_is_nowhere(tmp_path: Path, database: Database, password: str) -> None:
    program = Program(tmp_path)
    database.run("CREATE TABLE t (a int)")
    with login(database.server, password) as name:
        url = database.url_of(name, password)
        query = re.sub(r":[^:@/]*@", "@", url) + "?password=" + quote(password, safe="")
        (tmp_path / "auditor.toml").write_text(f'[targets.prod]\nurl = "{url}"\n')
        outputs = [part for output in FORMATS for part in ("-o", output)]
        said = [
            program("audit", url, *outputs),
            program("audit", "prod", "-o", "json:p.json"),
            program("audit", query, "-o", "json:q.json"),
            program("collect", "env:TARGET", "-o", "s.json.zst", environment={"TARGET": url}),
            program("doctor", "env:TARGET", environment={"TARGET": url}),
            program.on_terminal("audit", "prod"),
        ]
        assert [one.status for one in said] == [0] * 6
        said.append(program("audit", url.replace(database.name, "absent")))
        said.append(program("audit", url + "x?sslmode=require"))
        said.append(program("audit", database.url_of(name, password + "x")))
        assert [one.status for one in said[6:]] == [3] * 3
    assert searched(tmp_path, *said) == []
    assert "note: a password in an argument is visible in the process list" in said[0].err
    assert "note: a password in an argument is visible in the process list" in said[2].err
    assert not any("note:" in one.text for one in (said[1], said[3], said[4], said[5]))


@pytest.mark.parametrize(
    "url",
    [
        f"mysql://u:{MARK}@h/d", f"postgresq://u:{MARK}@h/d", f"postgresql:/u:{MARK}@h/d", f"postgresql//u:{MARK}@h/d",
        f"postgresql:u:{MARK}@h/d", f"u:{MARK}@h/d", f"host=h user=u password={MARK}", f"://u:{MARK}@h/d",
        f"postgresql://u:{MARK} x@h/d", f"postgresql://u:{MARK}\n@h/d", f"postgresql://u:{MARK}\x1b@h/d",
        *(f"postgresql://u:{MARK}{letter}x@h/d" for letter in "@:/?#[]%&;"),
        *(f"postgresql://u:x{letter}{MARK}@h/d" for letter in "@:/?#[]%&;"),
        *(f"postgresql://u:12{letter}{MARK}@h/d" for letter in "@:/?#[]"),
        f"postgresql://u:12/x?{MARK}@h/d", f"postgresql://u:12/x?{MARK}=y@h/d", f"postgresql://u@corp:12?{MARK}@h/d",
        f"postgresql://u:{MARK}", f"postgresql://u:{MARK}/d", f"postgresql://[{MARK}@h/d", f"postgresql://[{MARK}]x",
        f"postgresql://u:{MARK}@h:port/d", f"postgresql://u:{MARK}@h:0/d", f"postgresql://u:{MARK}@[::1/d",
        f"postgresql://u:{MARK}@127.0.0.1:1/d", f"postgresql://u:{MARK}%00@127.0.0.1:1/d",
        f"postgresql://u:{MARK}@no-such-host.invalid/d", f"postgresql://u@127.0.0.1:1/d?password={MARK}",
        f"postgresql://u@127.0.0.1:1/d?PASSWORD={MARK}", f"postgresql://u@127.0.0.1:1/d?sslpassword={MARK}",
        f"postgresql://u:{MARK}@127.0.0.1:1/d?sslmode=wrong", f"postgresql://u:{MARK}@127.0.0.1:1/d?wrong=x",
        f"postgresql://u:{MARK}@127.0.0.1:1/d?service=wrong", f"postgresql://u:{MARK}%FF@127.0.0.1:1/d",
    ],
    ids=lambda url: ascii(url).replace(MARK, "…"),
)  # fmt: skip
def test_a_url_that_fails_shows_no_password_and_no_traceback(tmp_path: Path, url: str) -> None:
    program = Program(tmp_path)
    said = program("audit", "env:URL", environment={"URL": url})
    assert said.status in (2, 3)
    if not re.match(r"postgresql://.*127|.*invalid", url):  # what is wrong in itself is wrong in an argument too
        said = program("audit", url)
        assert said.status in (2, 3)
    assert searched(tmp_path, said) == []
    assert len([line for line in said.lines() if line.startswith("error: ")]) == 1
    assert list(tmp_path.iterdir()) == []


def test_a_configuration_that_is_wrong_shows_no_password(tmp_path: Path) -> None:
    program = Program(tmp_path)
    for text in (
        f'[targets.prod]\nurl = "postgresql://u:{MARK}@h/d\n',
        f'[targets.prod]\nurl = ["postgresql://u:{MARK}@h/d"]\n',
        f'[targets]\nprod = "postgresql://u:{MARK}@h/d"\n',
        f'[targets.prod]\nurl = "u:{MARK}@h/d"\n',
    ):
        (tmp_path / "auditor.toml").write_text(text)
        said = program("audit", "prod")
        assert said.status == 2
        assert searched(tmp_path, said) == []


def test_values_of_rows_and_statements_are_nowhere(tmp_path: Path, server: AnyServer) -> None:
    with fresh_database(server) as database, role(server) as name, database.connect() as busy:
        database.run(
            "CREATE EXTENSION pg_stat_statements", "SELECT pg_stat_statements_reset()", "CREATE EXTENSION postgres_fdw",
            "CREATE TABLE people (id int, email text, tags text[])",
            f"INSERT INTO people SELECT g, '{MARK}row' || g % 3, ARRAY['{MARK}tag'] FROM generate_series(1, 2000) g",
            "ANALYZE people",
            *(f"SELECT count(*) FROM people WHERE email = '{MARK}literal{n}'" for n in range(3)),
            f"SELECT /* {MARK}comment */ $dollar${MARK}dollar$dollar$, E'{MARK}\\nescape', U&'{MARK}unicode'",
            f"ALTER ROLE {name} PASSWORD '{MARK}role'",
            f"ALTER ROLE {name} IN DATABASE {database.name} SET my.api_key = '{MARK}setting'",
            "CREATE SERVER elsewhere FOREIGN DATA WRAPPER postgres_fdw OPTIONS (host 'h', dbname 'd')",
            f"CREATE USER MAPPING FOR {name} SERVER elsewhere OPTIONS (user 'u', password '{MARK}mapping')",
            f"CREATE SUBSCRIPTION s_{name} CONNECTION 'host=h password={MARK}subscription' PUBLICATION p"
            " WITH (connect = false, slot_name = NONE, enabled = false)",
        )  # fmt: skip
        (tmp_path / "server.log").write_text(
            f"2026-11-24 10:00:00.000 UTC [7] LOG:  duration: 1500.0 ms  statement: SELECT '{MARK}logged' FROM people\n"
            f"2026-11-24 10:00:01.000 UTC [7] LOG:  duration: 1500.000 ms  execute x: SELECT $1 FROM people\n"
            f"2026-11-24 10:00:01.000 UTC [7] DETAIL:  parameters: $1 = '{MARK}parameter'\n"
            f'2026-11-24 10:00:02.000 UTC [7] ERROR:  duplicate key value violates unique constraint "k"\n'
            f"2026-11-24 10:00:02.000 UTC [7] DETAIL:  Key (email)=({MARK}key) already exists.\n"
            f"2026-11-24 10:00:02.000 UTC [7] STATEMENT:  INSERT INTO people VALUES ('{MARK}failed')\n"
        )
        busy.execute("BEGIN")
        busy.execute(f"SELECT '{MARK}activity' FROM people".encode())
        try:
            program = Program(tmp_path, database.url)
            outputs = [part for output in FORMATS for part in ("-o", output)]
            said = [
                program("collect", "env:TARGET", "--slow-log", "server.log", "-o", "s.json"),
                program("audit", "s.json", "--erd", *outputs),
                program("doctor", "env:TARGET"),
                *(program("export", "r.json", "--as", form, "-o", f"plan/{form}") for form in EXPORTS),
            ]
        finally:
            busy.execute("ROLLBACK")
            database.run(f"DROP SUBSCRIPTION s_{name}", f"DROP OWNED BY {name}")
    assert [one.status for one in said] == [0] * (3 + len(EXPORTS))
    snapshot = (tmp_path / "s.json").read_text()
    for text in ("pg_stat_statements", "people", "my.api_key", "elsewhere", f"s_{name}", "FROM people"):
        assert text in snapshot, f"{text} was not looked at, so nothing is known of how it is kept"
    assert searched(tmp_path, *said) == []
    assert "SCRAM-SHA-256$" not in snapshot
