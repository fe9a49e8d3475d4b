"""Tables of the same columns that become one: what old code sees, under load, and what keeps them from it."""

from __future__ import annotations

import threading
import time
from contextlib import ExitStack

import psycopg
import pytest
from msgspec.structs import replace
from psycopg import errors

from auditor.model import operation as op
from auditor.model.facts import Facts
from auditor.model.plan import Step
from auditor.planning import make_plan
from auditor_connectors.postgresql.recipes import RECIPES, estimates
from tests.collecting import collect
from tests.guarding import steps_of
from tests.servers import AnyServer, Database, fresh_database
from tests.test_plan_runs import Runner

MERGE = op.MergeClones(schema="shop", into="sales", discriminator="year", values={"sales_1": "1", "sales_2": "2"})
SHOP = (
    "CREATE SCHEMA shop",
    "CREATE TABLE shop.sales_1 (id serial PRIMARY KEY, code text UNIQUE, amount int)",
    "CREATE TABLE shop.sales_2 (id serial PRIMARY KEY, code text UNIQUE, amount int)",
)
ROWS = tuple(
    f"INSERT INTO shop.sales_{number} (code, amount) SELECT 'c' || i, i FROM generate_series(1, 300) i"
    for number in (1, 2)
)


def planned(database: Database, operation: op.MergeClones = MERGE) -> list[Step]:
    database.run("ANALYZE")
    return steps_of(make_plan(Facts(collect(database.url)), [operation], [], RECIPES))


def place_of(steps: list[Step], words: str) -> int:
    return next(number for number, step in enumerate(steps) if step.title.startswith(words))


# --- old code ----------------------------------------------------------------------------------------------------


def test_old_code_goes_on_by_the_old_names(every_server: AnyServer) -> None:
    with fresh_database(every_server) as database:
        database.run(*SHOP, "CREATE TABLE shop.lines (sale int REFERENCES shop.sales_2)", *ROWS)
        steps = planned(database)
        with Runner(database) as runner:
            for step in steps:
                runner.run(step)
            run = runner.connection.execute
            assert runner.ask("INSERT INTO shop.sales_1 (code) VALUES ('n') RETURNING id > 300 AND year = '1'") is True
            assert runner.ask(
                "INSERT INTO shop.sales_2 VALUES (1, 'x') ON CONFLICT (id) DO UPDATE SET code = 'y' RETURNING id = 1"
            )
            with pytest.raises(errors.UniqueViolation):
                run("INSERT INTO shop.sales_2 (code) VALUES ('c2')")
            with pytest.raises(errors.CheckViolation):
                run("INSERT INTO shop.sales_1 (year) VALUES ('2')")
            with runner.connection.cursor().copy("COPY shop.sales_1 (code) FROM STDIN") as copy:
                copy.write_row(("copied",))
            run("INSERT INTO shop.lines VALUES (1)")
            with pytest.raises(errors.ForeignKeyViolation):
                run("DELETE FROM shop.sales WHERE year = '2' AND id = 1")
            assert run("DELETE FROM shop.sales WHERE year = '1' AND id = 1").rowcount == 1
            assert runner.ask("SELECT count(*) = 301 FROM ONLY shop.sales_1") is True
            with pytest.raises(errors.CheckViolation):
                run("INSERT INTO shop.sales (year) VALUES ('3')")
            run("TRUNCATE shop.sales_1")
            assert runner.ask("SELECT count(*) = 300 FROM shop.sales") is True


# --- under load --------------------------------------------------------------------------------------------------


class Writer(threading.Thread):
    """Writes rows with numbers of the database by an old name, by the new one where there is one, and counts them."""

    def __init__(self, database: Database, number: int) -> None:
        super().__init__()
        self.database, self.number = database, number
        self.stop = threading.Event()
        self.written: list[tuple[int, str]] = []
        self.by_the_whole = 0
        self.error: Exception | None = None

    def run(self) -> None:
        try:
            with self.database.connect() as connection:
                while not self.stop.is_set():
                    self.act(connection)
        except Exception as error:  # noqa: BLE001 - the test looks at it
            self.error = error

    def act(self, connection: psycopg.Connection) -> None:
        code = f"w{self.number}-{len(self.written)}"
        old = f"INSERT INTO shop.sales_{self.number} (code) VALUES (%s) RETURNING id"
        new = f"INSERT INTO shop.sales (code, year) VALUES (%s, '{self.number}') RETURNING id"
        row = None
        if len(self.written) % 2:
            try:
                row = connection.execute(new.encode(), (code,)).fetchone()
                self.by_the_whole += 1
            except errors.UndefinedTable:
                pass
        row = row or connection.execute(old.encode(), (code,)).fetchone()
        assert row is not None
        self.written.append((row[0], code))


