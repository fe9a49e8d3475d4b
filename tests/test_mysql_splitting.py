"""Columns of MySQL and MariaDB move to a table of their own while clients write, and back."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import NamedTuple

import pytest

from auditor.model import operation as op
from auditor.model.plan import Step
from auditor_connectors.mysql.recipes import batches, estimates
from tests.mysql_running import Runner, facts_of, shape, steps_of, under_load
from tests.mysql_servers import ENGINES, Account, database
from tests.servers import Pool

MARGIN_SECONDS = 1.0
HOSTILE = "a`b%s'ü$//"
QUOTED = HOSTILE.replace("`", "``")
ROWS = 300


class Case(NamedTuple):
    """A table (``{t}``) with its rows, the columns that move, what clients write, and what the new table holds then."""

    table: str
    columns: tuple[str, ...]
    write: tuple[str, ...]
    moved: str


CASES = {
    "a companion": Case(
        "CREATE TABLE {t} (id int NOT NULL AUTO_INCREMENT PRIMARY KEY, n int, "
        "street varchar(30) NOT NULL DEFAULT 'it''s', `{c}` varchar(20) CHARACTER SET latin1, at timestamp NULL)",
        ("street", HOSTILE, "at"),
        (
            "INSERT INTO {t} (n, street, `{c}`) VALUES ({n}, 's{n}', 'b')",
            "UPDATE {t} SET street = concat('x', {n}), `{c}` = NULL WHERE id = 1 + {n} % 300",
            "UPDATE {t} SET street = upper(street) WHERE id = 1 + {n} % 300",
            "UPDATE {t} SET n = {n} WHERE id = 3",
            "DELETE FROM {t} WHERE id = 100 + {n} % 50",
            "UPDATE {t} SET id = id + 100000 WHERE id = 200 + {n} % 20",
        ),
        "SELECT id, street, `{c}`, at FROM {t} ORDER BY id",
    ),
    "numbered columns": Case(
        "CREATE TABLE {t} (id int NOT NULL AUTO_INCREMENT PRIMARY KEY, n int, tag1 varchar(9), tag2 varchar(9), "
        "tag3 varchar(9))",
        ("tag1", "tag2", "tag3"),
        (
            "INSERT INTO {t} (n, tag1, tag3) VALUES ({n}, 's{n}', 'b')",
            "UPDATE {t} SET tag2 = 'x{n}', tag1 = NULL WHERE id = 1 + {n} % 300",
            "UPDATE {t} SET tag1 = 'back' WHERE id = 1 + ({n} + 7) % 300",
            "DELETE FROM {t} WHERE id = 100 + {n} % 50",
        ),
        "SELECT id, 1, tag1 FROM {t} WHERE tag1 IS NOT NULL UNION ALL SELECT id, 2, tag2 FROM {t} WHERE tag2 IS NOT "
        "NULL UNION ALL SELECT id, 3, tag3 FROM {t} WHERE tag3 IS NOT NULL ORDER BY 1, 2",
    ),
}


@pytest.fixture(scope="module", params=[pytest.param(engine, marks=getattr(pytest.mark, engine)) for engine in ENGINES])
def server(request: pytest.FixtureRequest, pool: Pool) -> Account:
    """A server of one product after the other."""
    return pool.mysql(request.param)


@pytest.fixture
def shop(server: Account) -> Iterator[str]:
    with database(server) as name:
        yield name


def undropped(steps: list[Step]) -> list[Step]:
    """The steps up to the one that nothing takes back."""
    return steps[: next(n for n, step in enumerate(steps) if step.point_of_no_return)]


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_columns_move_while_clients_write_and_come_back(
    server: Account, shop: str, case: Case, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(batches, "BATCH_ROWS", 25)
    table, column = f"`{QUOTED}`", QUOTED

    def filled(text: str) -> str:
        return text.replace("{t}", table).replace("{c}", column)

    values = ", ".join(f"({n}, 'v{n}')" for n in range(ROWS))
    server.run(filled(case.table), f"INSERT INTO {table} (n, `{case.columns[0]}`) VALUES {values}", database=shop)
    before = shape(server, shop)
    wish = op.SplitTable(schema="shop", table=HOSTILE, columns=case.columns, into="moved")
    steps = steps_of(facts_of(server, shop), wish)
    with contextlib.closing(server.connect(shop)) as connection:
        runner = Runner(connection)
        loads = [tuple(filled(one) for one in case.write)] * 2
        with under_load(server, shop, (f"SELECT count(*) FROM {table}",), *loads) as clients:
            for step in undropped(steps):
                runner.forward(step)
        assert max(client.longest for client in clients) < estimates.LOCK_WAIT_SECONDS + MARGIN_SECONDS
        assert runner.all("SELECT * FROM moved ORDER BY 1, 2") == runner.all(filled(case.moved))
        again = list(runner.ran)
        for step in undropped(steps):
            runner.forward(step)
        assert runner.ran == again
        for step in reversed(undropped(steps)):
            runner.back(step)
        assert shape(server, shop) == before
        for step in steps:
            runner.forward(step)
        after = " ".join(shape(server, shop)[HOSTILE])
        assert not [name for name in case.columns if f"`{name.replace('`', '``')}`" in after and name != HOSTILE]
        assert not server.run("SHOW TRIGGERS", database=shop)
        assert not server.run("SHOW PROCEDURE STATUS WHERE Db = 'shop'")
        server.run(f"DELETE FROM {table} WHERE id = 1", database=shop)
        assert runner.all("SELECT count(*) FROM moved WHERE id = 1")[0][0] == 0


def test_what_writers_that_have_moved_on_write_stays(server: Account, shop: str) -> None:
    server.run("CREATE TABLE t (id int PRIMARY KEY, n int, a varchar(9), b varchar(9) DEFAULT 'x')",
               "INSERT INTO t VALUES (1, 1, 'a', 'b')", database=shop)  # fmt: skip
    steps = steps_of(facts_of(server, shop), op.SplitTable(schema="shop", table="t", columns=("a", "b"), into="u"))
    with contextlib.closing(server.connect(shop)) as connection:
        runner = Runner(connection)
        for step in undropped(steps):
            runner.forward(step)
        for statement in (
            "UPDATE u SET a = 'new' WHERE id = 1",
            "UPDATE t SET n = 2 WHERE id = 1",
            "INSERT INTO t (id) VALUES (2)",
            "INSERT INTO u (id, a) VALUES (2, 'mine')",
        ):
            server.run(statement, database=shop)
        assert server.run("SELECT * FROM u ORDER BY id", database=shop) == [(1, "new", "b"), (2, "mine", "x")]


OBSTACLES = {
    "no key": (("CREATE TABLE t (id int, a int, b int)",), "primary key"),
    "part of the key": (("CREATE TABLE t (id int, a int, b int, PRIMARY KEY (id, a))",), "part of the primary key"),
    "computed": (("CREATE TABLE t (id int PRIMARY KEY, a int, b int AS (a + 1))",), "b is computed"),
    "unique": (("CREATE TABLE t (id int PRIMARY KEY, a int UNIQUE, b int)",), "unique"),
    "a reference": (
        ("CREATE TABLE t (id int PRIMARY KEY, a int, b int, CONSTRAINT up_to FOREIGN KEY (b) REFERENCES t (id))",),
        "up_to",
    ),
    "another engine": (("CREATE TABLE t (id int PRIMARY KEY, a int, b int) ENGINE=MyISAM",), "InnoDB"),
}


@pytest.mark.parametrize(("tables", "reason"), OBSTACLES.values(), ids=OBSTACLES)
def test_what_cannot_move_is_named(server: Account, shop: str, tables: tuple[str, ...], reason: str) -> None:
    server.run(*tables, database=shop)
    (step,) = steps_of(facts_of(server, shop), op.SplitTable(schema="shop", table="t", columns=("a", "b"), into="u"))
    assert step.statements == ()
    assert reason in " ".join(step.notes)
