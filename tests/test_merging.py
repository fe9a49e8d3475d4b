"""A companion table that becomes part of another: what its old users see, under load, and what keeps it from it."""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from typing import Any

import psycopg
import pytest
from msgspec.structs import replace
from psycopg import errors

from auditor.model import operation as op
from auditor.model.facts import Facts
from auditor.model.plan import Step
from auditor.model.workload import Statement
from auditor.planning import make_plan
from auditor_connectors.postgresql.recipes import RECIPES, estimates
from tests.collecting import collect
from tests.guarding import steps_of
from tests.servers import AnyServer, Database, fresh_database
from tests.test_plan_runs import Runner

MERGE = op.MergeTables(schema="shop", table="people", other="profiles")
PEOPLE = (
    "CREATE SCHEMA shop",
    "CREATE TABLE shop.people (id int PRIMARY KEY, name text)",
    (
        "CREATE TABLE shop.profiles (person_id int PRIMARY KEY REFERENCES shop.people ON DELETE CASCADE "
        "ON UPDATE CASCADE, bio varchar(20), visits int NOT NULL DEFAULT 1, CHECK (visits >= 0))"
    ),
)
ROWS = (
    "INSERT INTO shop.people SELECT i, 'p' || i FROM generate_series(1, 600) i",
    "INSERT INTO shop.profiles SELECT i, 'b' || i, i FROM generate_series(2, 600, 2) i",
)
SAME = (
    "SELECT count(*) = 0 FROM ((TABLE shop.profiles EXCEPT ALL TABLE shop.profiles_old) UNION ALL "
    "(TABLE shop.profiles_old EXCEPT ALL TABLE shop.profiles)) x"
)


def planned(database: Database, operation: op.MergeTables = MERGE) -> list[Step]:
    database.run("ANALYZE")
    return steps_of(make_plan(Facts(collect(database.url)), [operation], [], RECIPES))


def place_of(steps: list[Step], words: str) -> int:
    return next(number for number, step in enumerate(steps) if step.title.startswith(words))


# --- old code ----------------------------------------------------------------------------------------------------


@contextmanager
def switched(server: AnyServer, *more: str) -> Iterator[tuple[Database, Runner, list[Step]]]:
    """A database in which the view has taken the companion's place; the steps are those up to the switch."""
    with fresh_database(server) as database:
        database.run(*PEOPLE, *more, *ROWS)
        steps = planned(database)
        done = steps[: place_of(steps, "Write to")]
        with Runner(database) as runner:
            for step in done:
                runner.run(step)
            yield database, runner, done


def test_old_code_finds_and_writes_what_it_did(every_server: AnyServer) -> None:
    with switched(every_server) as (_, runner, steps):
        run = runner.connection.execute
        assert runner.ask("SELECT count(*) = 300 AND sum(visits) = 90300 FROM shop.profiles") is True
        names = [one.name for one in run("SELECT * FROM shop.profiles").description or ()]
        assert names == ["person_id", "bio", "visits"]
        assert runner.ask("INSERT INTO shop.profiles (person_id) VALUES (1) RETURNING visits = 1 AND bio IS NULL")
        assert run("UPDATE shop.profiles SET visits = visits + 1 WHERE person_id IN (1, 2, 3)").rowcount == 2
        assert runner.ask("UPDATE shop.profiles SET bio = 'x' WHERE person_id = 2 RETURNING visits") == 3
        assert run("DELETE FROM shop.profiles WHERE visits = 4 RETURNING person_id").fetchall() == [(4,)]
        assert run("DELETE FROM shop.profiles WHERE person_id = 4").rowcount == 0
        assert runner.ask("SELECT bio IS NULL AND visits IS NULL AND name = 'p4' FROM shop.people WHERE id = 4")
        new = (
            "WITH p AS (INSERT INTO shop.people VALUES (1000, 'q') RETURNING id) INSERT INTO shop.profiles SELECT id, "
        )
        assert run(new + "'y', 7 FROM p").rowcount == 1
        with runner.connection.cursor().copy("COPY shop.profiles (person_id, bio) FROM STDIN") as copy:
            copy.write_row((5, "copied"))
        run("SELECT FROM shop.profiles WHERE person_id = 5 FOR UPDATE")
        run("DELETE FROM shop.people WHERE id = 6")
        run("UPDATE shop.people SET id = id + 2000 WHERE id IN (597, 598)")
        run("UPDATE shop.people SET name = 'z', bio = 'new code', visits = 2 WHERE id = 7")
        assert runner.ask("SELECT count(*) FROM shop.profiles WHERE bio IN ('y', 'copied', 'new code')") == 3
        assert runner.ask(SAME) is True
        runner.undo(steps[-1])
        assert runner.ask(
            "SELECT count(*) = 302 AND sum(visits) = 90300 - 4 - 6 + 2 + 1 + 7 + 1 + 2 FROM shop.profiles"
        )
        runner.run(steps[-1])
        assert runner.ask(SAME) is True