def test_nothing_is_lost_forward_back_and_forward_again(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(estimates, "SMALL_TABLE_BYTES", 0)
    database.run(*SHOP, *ROWS)
    steps = planned(database)
    ahead = steps[: place_of(steps, "Make (id, year)")]
    found = [Writer(database, number) for number in (1, 2)]
    with Runner(database) as runner:
        with ExitStack() as stack:
            for one in found:
                one.start()
                stack.callback(one.join, 60)
                stack.callback(one.stop.set)
            for step in ahead:
                runner.run_patiently(step)
            time.sleep(0.3)
            for step in reversed(ahead):
                _undo_patiently(runner, step)
            time.sleep(0.2)
            assert runner.ask("SELECT array_agg(s::text) FROM (SELECT * FROM shop.sales_1 WHERE id = 2) s") == [
                "(2,c2,2)"
            ]
            for step in ahead:
                runner.run_patiently(step)
            time.sleep(0.3)
            for step in steps[len(ahead) :]:
                runner.run_patiently(step)
            time.sleep(0.2)
        assert [one.error for one in found] == [None] * 2
        assert all(one.by_the_whole > 20 for one in found)
        for one in found:
            query = f"SELECT id, code FROM shop.sales WHERE year = '{one.number}' AND code LIKE 'w%'"
            assert set(runner.connection.execute(query.encode()).fetchall()) == set(one.written)
        assert runner.ask("SELECT count(*) = 600 FROM shop.sales WHERE code LIKE 'c%'") is True


def _undo_patiently(runner: Runner, step: Step) -> None:
    for _ in range(20):
        try:
            return runner.undo(step)
        except errors.LockNotAvailable:
            runner.connection.execute("ROLLBACK")
            time.sleep(0.05)
    raise AssertionError(f"no lock to undo {step.title}")


# --- what stops it -----------------------------------------------------------------------------------------------


def test_what_came_after_the_audit_stops_the_switch(database: Database) -> None:
    database.run(*SHOP, "CREATE INDEX sales_1_amount ON shop.sales_1 (amount)",
                 "CREATE INDEX sales_2_amount ON shop.sales_2 (amount)", *ROWS)  # fmt: skip
    steps = planned(database)
    place = place_of(steps, "Make shop.sales,")
    with Runner(database) as runner:
        for step in steps[:place]:
            runner.run(step)
        assert runner.ask(steps[place].precondition or "") is True
        for change, back in (
            ("ALTER TABLE shop.sales_1 ADD COLUMN more int", "ALTER TABLE shop.sales_1 DROP COLUMN more"),
            ("ALTER INDEX shop.sales_2_amount RENAME TO x", "ALTER INDEX shop.x RENAME TO sales_2_amount"),
            ("CREATE TABLE shop.heir () INHERITS (shop.sales_1)", "DROP TABLE shop.heir"),
            ("CREATE PUBLICATION p FOR TABLE shop.sales_1", "DROP PUBLICATION p"),
            ("CREATE VIEW shop.sales AS SELECT 1", "DROP VIEW shop.sales"),
        ):
            database.run(change)
            assert runner.ask(steps[place].precondition or "") is False, change
            database.run(back)
        runner.run(steps[place])
        # A partition that others have added is not dropped with the whole.
        database.run("CREATE TABLE shop.sales_3 PARTITION OF shop.sales FOR VALUES IN ('3')")
        with pytest.raises(errors.RaiseException, match="detach the partitions"):
            runner.undo(steps[place])
        runner.connection.execute("ROLLBACK")
        database.run(
            "ALTER TABLE shop.sales DETACH PARTITION shop.sales_3", "ALTER TABLE shop.sales_3 ALTER id DROP DEFAULT"
        )
        runner.undo(steps[place])
        assert (
            runner.ask("SELECT to_regclass('shop.sales') IS NULL AND to_regclass('shop.sales_3') IS NOT NULL") is True
        )
        runner.run(steps[place])
        # One that is there when the key becomes a primary one gets its own, unless it is no longer small.
        database.run(
            "CREATE TABLE shop.sales_4 PARTITION OF shop.sales FOR VALUES IN ('4')",
            "INSERT INTO shop.sales (code, year) SELECT repeat('x', 1000), '4' FROM generate_series(1, 9)",
        )
        grown = (steps[-1].precondition or "").replace(f"<= {estimates.SMALL_TABLE_BYTES}", "<= 8192")
        assert runner.ask(grown) is False
        for step in steps[place + 1 : -1]:
            runner.run(step)
        runner.run(replace(steps[-1], notes=("sales_4 is small enough to get its key under the lock",)))
        keys = "SELECT count(*) = 4 AND bool_and(convalidated) FROM pg_constraint WHERE contype = 'p' AND conrelid IN "
        tables = "SELECT 'shop.sales'::regclass UNION ALL SELECT inhrelid FROM pg_inherits"
        assert runner.ask(f"{keys} ({tables} WHERE inhparent = 'shop.sales'::regclass)") is True
        assert runner.ask("SELECT indisvalid FROM pg_index WHERE indexrelid = 'shop.sales_pkey'::regclass") is True


LOOK_ALIKES = {
    "there is a shop.sales already": (*SHOP, "CREATE VIEW shop.sales AS SELECT 1"),
    "shop.sales_1 has a column year already": (*SHOP, "ALTER TABLE shop.sales_1 ADD COLUMN year int"),
    "shop.sales_2.more is in one of the tables": (*SHOP, "ALTER TABLE shop.sales_2 ADD COLUMN more int"),
    "shop.sales_1.amount and shop.sales_2.amount are of different types": (
        *SHOP,
        "ALTER TABLE shop.sales_2 ALTER amount TYPE bigint",
    ),
    "shop.sales_1.amount and shop.sales_2.amount have different defaults": (
        *SHOP,
        "ALTER TABLE shop.sales_2 ALTER amount SET DEFAULT 1",
    ),
    "shop.sales_1 and shop.sales_2 have different primary keys": (
        *SHOP,
        "ALTER TABLE shop.sales_2 DROP CONSTRAINT sales_2_pkey, ADD PRIMARY KEY (id, amount)",
    ),
    "the numbers of shop.sales_2.id are not counted upwards by one": (
        *SHOP,
        "ALTER SEQUENCE shop.sales_2_id_seq INCREMENT 2",
    ),
    "policies guard the rows of shop.sales_1": (*SHOP, "ALTER TABLE shop.sales_1 ENABLE ROW LEVEL SECURITY"),
    "the trigger told of shop.sales_2 would not fire for statements": (
        *SHOP,
        "CREATE FUNCTION shop.tell() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END'",
        "CREATE TRIGGER told AFTER INSERT ON shop.sales_2 EXECUTE FUNCTION shop.tell()",
    ),
    "the publication p sends": (*SHOP, "CREATE PUBLICATION p FOR TABLE shop.sales_1"),
    "shop.sales_1 inherits, or is inherited from": (*SHOP, "CREATE TABLE shop.heir () INHERITS (shop.sales_1)"),
    "shop.sales_1 is partitioned, a partition, unlogged": (*SHOP, "ALTER TABLE shop.sales_1 SET UNLOGGED"),
    "the database computes shop.sales_1.twice": tuple(
        one.replace("amount int", "amount int, twice int GENERATED ALWAYS AS (amount * 2) STORED") for one in SHOP
    ),
    "the rule r rewrites": (*SHOP, "CREATE RULE r AS ON DELETE TO shop.sales_2 DO INSTEAD NOTHING"),
    "the primary key sales_2_pkey is checked late": (
        *SHOP,
        "ALTER TABLE shop.sales_2 DROP CONSTRAINT sales_2_pkey, ADD PRIMARY KEY (id) DEFERRABLE",
    ),
}


def _refused(steps: list[Step], reason: str) -> None:
    (step,) = steps
    assert step.lock is None
    assert not step.statements
    assert reason in " ".join(step.notes)


@pytest.mark.parametrize("reason", LOOK_ALIKES)
def test_what_cannot_be_carried_over_is_said(reason: str, database: Database) -> None:
    database.run(*LOOK_ALIKES[reason])
    _refused(planned(database), reason)


@pytest.mark.parametrize(
    ("kind", "values", "reason"),
    [
        ("integer", {"sales_1": "1", "sales_2": "01"}, "would hold the same value 01"),
        ("integer", {"sales_1": "1", "sales_2": "x"}, "'x' is no integer"),
        ("smallint", {"sales_1": "1", "sales_2": "40000"}, "'40000' is no smallint"),
        ("date", {"sales_1": "2024-01-01", "sales_2": "2024-02-30"}, "'2024-02-30' is no date"),
        ("jsonb", {"sales_1": "1", "sales_2": "2"}, "not of jsonb"),
        ("text", {"sales_1": "1"}, "it takes two tables"),
    ],
)
def test_values_that_tell_nothing_apart_are_refused(
    kind: str, values: dict[str, str], reason: str, database: Database
) -> None:
    database.run(*SHOP)
    merge = op.MergeClones(schema="shop", into="sales", discriminator="year", type=kind, values=values)
    _refused(planned(database, merge), reason)
