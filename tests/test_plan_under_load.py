"""Carries out the long recipes while clients write, and compares what is there at the end with what they wrote."""

from __future__ import annotations

import contextlib
import random
import threading
import time
from collections.abc import Iterator
from typing import Any

import pytest

from auditor.model import operation as op
from auditor_connectors.postgresql.recipes import estimates
from tests.servers import Database
from tests.test_plan_runs import Runner, carry_out

WORKERS = 3
# Far above what was measured (some 100 ms on two busy cores), far below a client's patience.
PATIENCE_SECONDS = 4.0


class Client(threading.Thread):
    """Inserts, changes and deletes rows of its own in a table, and remembers what it left there."""

    def __init__(self, database: Database, number: int, reference: str | None) -> None:
        super().__init__()
        self.database, self.number, self.reference = database, number, reference
        self.stop = threading.Event()
        self.rows: dict[int, int] = {}
        self.longest = 0.0
        self.error: Exception | None = None

    def run(self) -> None:
        dice = random.Random(self.number)
        with contextlib.suppress(Exception), self.database.connect() as connection:
            while not self.stop.is_set():
                started = time.monotonic()
                try:
                    self.act(connection, dice)
                except Exception as error:
                    self.error = error
                    raise
                self.longest = max(self.longest, time.monotonic() - started)

    def act(self, connection: Any, dice: random.Random) -> None:
        value = dice.randrange(1, 1_000_000)
        choice = dice.random()
        if choice < 0.5 or not self.rows:
            columns = "worker, value, at" + (", parent_id" if self.reference else "")
            values = f"{self.number}, {value}, now()" + (", 1 + %s" if self.reference else "")
            query = f"INSERT INTO shop.busy ({columns}) VALUES ({values}) RETURNING id"
            (identity,) = connection.execute(query, (value % 50,) if self.reference else None).fetchone()
            self.rows[identity] = value
            return
        identity = dice.choice(list(self.rows))
        if choice < 0.85:
            changed = connection.execute("UPDATE shop.busy SET value = %s WHERE id = %s", (value, identity)).rowcount
            self.rows[identity] = value
        else:
            changed = connection.execute("DELETE FROM shop.busy WHERE id = %s", (identity,)).rowcount
            del self.rows[identity]
        assert changed == 1, f"{identity} was lost"


@contextlib.contextmanager
def under_load(database: Database, *, reference: str | None = None) -> Iterator[None]:
    """Let clients write until the block ends; then compare."""
    clients = [Client(database, number, reference) for number in range(1, WORKERS + 1)]
    for client in clients:
        client.start()
    try:
        yield
    finally:
        for client in clients:
            client.stop.set()
        for client in clients:
            client.join(timeout=60)
    assert [client.error for client in clients] == [None] * WORKERS
    with database.connect() as connection:
        rows = connection.execute("SELECT id, value FROM shop.busy WHERE worker > 0").fetchall()
    expected = {identity: value for client in clients for identity, value in client.rows.items()}
    assert dict(rows) == expected
    assert len(expected) > 20
    assert max(client.longest for client in clients) < PATIENCE_SECONDS