REFUSED = (
    ("INSERT INTO shop.profiles VALUES (2)", errors.UniqueViolation),
    ("INSERT INTO shop.profiles VALUES (5000)", errors.ForeignKeyViolation),
    ("INSERT INTO shop.profiles VALUES (1, 'x', NULL)", errors.NotNullViolation),
    ("INSERT INTO shop.profiles VALUES (1, 'x', -1)", errors.CheckViolation),
    ("INSERT INTO shop.profiles VALUES (1, repeat('x', 21))", errors.StringDataRightTruncation),
    ("UPDATE shop.profiles SET visits = NULL WHERE person_id = 2", errors.CheckViolation),
    ("UPDATE shop.profiles SET visits = -1 WHERE person_id = 2", errors.CheckViolation),
    ("UPDATE shop.people SET bio = 'half' WHERE id = 1", errors.CheckViolation),
    # What the step before the switch tells to look for in the code.
    ("UPDATE shop.profiles SET person_id = 1 WHERE person_id = 2", errors.FeatureNotSupported),
    ("INSERT INTO shop.profiles VALUES (1) ON CONFLICT (person_id) DO UPDATE SET visits = 5", psycopg.Error),
    ("TRUNCATE shop.profiles", errors.WrongObjectType),
)


def test_what_a_row_may_not_be_the_view_refuses_as_the_table_did(server: AnyServer) -> None:
    with switched(server) as (_, runner, _):
        for statement, error in REFUSED:
            with pytest.raises(error):
                runner.connection.execute(statement.encode())
        assert runner.ask("SELECT count(*) = 300 AND sum(visits) = 90300 FROM shop.profiles") is True
        assert runner.ask(SAME) is True


