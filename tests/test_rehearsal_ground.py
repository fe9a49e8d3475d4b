"""Where a plan may be rehearsed, and where not: what a database that is named has to be, and what is left of it."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

import psycopg
import pytest
from msgspec.structs import replace

from auditor.connector import RehearsalOptions
from auditor.errors import UnreachableError, UsageError
from auditor.model.snapshot import Snapshot
from auditor.storage import encode_snapshot
from auditor.target import Target, parse_target
from auditor_connectors.postgresql import connector
from auditor_connectors.postgresql.embedded import Server
from auditor_connectors.postgresql.recipes.sql import ident
from auditor_connectors.postgresql.rehearsal import ground
from auditor_connectors.postgresql.rehearsal.preparing import Prepared, prepared
from tests.collecting import SECRET, collect, eventually, role
from tests.servers import AnyServer, Database, Pool, fresh_database

VERSIONS = "the rehearsal ran on version 18, the audited server has version "
TABLES = (
    "CREATE SCHEMA shop",
    "CREATE TYPE shop.state AS ENUM ('new', 'paid')",
    "CREATE TABLE shop.customers (id serial PRIMARY KEY, name text NOT NULL)",
    "CREATE TABLE orders (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, state shop.state NOT NULL DEFAULT 'new')",
    "ALTER TABLE orders ADD customer_id int NOT NULL REFERENCES shop.customers",
    "CREATE FUNCTION touch() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN new; END'",
    "CREATE TRIGGER touch BEFORE UPDATE ON orders FOR EACH ROW EXECUTE FUNCTION touch()",
    "CREATE VIEW open_orders AS SELECT id, (count(*) OVER ())::numeric(9) AS total FROM orders WHERE state = 'new'",
    "INSERT INTO shop.customers (name) SELECT 'c' || i FROM generate_series(1, 100) i",
    "INSERT INTO orders (customer_id) SELECT 1 + i % 100 FROM generate_series(1, 2000) i",
    "ANALYZE",
)


def target(url: str) -> Target:
    return parse_target(url, connector.schemes, connector.example)


def prepare(
    schema: Target | Snapshot | None, on: str | None = None, rows: int = 500
) -> AbstractContextManager[Prepared]:
    options = RehearsalOptions(schema=schema, on=None if on is None else target(on), rows=rows)
    return prepared(options, lambda _: None)


@pytest.fixture(scope="module")
def audited_server(server_of: Callable[[int], AnyServer]) -> AnyServer:
    """A server of another version, whose identifier is another one too: those of one version are copies."""
    return server_of(17)


@pytest.fixture(scope="module")
def audited(audited_server: AnyServer) -> Iterator[Database]:
    """The audited database."""
    with fresh_database(audited_server) as database:
        database.run(*TABLES)
        yield database


@pytest.fixture
def beside(audited_server: AnyServer) -> Iterator[Database]:
    """An empty database on the audited server that says that it is disposable."""
    with fresh_database(audited_server) as database:
        mark(database)
        yield database


@pytest.fixture(scope="module")
def snapshot(audited: Database) -> Snapshot:
    return collect(audited.url)


@pytest.fixture
def disposable(database: Database) -> Database:
    """An empty database on another server that says that it is disposable."""
    mark(database)
    return database


def mark(database: Database, value: str = "yes") -> None:
    database.run(f"ALTER DATABASE {ident(database.name)} SET {ground.MARK} = '{value}'")


def rows(url: str, query: str) -> list[tuple[Any, ...]]:
    with psycopg.connect(url, autocommit=True) as connection:
        return connection.execute(query.encode()).fetchall()


def held(url: str) -> list[tuple[Any, ...]]:
    with psycopg.connect(url, autocommit=True) as connection:
        return [
            *sorted(ground.frame(connection)),
            *ground._objects(connection),
            *ground._pairs(connection, ground._OUTSIDE),
        ]


LOCKED = (
    "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND database = (SELECT oid FROM pg_database WHERE "
    "datname = current_database())"
)
COLUMNS_OF_VIEW = (
    "SELECT attname::text, format_type(atttypid, atttypmod) FROM pg_attribute WHERE attrelid = 'open_orders'::regclass "
    "ORDER BY attnum"
)
NOTHING = [("EXTENSION", "plpgsql"), ("SCHEMA", "public")]


def refused(schema: Target | Snapshot, on: str) -> str:
    """Why a database is refused; nothing may have been made in it."""
    before = held(on)
    with pytest.raises(UsageError) as caught, prepare(schema, on):
        pass
    assert held(on) == before
    assert SECRET not in caught.value.message
    return caught.value.message


# --- where it goes well ------------------------------------------------------------------------------------------


def test_a_server_is_started_for_a_snapshot_and_gone_afterwards(snapshot: Snapshot) -> None:
    told: list[str] = []
    options = RehearsalOptions(schema=snapshot, rows=500)
    with prepared(options, told.append) as ready:
        assert rows(ready.url, "SELECT count(*) FROM orders") == [(500,)]
        # As the audited server has it.
        assert rows(ready.url, "SHOW wal_level") == [("logical",)]
        assert rows(ready.url, "SELECT current_database()") == [(snapshot.target.name,)]
        assert rows(ready.url, COLUMNS_OF_VIEW) == [
            ("id", "bigint"),
            ("total", "numeric(9,0)"),
            ("state", "shop.state"),
        ]
        assert ready.rows == 600
        assert ready.scale == pytest.approx(600 / 2100)
        assert [line.partition(":")[0] for line in ready.left_out] == [
            VERSIONS + snapshot.target.version,
            "enumerations with labels that the definitions do not name are given made-up ones",
            "functions whose stand-ins do nothing",
            "views whose stand-ins read the same columns, in a text of their own",
            "triggers whose stand-ins do nothing",
        ]
    assert [line.partition(" ")[0] for line in told] == ["starting", "building", "filling"]
    with pytest.raises(psycopg.OperationalError):
        rows(ready.url, "SELECT 1")


def test_a_named_database_is_filled_from_the_live_one_and_empty_afterwards(
    audited: Database, snapshot: Snapshot, disposable: Database
) -> None:
    with prepare(target(audited.url), disposable.url) as ready:
        assert rows(ready.url, "SELECT count(*) FROM orders") == [(500,)]
        assert rows(ready.url, "SELECT DISTINCT state::text FROM orders") == [("new",)]
        assert ready.left_out == (VERSIONS + snapshot.target.version,)
    assert held(disposable.url) == NOTHING
    with prepare(collect(audited.url), disposable.url) as again:
        assert again.rows == 600
    assert held(disposable.url) == NOTHING


def test_a_named_database_is_emptied_after_an_error_too(snapshot: Snapshot, disposable: Database) -> None:
    def fail() -> None:
        with prepare(snapshot, disposable.url):
            disposable.run(
                "CREATE TYPE later AS (a int)", "CREATE DOMAIN positive AS int CHECK (VALUE > 0)",
                "CREATE AGGREGATE total (int) (SFUNC = int4pl, STYPE = int)", "CREATE PROCEDURE p() LANGUAGE sql AS ''",
                "CREATE TABLE parted (a int) PARTITION BY LIST (a)", "CREATE EXTENSION citext", "CREATE SEQUENCE s",
                "CREATE TABLE part PARTITION OF parted DEFAULT",
                "CREATE PUBLICATION all_of_it FOR TABLE parted",
            )  # fmt: skip
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        fail()
    assert held(disposable.url) == NOTHING


# Claims a database, says so, and waits to be killed.
CHILD = """
import sys, time
from auditor.connector import RehearsalOptions
from auditor.storage import read_snapshot
from auditor.target import parse_target
from auditor_connectors.postgresql import connector
from auditor_connectors.postgresql.rehearsal.preparing import prepared
from pathlib import Path
on = parse_target(sys.stdin.readline().strip(), connector.schemes, connector.example)
with prepared(RehearsalOptions(schema=read_snapshot(Path(sys.argv[1])), on=on, rows=100), lambda _: None):
    print("ready", flush=True)
    time.sleep(60)