@pytest.fixture(autouse=True)
def everything_is_large(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(estimates, "SMALL_TABLE_BYTES", 0)
    monkeypatch.setattr(estimates, "TINY_TABLE_BYTES", 0)


def build(database: Database, table: str, *more: str) -> None:
    database.run(
        "CREATE SCHEMA shop",
        "CREATE TABLE shop.parents (id serial PRIMARY KEY, name text)",
        "INSERT INTO shop.parents (name) SELECT 'p' || i FROM generate_series(1, 50) i",
        table,
        "INSERT INTO shop.busy (worker, value, at) SELECT 0, i, timestamptz '2024-01-01' + i * interval '1 minute' "
        "FROM generate_series(1, 60000) i",
        "CREATE INDEX busy_value ON shop.busy (value)",
        *more,
        "ANALYZE",
    )


COLUMNS = "worker int NOT NULL, value int, at timestamptz DEFAULT now()"


def test_keys_become_wider(database: Database) -> None:
    build(
        database,
        f"CREATE TABLE shop.busy (id serial PRIMARY KEY, parent_id int REFERENCES shop.parents, {COLUMNS})",
        "CREATE TABLE shop.tags (busy_id int REFERENCES shop.busy ON DELETE CASCADE, tag text)",
        "INSERT INTO shop.tags SELECT id, 'x' FROM shop.busy WHERE id % 3 = 0",
    )
    with under_load(database, reference="parents"):
        carry_out(
            database,
            op.ChangeColumnType(schema="shop", table="parents", column="id", from_type="integer", to_type="bigint"),
            op.ChangeColumnType(schema="shop", table="busy", column="id", from_type="integer", to_type="bigint"),
            op.ChangeColumnType(schema="shop", table="busy", column="value", from_type="integer", to_type="bigint"),
        )
    with Runner(database) as runner:
        query = (
            "SELECT count(*) = 5 FROM pg_attribute WHERE atttypid = 'bigint'::regtype AND attnum > 0 AND attrelid IN "
            "('shop.parents'::regclass, 'shop.busy'::regclass, 'shop.tags'::regclass)"
        )
        assert runner.ask(query) is True
        assert runner.ask("SELECT count(*) = 20000 FROM shop.tags") is True


def test_a_table_is_copied(database: Database) -> None:
    build(database, f"CREATE UNLOGGED TABLE shop.busy (id serial PRIMARY KEY, {COLUMNS})")
    with under_load(database):
        carry_out(database, op.SetLogged(schema="shop", table="busy"))


def test_a_table_is_partitioned(database: Database) -> None:
    build(database, f"CREATE TABLE shop.busy (id serial PRIMARY KEY, {COLUMNS})")
    with under_load(database):
        carry_out(database, op.PartitionTable(schema="shop", table="busy", column="at", interval="month"))


def test_columns_move_to_a_companion(database: Database) -> None:
    build(database, f"CREATE TABLE shop.busy (id serial PRIMARY KEY, {COLUMNS})")
    with Runner(database) as runner, under_load(database):
        operation = op.SplitTable(schema="shop", table="busy", columns=("value",), into="busy_values")
        carry_out(database, operation, until="Write value to")
    with Runner(database) as runner:
        query = "SELECT count(*) = 0 FROM shop.busy b FULL JOIN shop.busy_values v USING (id, value) "
        assert runner.ask(query + "WHERE b.id IS NULL OR v.id IS NULL") is True


def test_indexes_keys_and_checks_are_added(database: Database) -> None:
    build(database, f"CREATE TABLE shop.busy (id serial, parent_id int, {COLUMNS})")
    busy = {"schema": "shop", "table": "busy"}
    with under_load(database, reference="parents"):
        carry_out(
            database,
            op.AddPrimaryKey(**busy, columns=("id",)),
            op.AddIndex(**busy, columns=("parent_id",)),
            op.AddForeignKey(
                **busy, columns=("parent_id",), referenced_schema="shop", referenced_table="parents",
                referenced_columns=("id",),
            ),
            op.AddCheck(**busy, name="positive", expression="value > 0"),
            op.SetNotNull(**busy, column="at"),
            op.SetNotNull(**busy, column="value"),
            op.UseIdentity(**busy, column="id", sequence_schema="shop", sequence="busy_id_seq"),
            op.RebuildIndex(**busy, name="busy_value"),
        )  # fmt: skip


def test_old_rows_that_move_before_their_turn_are_numbered(database: Database) -> None:
    build(database, f"CREATE TABLE shop.busy ({COLUMNS})")
    over = threading.Event()

    def move() -> None:
        dice = random.Random(7)
        with database.connect() as connection:
            while not over.is_set():
                connection.execute(
                    "UPDATE shop.busy SET at = at WHERE value = ANY (%s) AND worker = 0",
                    ([dice.randrange(1, 60_000) for _ in range(50)],),
                )

    mover = threading.Thread(target=move)
    mover.start()
    try:
        carry_out(database, op.AddPrimaryKey(schema="shop", table="busy"))
    finally:
        over.set()
        mover.join()
    with Runner(database) as runner:
        assert runner.ask("SELECT count(DISTINCT id) FROM shop.busy") == 60_000