@pytest.mark.parametrize("kind", ["serial", "int GENERATED ALWAYS AS IDENTITY"])
def test_parts_are_numbered_as_before(kind: str, every_server: AnyServer) -> None:
    """A number of the companion's own, which nobody refers to, is drawn and unique by the old name and the new one."""
    setup = (
        *PEOPLE[:2],
        (
            f"CREATE TABLE shop.profiles (id {kind} PRIMARY KEY, bio text DEFAULT 'b', person_id int NOT NULL UNIQUE "
            "REFERENCES shop.people ON DELETE CASCADE)"
        ),
        "INSERT INTO shop.people SELECT i, 'p' || i FROM generate_series(1, 100) i",
        "INSERT INTO shop.profiles (person_id) SELECT i FROM generate_series(2, 100, 2) i",
    )
    with fresh_database(every_server) as database:
        database.run(
            *setup,
            "DROP ROLE IF EXISTS merge_writer",
            "CREATE ROLE merge_writer",
            "GRANT USAGE ON SCHEMA shop TO merge_writer",
            "GRANT SELECT, INSERT ON shop.profiles TO merge_writer",
            *(["GRANT USAGE ON shop.profiles_id_seq TO merge_writer"] if kind == "serial" else []),
        )
        steps = planned(database)
        switch = place_of(steps, "Put a view")
        with Runner(database) as runner:
            try:
                run = runner.connection.execute
                for step in steps[: switch + 1]:
                    runner.run(step)
                run("SET ROLE merge_writer")
                assert runner.ask("INSERT INTO shop.profiles (person_id) VALUES (1) RETURNING id = 51 AND bio = 'b'")
                run("RESET ROLE")
                with pytest.raises(errors.UniqueViolation, match="profiles_person_id_key"):
                    run("INSERT INTO shop.profiles (person_id) VALUES (1)")
                with pytest.raises(errors.UniqueViolation):
                    run("INSERT INTO shop.profiles (id, person_id) VALUES (50, 3)")
                assert run("UPDATE shop.profiles SET bio = 'c' WHERE id = 51").rowcount == 1
                assert runner.ask("SELECT profiles_id IS NULL FROM shop.people WHERE id = 99") is True
                assert runner.ask(SAME) is True
                runner.undo(steps[switch])
                assert runner.ask("INSERT INTO shop.profiles (person_id) VALUES (5) RETURNING id > 51") is True
                runner.run(steps[switch])
                for step in steps[switch + 1 :]:
                    runner.run(step)
                run("UPDATE shop.people SET profiles_id = nextval('shop.profiles_id_seq'), bio = 'd' WHERE id = 7")
                assert runner.ask("SELECT profiles_id > 52 FROM shop.people WHERE id = 7") is True
                assert runner.ask("SELECT count(profiles_id) = 53 FROM shop.people") is True
            finally:
                runner.connection.execute("RESET ROLE; DROP OWNED BY merge_writer")
                runner.connection.execute("DROP ROLE merge_writer")


def test_the_view_finds_by_the_key_and_serves_those_whom_the_table_served(server: AnyServer) -> None:
    roles = (
        "DROP ROLE IF EXISTS merge_reader, merge_stranger",
        "CREATE ROLE merge_reader",
        "CREATE ROLE merge_stranger",
        "GRANT USAGE ON SCHEMA shop TO PUBLIC",
        "GRANT SELECT, UPDATE ON shop.profiles TO merge_reader",
        "GRANT SELECT (person_id) ON shop.profiles TO merge_stranger",
        "CREATE VIEW shop.famous AS SELECT person_id, bio FROM shop.profiles WHERE visits > 100",
    )
    with switched(server, *roles) as (_, runner, steps):
        try:
            run = runner.connection.execute
            run("SET enable_seqscan = off")
            text = "\n".join(
                row[0] for row in run("EXPLAIN SELECT * FROM shop.profiles WHERE person_id = 5").fetchall()
            )
            assert "Index Cond: (id = 5)" in text
            assert runner.ask("SELECT count(*) = 250 FROM shop.famous") is True
            run("SET ROLE merge_reader")
            assert run("UPDATE shop.profiles SET visits = 1 WHERE person_id = 2").rowcount == 1
            with pytest.raises(errors.InsufficientPrivilege):
                run("DELETE FROM shop.profiles")
            run("SET ROLE merge_stranger")
            assert runner.ask("SELECT count(person_id) FROM shop.profiles") == 300
            with pytest.raises(errors.InsufficientPrivilege):
                run("SELECT bio FROM shop.profiles")
            run("RESET ROLE")
            runner.undo(steps[-1])
            assert runner.ask("SELECT count(*) = 250 FROM shop.famous") is True
        finally:
            runner.connection.execute("RESET ROLE; DROP OWNED BY merge_reader, merge_stranger")
            runner.connection.execute("DROP ROLE merge_reader, merge_stranger")


