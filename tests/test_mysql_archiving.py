"""Old rows of MySQL and MariaDB are copied, compared and deleted while clients write, and come back."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from datetime import timedelta

import pytest

from auditor.model import operation as op
from auditor.model.plan import Step
from auditor_connectors.mysql.recipes import batches, estimates
from tests.mysql_running import Runner, facts_of, shape, steps_of, under_load
from tests.mysql_servers import ENGINES, Account, database
from tests.servers import Pool

MARGIN_SECONDS = 1.0
HOSTILE = "a`b%s'ü$"
QUOTED = HOSTILE.replace("`", "``")
EVENT = """CREATE TABLE event (id int NOT NULL AUTO_INCREMENT PRIMARY KEY, at {kind} NOT NULL, what varchar(20),
  mark int, doc json, twice int AS (mark * 2) STORED, UNIQUE KEY one_mark (mark), KEY by_at (at))"""


@pytest.fixture(scope="module", params=[pytest.param(engine, marks=getattr(pytest.mark, engine)) for engine in ENGINES])
def server(request: pytest.FixtureRequest, pool: Pool) -> Account:
    """A server of one product after the other."""
    return pool.mysql(request.param)


@pytest.fixture
def shop(server: Account) -> Iterator[str]:
    with database(server) as name:
        yield name


@pytest.fixture
def small_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(batches, "BATCH_ROWS", 40)


def undropped(steps: list[Step]) -> list[Step]:
    """The steps up to the one that nothing takes back."""
    return steps[: next(n for n, step in enumerate(steps) if step.point_of_no_return)]


def rows(server: Account, table: str) -> list[tuple[object, ...]]:
    return server.run(f"SELECT * FROM {table} WHERE id < 1000 ORDER BY 1", database="shop")


@pytest.mark.usefixtures("small_batches")
@pytest.mark.parametrize("kind", ["datetime", "timestamp", "date"])
def test_old_rows_go_after_a_copy_and_come_back(server: Account, shop: str, kind: str) -> None:
    old = ", ".join(f"('2001-01-01', 'A{n}', {n}, '[{n}]')" for n in range(500))
    new = ", ".join(f"(utc_date(), 'b{n}', {n}, NULL)" for n in range(500, 600))
    server.run("SET sql_mode = 'NO_AUTO_VALUE_ON_ZERO'", EVENT.format(kind=kind),
               f"INSERT INTO event (at, what, mark, doc) VALUES {old}, {new}",
               "INSERT INTO event (id, at, mark) VALUES (0, '2000-01-01', -1)",
               "ALTER TABLE event AUTO_INCREMENT = 5000",
               "CREATE TABLE child (id int PRIMARY KEY, event int, CONSTRAINT child_of FOREIGN KEY (event) "
               "REFERENCES event (id))", "INSERT INTO child VALUES (1, 7)", database=shop)  # fmt: skip
    before, kept = shape(server, shop), rows(server, "event")
    steps = steps_of(facts_of(server, shop), op.ArchiveRows(schema="shop", table="event", column="at", keep_days=90))
    write = (
        "INSERT INTO event (at, what, mark) VALUES (utc_timestamp(), 'c', 10000 + {n})",
        "UPDATE event SET what = concat(what, 'x') WHERE id = 1 + {n} % 500",
        "UPDATE event SET what = upper(what) WHERE id = 1 + {n} % 500",
    )
    with contextlib.closing(server.connect(shop)) as connection:
        runner = Runner(connection)
        copy = next(step for step in steps if step.title.startswith("Copy"))
        with under_load(server, shop, ("SELECT count(*) FROM event WHERE at < '2010-01-01'",), write) as clients:
            for step in steps[: steps.index(copy)]:
                runner.forward(step)
            for statement in copy.statements:
                runner.all(statement)
        assert max(client.longest for client in clients) < estimates.LOCK_WAIT_SECONDS + MARGIN_SECONDS
        changed = rows(server, "event")
        assert changed != kept
        # Somebody swaps two unique values behind the pages that are done.
        server.run("UPDATE event SET mark = -9 WHERE id = 1", "UPDATE event SET mark = 0 WHERE id = 2",
                   "UPDATE event SET mark = 1 WHERE id = 1", database=shop)  # fmt: skip
        assert copy.verify is not None
        assert not runner.is_true(copy.verify)
        changed = rows(server, "event")
        for step in undropped(steps):
            runner.forward(step)
        left = server.run("SELECT id FROM event WHERE at < '2010-01-01'", database=shop)
        assert left == [(7,)]  # somebody refers to it
        assert server.run("SELECT count(*) FROM event WHERE what LIKE 'b%'", database=shop) == [(100,)]
        ran = list(runner.ran)
        for step in undropped(steps):
            runner.forward(step)
        assert runner.ran == ran
        for step in reversed(undropped(steps)):
            runner.back(step)
    assert rows(server, "event") == changed
    assert shape(server, shop) == before


def test_when_all_is_done_nothing_is_left_of_it(server: Account, shop: str) -> None:
    server.run(EVENT.format(kind="date"), "INSERT INTO event (at) VALUES ('2001-01-01'), (utc_date())", database=shop)
    before = shape(server, shop)
    steps = steps_of(facts_of(server, shop), op.ArchiveRows(schema="shop", table="event", column="at", keep_days=90))
    with contextlib.closing(server.connect(shop)) as connection:
        runner = Runner(connection)
        for step in steps:
            runner.forward(step)
    assert shape(server, shop) == before
    assert server.run("SELECT count(*) FROM event", database=shop) == [(1,)]
    assert not server.run("SHOW PROCEDURE STATUS WHERE Db = 'shop'")


@pytest.mark.usefixtures("small_batches")
def test_a_key_of_several_columns_and_names_of_all_kinds(server: Account, shop: str) -> None:
    server.run(f"CREATE TABLE `{QUOTED}` (a varchar(9) COLLATE utf8mb4_bin, b int, `{QUOTED}` date, "
               f"auditor_from_0 int, PRIMARY KEY (a, b))", database=shop)  # fmt: skip
    values = ", ".join(f"('{'aAbBéÉ😀'[n % 7]}', {n % 30}, '200{n % 9}-01-01', {n})" for n in range(200))
    server.run(f"INSERT IGNORE INTO `{QUOTED}` VALUES {values}", database=shop)
    steps = steps_of(facts_of(server, shop), op.ArchiveRows(
        schema="shop", table=HOSTILE, column=HOSTILE, keep_days=90, archive="old"))  # fmt: skip
    before = server.run(f"SELECT * FROM `{QUOTED}` ORDER BY a, b", database=shop)
    assert len(before) > 150
    with contextlib.closing(server.connect(shop)) as connection:
        runner = Runner(connection)
        for step in undropped(steps):
            runner.forward(step)
        assert server.run("SELECT * FROM old ORDER BY a, b", database=shop) == before
        assert server.run(f"SELECT count(*) FROM `{QUOTED}`", database=shop) == [(0,)]
        for step in reversed(undropped(steps)):
            runner.back(step)
    assert server.run(f"SELECT * FROM `{QUOTED}` ORDER BY a, b", database=shop) == before


def test_old_partitions_change_places_with_empty_tables(server: Account, shop: str) -> None:
    recent = (facts_of(server, shop).now - timedelta(days=10)).date()
    server.run(f"""CREATE TABLE part (id int, at date NOT NULL, PRIMARY KEY (id, at)) PARTITION BY RANGE COLUMNS (at)
      (PARTITION old VALUES LESS THAN ('2001-01-01'), PARTITION older VALUES LESS THAN ('2002-01-01'),
       PARTITION young VALUES LESS THAN ('{recent}'), PARTITION rest VALUES LESS THAN (MAXVALUE))""",
               f"INSERT INTO part VALUES (1, '2000-05-05'), (2, '2001-05-05'), (3, '2002-05-05'), (4, '{recent}')",
               database=shop)  # fmt: skip
    before = shape(server, shop)
    steps = steps_of(facts_of(server, shop), op.ArchiveRows(schema="shop", table="part", column="at", keep_days=90))
    kept = [step for step in steps if not step.point_of_no_return]
    with contextlib.closing(server.connect(shop)) as connection:
        runner = Runner(connection)
        with under_load(
            server, shop, ("SELECT count(*) FROM part",), (f"INSERT INTO part VALUES ({{n}} + 9, '{recent}')",)
        ) as clients:
            for step in kept:
                runner.forward(step)
        assert max(client.longest for client in clients) < estimates.LOCK_WAIT_SECONDS + MARGIN_SECONDS
        assert server.run("SELECT id FROM part WHERE id < 5", database=shop) == [(3,), (4,)]
        for step in reversed(kept):
            runner.back(step)
        assert shape(server, shop) == before
        assert server.run("SELECT id FROM part WHERE id < 5 ORDER BY id", database=shop) == [(1,), (2,), (3,), (4,)]
        for step in steps:
            runner.forward(step)
    assert shape(server, shop) == before


OBSTACLES = {
    "no key": (("CREATE TABLE t (id int, at date)",), "primary key"),
    "a key that is sorted otherwise than it compares": (
        ("CREATE TABLE t (id enum('b', 'a'), at date, PRIMARY KEY (id, at))",), "primary key of numbers",
    ),
    "no time": (("CREATE TABLE t (id int PRIMARY KEY, at int)",), "holds no dates"),
    "another engine": (("CREATE TABLE t (id int PRIMARY KEY, at date) ENGINE=MyISAM",), "MyISAM"),
    "itself": (
        ("CREATE TABLE t (id int PRIMARY KEY, at date, up int, FOREIGN KEY (up) REFERENCES t (id))",), "each other",
    ),
}  # fmt: skip


@pytest.mark.parametrize(("tables", "reason"), OBSTACLES.values(), ids=OBSTACLES)
def test_what_cannot_be_archived_is_named(server: Account, shop: str, tables: tuple[str, ...], reason: str) -> None:
    server.run(*tables, database=shop)
    (step,) = steps_of(facts_of(server, shop), op.ArchiveRows(schema="shop", table="t", column="at", keep_days=9))
    assert step.statements == ()
    assert reason in " ".join(step.notes)
