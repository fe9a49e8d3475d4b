"""An audit only reads, only catalogs and statistics, in a number of statements that does not grow with the database."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from auditor_connectors.postgresql.embedded import Server
from tests.commands import Program
from tests.servers import Database, Pool, connect, fresh_database

# The first word of what an audit may say to a server.
READING = {"BEGIN", "SET", "SELECT", "WITH", "SHOW", "COMMIT", "ROLLBACK"}
SETTINGS = {
    "log_statement": "all", "log_min_duration_statement": "-1", "log_line_prefix": "<%a|%d> ", "log_connections": "on",
    "pg_stat_statements.track_utility": "on",
}  # fmt: skip


@pytest.fixture(scope="module")
def logging(pool: Pool) -> Iterator[Server]:
    """A server that writes down every statement."""
    with pool.own(settings=SETTINGS) as server:
        yield server


def statements(server: Server, database: Database) -> list[str]:
    """What an audit of a database said to the server, each in one line, in order."""
    text = server.log.read_text()
    entries = re.split(r"\n(?=<[^|>]*\|[^>]*> )", text)
    own = (entry for entry in entries if entry.startswith(f"<auditor|{database.name}> LOG:  "))
    found = (re.match(r"<[^>]*> LOG:  (?:statement|execute [^:]*): (.*)", entry, re.DOTALL) for entry in own)
    return [" ".join(match[1].split()) for match in found if match]


def touched(database: Database) -> list[tuple[object, ...]]:
    """How often the tables were read and written."""
    with database.connect() as admin:
        counters = "relname, seq_scan, idx_scan, n_tup_ins, n_tup_upd, n_tup_del"
        return admin.execute(f"SELECT {counters} FROM pg_stat_user_tables ORDER BY 1".encode()).fetchall()


def tables(database: Database, number: int) -> None:
    """Make tables with all that belongs to one."""
    names = range(number)
    database.run(
        "; ".join(
            f"CREATE TABLE t{n} (id bigserial PRIMARY KEY, a int REFERENCES t0, b text DEFAULT 'x' CHECK (b <> ''));"
            f" CREATE INDEX ON t{n} (a)"
            for n in names
        ),
        "ANALYZE",
    )


def test_it_reads_catalogs_and_statistics_alone_and_marks_what_it_says(tmp_path: Path, logging: Server) -> None:
    with fresh_database(logging) as database:
        tables(database, 3)
        database.run("CREATE EXTENSION pg_stat_statements", "SELECT pg_stat_statements_reset()")
        before = touched(database)
        assert Program(tmp_path, database.url)("audit", "env:TARGET").status == 0
        said = statements(logging, database)
        with database.connect() as admin:
            kept = admin.execute("SELECT query FROM pg_stat_statements WHERE query ~ 'auditor \\*/'").fetchall()
        after = touched(database)
    assert len(said) > 50
    for text in said:
        statement = re.sub(r"'(?:[^']|'')*'", "''", text)
        parts = [part.strip() for part in re.split(r"/\* auditor \*/;?", statement) if part.strip()]
        assert {part.split()[0].upper() for part in parts} <= READING, statement
        assert "/* auditor */" in statement or statement == "ROLLBACK"
        assert not re.search(
            r"\b(INSERT|UPDATE|DELETE|MERGE|CREATE|ALTER|DROP|GRANT|TRUNCATE|LOCK|COPY|VACUUM)\s", statement
        )
        assert not re.search(r"\b(FROM|JOIN)\s+(public\.)?\"?t\d", statement)
        assert not re.search(r"\bFOR (UPDATE|SHARE)\b|nextval|setval|pg_terminate|pg_cancel|pg_advisory", statement)
    opened = [statement for statement in said if statement.startswith("BEGIN")]
    assert opened
    assert all(statement.startswith("BEGIN READ ONLY") for statement in opened)
    assert kept, "the mark is not in the statement statistics, so nothing is known of what is there"
    assert after == before


def test_what_runs_is_bounded_and_named(tmp_path: Path, logging: Server) -> None:
    with fresh_database(logging) as database:
        program = Program(tmp_path, database.url)
        assert program("audit", "env:TARGET", "--statement-timeout", "7", "--lock-timeout", "1.5").status == 0
        opened = [statement for statement in statements(logging, database) if statement.startswith("BEGIN")]
    for setting in ("statement_timeout = '7000'", "lock_timeout = '1500'", "idle_in_transaction_session_timeout"):
        assert sum(setting in statement for statement in opened) > len(opened) * 0.8


def test_the_number_of_statements_does_not_grow_with_the_tables(tmp_path: Path, logging: Server) -> None:
    numbers = {}
    for size in (10, 500):
        with fresh_database(logging) as database:
            tables(database, size)
            assert Program(tmp_path, database.url)("audit", "env:TARGET", "-o", "json:r.json").status == 0
            numbers[size] = len(statements(logging, database))
    assert numbers[10] == numbers[500] > 50


def test_one_connection_is_made_and_nothing_stays(tmp_path: Path, logging: Server) -> None:
    with fresh_database(logging) as database:
        assert Program(tmp_path, database.url)("audit", "env:TARGET").status == 0
        with connect(logging) as admin:
            left = admin.execute(
                "SELECT (SELECT count(*) FROM pg_stat_activity WHERE application_name = 'auditor'),"
                " (SELECT count(*) FROM pg_prepared_xacts), (SELECT count(*) FROM pg_locks WHERE locktype = 'advisory')"
            ).fetchone()
        logins = logging.log.read_text().count(f"database={database.name} application_name=auditor")
    assert left == (0, 0, 0)
    assert logins == 1