def test_two_who_write_one_row_through_the_view_wait_for_each_other(server: AnyServer) -> None:
    with switched(server) as (database, runner, _):
        failed: list[Exception] = []

        def act(statement: str) -> None:
            with database.connect() as connection:
                try:
                    connection.execute(statement.encode())
                except psycopg.Error as error:
                    failed.append(error)

        for other, visits in (
            ("UPDATE shop.profiles SET visits = visits + 10 WHERE person_id = 2", 13),
            ("DELETE FROM shop.profiles WHERE person_id = 2", 14),
        ):
            with runner.connection.transaction():
                runner.connection.execute("UPDATE shop.profiles SET visits = visits + 1 WHERE person_id = 2")
                thread = threading.Thread(target=act, args=(other,))
                thread.start()
                _until_somebody_waits(runner)
            thread.join(timeout=10)
            assert runner.ask("SELECT visits FROM shop.profiles WHERE person_id = 2") == visits
        assert [type(one) for one in failed] == [errors.SerializationFailure]
        assert runner.ask(SAME) is True


def _until_somebody_waits(runner: Runner) -> None:
    waiting = "SELECT count(*) > 0 FROM pg_locks WHERE NOT granted AND database IS DISTINCT FROM 0"
    until = time.monotonic() + 10
    while runner.ask(waiting) is not True and time.monotonic() < until:
        time.sleep(0.01)


# --- under load --------------------------------------------------------------------------------------------------


class Writer(threading.Thread):
    """Writes people of its own, and their profiles by the old names, and finds them as it has left them."""

    def __init__(self, database: Database, number: int) -> None:
        super().__init__()
        self.database, self.number = database, number
        self.stop = threading.Event()
        self.people: dict[int, tuple[str, tuple[str | None, int] | None]] = {}
        self.error: Exception | None = None
        self.next = number * 100_000

    def run(self) -> None:
        dice = random.Random(self.number)
        with suppress(psycopg.Error, AssertionError), self.database.connect() as connection:
            while not self.stop.is_set():
                try:
                    self.act(connection, dice)
                except Exception as error:
                    self.error = error
                    raise

    def act(self, connection: Any, dice: random.Random) -> None:
        person = dice.choice(list(self.people)) if self.people and dice.random() < 0.7 else None
        if person is None:
            self.next += 1
            connection.execute("INSERT INTO shop.people VALUES (%s, 'new')", (self.next,))
            self.people[self.next] = ("new", None)
            return
        name, part = self.people[person]
        value, choice = dice.randrange(1000), dice.random()
        bio = None if value % 9 == 0 else f"b{value}"
        if choice < 0.2:
            row = connection.execute("SELECT bio, visits FROM shop.profiles WHERE person_id = %s", (person,)).fetchone()
            assert row == part, f"{person}: {row} for {part}"
        elif choice < 0.35:
            self.once(connection, "UPDATE shop.people SET name = %s WHERE id = %s", (f"n{value}", person))
            self.people[person] = (f"n{value}", part)
        elif choice < 0.45:
            self.once(connection, "DELETE FROM shop.people WHERE id = %s", (person,))
            del self.people[person]
        elif part is None:
            self.once(connection, "INSERT INTO shop.profiles VALUES (%s, %s, %s)", (person, bio, value))
            self.people[person] = (name, (bio, value))
        elif choice < 0.85:
            query = "UPDATE shop.profiles SET bio = %s, visits = visits + %s WHERE person_id = %s"
            self.once(connection, query, (bio, value, person))
            self.people[person] = (name, (bio, part[1] + value))
        else:
            self.once(connection, "DELETE FROM shop.profiles WHERE person_id = %s", (person,))
            self.people[person] = (name, None)

    @staticmethod
    def once(connection: Any, query: str, values: tuple[Any, ...]) -> None:
        assert connection.execute(query, values).rowcount == 1, (query, values)


@contextmanager
def writers(database: Database, number: int) -> Iterator[list[Writer]]:
    found = [Writer(database, one) for one in range(1, number + 1)]
    with ExitStack() as stack:
        for one in found:
            one.start()
            stack.callback(one.join, 60)
            stack.callback(one.stop.set)
        yield found