"""


def test_what_a_killed_rehearsal_has_left_is_cleared_by_the_next(
    snapshot: Snapshot, disposable: Database, tmp_path: Path
) -> None:
    disposable.run("CREATE SCHEMA shop", "CREATE EXTENSION citext")
    before = held(disposable.url)
    file = tmp_path / "snapshot.json"
    file.write_bytes(encode_snapshot(snapshot))
    with subprocess.Popen(
        [sys.executable, "-c", CHILD, str(file)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as child:
        assert child.stdin is not None
        assert child.stdout is not None
        child.stdin.write(disposable.url + "\n")
        child.stdin.flush()
        assert child.stdout.readline() == "ready\n"
        with (
            pytest.raises(UsageError, match="another rehearsal is at work in the database"),
            prepare(snapshot, disposable.url),
        ):
            pass
        child.kill()
    assert len(held(disposable.url)) > len(before)
    told: list[str] = []
    eventually(lambda: rows(disposable.url, LOCKED) == [(0,)], "the end of the killed rehearsal's session")
    with prepared(RehearsalOptions(schema=snapshot, on=target(disposable.url), rows=500), told.append) as ready:
        assert ready.rows == 600
    assert "clearing what an interrupted rehearsal has left" in told
    assert held(disposable.url) == before
    assert rows(disposable.url, f"SELECT to_regnamespace('{ground.CLAIM}') IS NULL") == [(True,)]


def test_schemas_and_extensions_that_were_there_stay(snapshot: Snapshot, disposable: Database) -> None:
    disposable.run("CREATE SCHEMA shop", "CREATE EXTENSION citext")
    before = held(disposable.url)
    with prepare(snapshot, disposable.url) as ready:
        assert ready.rows == 600
    assert held(disposable.url) == before


# --- where it may not go -----------------------------------------------------------------------------------------


def test_the_audited_server_is_refused_whatever_its_database_says(
    audited: Database, snapshot: Snapshot, beside: Database
) -> None:
    assert "is on the audited server" in refused(target(audited.url), beside.url)
    assert "is on the audited server" in refused(snapshot, beside.url)
    restarted = replace(snapshot, server=replace(snapshot.server, started_at="2020-01-01T00:00:00Z"))
    assert "is on the audited server" in refused(restarted, beside.url)


def test_a_clone_is_told_from_the_audited_server_while_that_is_at_hand(disposable: Database, pool: Pool) -> None:
    disposable.run(*TABLES)
    with pool.own() as clone, fresh_database(clone) as database:
        mark(database)
        assert "is on the audited server" in refused(collect(disposable.url), database.url)
        with prepare(target(disposable.url), database.url) as ready:
            assert ready.rows == 600


def test_the_audited_server_is_known_by_its_start_where_it_hides_its_identifier(
    snapshot: Snapshot, beside: Database, disposable: Database
) -> None:
    hidden = replace(snapshot, server=replace(snapshot.server, system_identifier=None))
    assert "is on the audited server" in refused(hidden, beside.url)
    # The two servers of this test may have been started in the same second.
    elsewhere = replace(hidden, server=replace(hidden.server, started_at="2020-02-02T02:02:02Z"))
    with prepare(elsewhere, disposable.url) as ready:
        assert ready.rows == 600


def test_a_database_that_does_not_say_that_it_is_disposable_is_refused(snapshot: Snapshot, database: Database) -> None:
    assert "is not marked as disposable" in refused(snapshot, database.url)
    # What a connection says of itself is no mark of the database.
    own = f"{database.url}?options=-c%20{ground.MARK}%3Dyes"
    assert "is not marked as disposable" in refused(snapshot, own)
    mark(database, "no")
    assert "is not marked as disposable" in refused(snapshot, database.url)


@pytest.mark.parametrize(
    ("statement", "named"),
    [
        ('CREATE TABLE "o""d\'d" (a int)', "public.o\"d'd"),
        ("CREATE VIEW seen AS SELECT 1 AS one", "public.seen"),
        ("CREATE FUNCTION f(a int) RETURNS int LANGUAGE sql RETURN 1", "f(integer)"),
        ("CREATE TYPE mood AS ENUM ('good')", "public.mood"),
        ("CREATE FOREIGN DATA WRAPPER nowhere", "nowhere"),
    ],
)
def test_a_database_that_holds_anything_is_refused(
    snapshot: Snapshot, disposable: Database, statement: str, named: str
) -> None:
    disposable.run(statement)
    message = refused(snapshot, disposable.url)
    assert "is not empty" in message
    assert named in message


def test_a_role_with_too_few_rights_is_refused(snapshot: Snapshot, server: AnyServer, disposable: Database) -> None:
    with role(server) as name:
        url = disposable.url_of(name, SECRET)
        assert "may create nothing in" in refused(snapshot, url)
        disposable.run(f"GRANT CREATE ON DATABASE {ident(disposable.name)} TO {name}")
        assert "may not fill tables without their triggers" in refused(snapshot, url)


def test_an_owner_with_the_right_parameter_is_enough(
    audited: Database, snapshot: Snapshot, server: AnyServer, disposable: Database
) -> None:
    with role(server, "SET ON PARAMETER session_replication_role") as name:
        disposable.run(f"ALTER DATABASE {ident(disposable.name)} OWNER TO {name}")
        for schema in (snapshot, target(audited.url)):
            with prepare(schema, disposable.url_of(name, SECRET)) as ready:
                assert ready.rows == 600
            assert held(disposable.url) == NOTHING
        disposable.run(f"ALTER DATABASE {ident(disposable.name)} OWNER TO postgres")


def test_a_standby_is_refused(snapshot: Snapshot, server: AnyServer, disposable: Database) -> None:
    assert isinstance(server, Server)
    with Server(primary=server) as standby:
        message = refused(snapshot, standby.url(disposable.name))
    assert "is a standby" in message


def test_too_little_disk_is_told_before_anything_is_made(
    snapshot: Snapshot, disposable: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    def usage(_: Path) -> Any:
        return shutil._ntuple_diskusage(1 << 30, 1 << 30, 1 << 20)

    monkeypatch.setattr(ground.shutil, "disk_usage", usage)
    assert "has 1 MB" in refused(snapshot, disposable.url)
    with pytest.raises(UsageError, match=r"a rehearsal needs 25\d MB of disk"), prepare(snapshot):
        pass


def test_a_server_that_does_not_answer_is_unreachable(snapshot: Snapshot) -> None:
    url = f"postgresql://someone:{SECRET}@127.0.0.1:1/x"
    with pytest.raises(UnreachableError) as caught, prepare(snapshot, url):
        pass
    assert SECRET not in caught.value.message


def test_without_a_schema_there_is_nothing_to_rehearse_on() -> None:
    with pytest.raises(UsageError, match="no schema"), prepare(None):
        pass


def test_a_source_that_may_not_be_dumped_is_told(
    audited_server: AnyServer, audited: Database, disposable: Database
) -> None:
    with role(audited_server) as name:
        source = target(audited.url_of(name, SECRET))
        with pytest.raises(UsageError, match="pg_dump cannot read the schema") as caught:
            prepare(source, disposable.url).__enter__()
    assert SECRET not in caught.value.message
    assert "snapshot" in caught.value.hint
    assert held(disposable.url) == NOTHING