def test_nothing_is_lost_forward_back_and_forward_again(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(estimates, "SMALL_TABLE_BYTES", 0)
    database.run(*PEOPLE)
    database.run(
        "INSERT INTO shop.people SELECT i, 'p' || i FROM generate_series(1, 20000) i",
        "INSERT INTO shop.profiles SELECT i, 'b' || i, i FROM generate_series(2, 20000, 2) i",
        "CREATE INDEX profiles_visits ON shop.profiles (visits)",
    )
    steps = planned(database)
    ahead = steps[: place_of(steps, "Name shop.profiles no more")]
    with Runner(database) as runner:
        with writers(database, 3) as found:
            for step in ahead:
                runner.run_patiently(step)
            time.sleep(0.5)
            for step in reversed(ahead):
                _undo_patiently(runner, step)
            time.sleep(0.3)
            assert runner.ask("SELECT array_agg(p::text) FROM (SELECT * FROM shop.people WHERE id = 2) p") == ["(2,p2)"]
            for step in ahead:
                runner.run_patiently(step)
            time.sleep(0.5)
        assert [one.error for one in found] == [None] * 3
        assert runner.ask(SAME) is True
        for step in steps[len(ahead) :]:
            runner.run_patiently(step)
        rows = runner.connection.execute("SELECT id, name, bio, visits FROM shop.people WHERE id > 50000").fetchall()
        expected = {
            (person, name, *(part or (None, None))) for one in found for person, (name, part) in one.people.items()
        }
        assert set(rows) == expected
        assert len(expected) > 50
        counts = "SELECT count(*) = 20000 AND count(visits) = 10000 AND sum(visits) = 100010000 FROM shop.people "
        assert runner.ask(f"{counts} WHERE id < 50000") is True
        assert runner.ask("SELECT to_regclass('shop.profiles') IS NULL AND to_regclass('shop.profiles_old') IS NULL")


def _undo_patiently(runner: Runner, step: Step) -> None:
    for _ in range(20):
        try:
            return runner.undo(step)
        except errors.LockNotAvailable:
            runner.connection.execute("ROLLBACK")
            time.sleep(0.05)
    raise AssertionError(f"no lock to undo {step.title}")


# --- look-alikes -------------------------------------------------------------------------------------------------

LOOK_ALIKES = {
    "has no valid foreign key": (
        "CREATE TABLE shop.profiles (id int PRIMARY KEY, person_id int NOT NULL REFERENCES shop.people)",
    ),
    "whose columns are NOT NULL and unique": (
        "CREATE TABLE shop.profiles (id int PRIMARY KEY, person_id int UNIQUE REFERENCES shop.people)",
    ),
    "that is checked at once": (
        "CREATE TABLE shop.profiles (person_id int PRIMARY KEY REFERENCES shop.people DEFERRABLE)",
    ),
    "profiles is partitioned": (
        "CREATE TABLE shop.profiles (person_id int PRIMARY KEY REFERENCES shop.people) PARTITION BY RANGE (person_id)",
    ),
    "the trigger touch of shop.profiles": (
        *PEOPLE[2:],
        "CREATE FUNCTION shop.touch() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END'",
        "CREATE TRIGGER touch BEFORE UPDATE ON shop.profiles FOR EACH ROW EXECUTE FUNCTION shop.touch()",
    ),
    "policies guard the rows of shop.profiles": (*PEOPLE[2:], "ALTER TABLE shop.profiles ENABLE ROW LEVEL SECURITY"),
    "shop.notes refers to it by notes_fkey": (
        *PEOPLE[2:],
        "CREATE TABLE shop.notes (id int CONSTRAINT notes_fkey REFERENCES shop.profiles)",
    ),
    "the publication p sends": (*PEOPLE[2:], "CREATE PUBLICATION p FOR TABLE shop.profiles"),
    "the database numbers or computes shop.profiles.person_id": (
        "CREATE TABLE shop.profiles (person_id serial PRIMARY KEY REFERENCES shop.people, bio text)",
    ),
    "the database numbers or computes shop.profiles.twice": (
        *PEOPLE[2:],
        "ALTER TABLE shop.profiles ADD COLUMN twice int GENERATED ALWAYS AS (visits * 2) STORED",
    ),
    "shop.visits refers to it by visits_fkey": (
        "CREATE TABLE shop.profiles (id serial PRIMARY KEY, person_id int NOT NULL UNIQUE REFERENCES shop.people)",
        "CREATE TABLE shop.visits (profile int CONSTRAINT visits_fkey REFERENCES shop.profiles)",
    ),
    "of different types": ("CREATE TABLE shop.profiles (person_id bigint PRIMARY KEY REFERENCES shop.people)",),
    "deletes its rows": (
        (
            "CREATE TABLE shop.profiles (person_id int PRIMARY KEY REFERENCES shop.people, boss int CONSTRAINT boss "
            "REFERENCES shop.people ON DELETE CASCADE)"
        ),
    ),
    "another column of shop.people is called name": PEOPLE[2:],
    "is of a domain": (
        "CREATE DOMAIN shop.short AS text CHECK (length(VALUE) < 9)",
        "CREATE TABLE shop.profiles (person_id int PRIMARY KEY REFERENCES shop.people, bio shop.short)",
    ),
    "is unlogged": ("CREATE UNLOGGED TABLE shop.profiles (person_id int PRIMARY KEY REFERENCES shop.people)",),
    "was never validated": (*PEOPLE[2:], "ALTER TABLE shop.profiles ADD CHECK (visits < 9) NOT VALID"),
}


@pytest.mark.parametrize("reason", LOOK_ALIKES)
def test_what_cannot_be_carried_over_is_said(reason: str, database: Database) -> None:
    database.run(*PEOPLE[:2], *LOOK_ALIKES[reason])
    names = {"bio": "name"} if "is called name" in reason else {}
    (step,) = planned(database, op.MergeTables(schema="shop", table="people", other="profiles", names=names))
    assert step.lock is None
    assert not step.statements
    assert reason in " ".join(step.notes)


def test_statements_that_the_view_does_not_take_are_named(database: Database) -> None:
    database.run(*PEOPLE)
    snapshot = collect(database.url)
    texts = (
        "INSERT INTO profiles VALUES ($1) ON CONFLICT DO NOTHING",
        "INSERT INTO people VALUES ($1) ON CONFLICT DO NOTHING",
        "UPDATE profiles SET bio = $1",
    )
    statements = tuple(Statement(id=str(number), text=text, calls=7) for number, text in enumerate(texts))
    facts = Facts(replace(snapshot, workload=replace(snapshot.workload, statements=statements)))
    steps = steps_of(make_plan(facts, [MERGE], [], RECIPES))
    (note,) = (note for note in steps[place_of(steps, "Read from")].notes if "would fail" in note)
    assert note.count("7 calls") == 1
    assert f"{texts[0]} (7 calls)" in note


def test_what_came_after_the_audit_stops_the_switch(database: Database) -> None:
    database.run(*PEOPLE, *ROWS)
    steps = planned(database)
    place = place_of(steps, "Put a view")
    with Runner(database) as runner:
        for step in steps[:place]:
            runner.run(step)
        database.run(
            "UPDATE shop.people SET id = id + 5000 WHERE id IN (10, 11)",
            "UPDATE shop.profiles SET person_id = person_id - 11 WHERE person_id = 12",
            "UPDATE shop.profiles SET person_id = person_id + 1 WHERE person_id < 9",
        )
        assert runner.ask(steps[place].precondition or "") is True
        for change, back in (
            ("ALTER TABLE shop.profiles ADD COLUMN more int", "ALTER TABLE shop.profiles DROP COLUMN more"),
            ("CREATE TABLE shop.notes (id int REFERENCES shop.profiles)", "DROP TABLE shop.notes"),
            (
                "CREATE VIEW shop.grouped AS SELECT person_id, bio FROM shop.profiles GROUP BY person_id",
                "DROP VIEW shop.grouped",
            ),
            ("UPDATE shop.people SET bio = 'x' WHERE id = 100", "UPDATE shop.people SET bio = 'b100' WHERE id = 100"),
        ):
            database.run(change)
            assert runner.ask(steps[place].precondition or "") is False, change
            database.run(back)
        runner.run(steps[place])
