"""An ENUM of MySQL and MariaDB becomes a reference to a table of its values while clients write, and an ENUM again."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

import pymysql
import pytest

from auditor.model import operation as op
from auditor_connectors.mysql.recipes import estimates
from tests.mysql_running import Runner, facts_of, steps_of, there_and_back
from tests.mysql_servers import ENGINES, Account, database
from tests.servers import Pool

MARGIN_SECONDS = 1.0
HOSTILE = "a`b%s'ü$"
QUOTED = HOSTILE.replace("`", "``")
VALUES = ("new", "it's", "a\\b", "ü %s", "", "a,b")
ENUM = "enum({})".format(", ".join("'" + one.replace("\\", "\\\\").replace("'", "''") + "'" for one in VALUES))


@pytest.fixture(scope="module", params=[pytest.param(engine, marks=getattr(pytest.mark, engine)) for engine in ENGINES])
def server(request: pytest.FixtureRequest, pool: Pool) -> Account:
    """A server of one product after the other."""
    return pool.mysql(request.param)


@pytest.fixture
def shop(server: Account) -> Iterator[str]:
    with database(server) as name:
        yield name


def make(server: Account, definition: str = "") -> None:
    text = definition or f"{ENUM} NOT NULL DEFAULT 'new' COMMENT 'what it''s'"
    server.run(
        f"CREATE TABLE `{QUOTED}` (id int NOT NULL AUTO_INCREMENT PRIMARY KEY, `{QUOTED}` {text}, n int)",
        f"INSERT INTO `{QUOTED}` (`{QUOTED}`) VALUES ('new'), ('it''s'), ('ü %s'), (''), ('a\\\\b')",
        database="shop",
    )


WISH = op.EnumToLookup(schema="shop", table=HOSTILE, column=HOSTILE, into="kinds")


def test_values_become_rows_and_the_rows_an_enum_again(server: Account, shop: str) -> None:
    make(server)
    steps = steps_of(facts_of(server, shop), WISH)
    write = (f"INSERT INTO `{QUOTED}` (`{QUOTED}`) VALUES ('it''s')", f"UPDATE `{QUOTED}` SET n = {{n}} WHERE id = 1")
    after, waited = there_and_back(server, shop, steps, write, (f"SELECT * FROM `{QUOTED}` WHERE `{QUOTED}` = 'new'",))
    assert waited < estimates.LOCK_WAIT_SECONDS + MARGIN_SECONDS
    assert "CHECK" not in str(after)
    assert "FOREIGN KEY" in str(after[HOSTILE])
    assert "NOT NULL DEFAULT 'new' COMMENT 'what it''s'" in " ".join(after[HOSTILE])


def test_at_no_moment_another_value_is_taken(server: Account, shop: str) -> None:
    make(server)
    steps = steps_of(facts_of(server, shop), WISH)
    with contextlib.closing(server.connect(shop)) as connection:
        runner = Runner(connection)
        for step in steps:
            runner.forward(step)
            with pytest.raises(pymysql.Error):
                server.run(f"INSERT INTO `{QUOTED}` (`{QUOTED}`) VALUES ('another')", database=shop)
        found = server.run("SELECT value FROM kinds ORDER BY sort_order", database=shop)
        assert [value for (value,) in found] == list(VALUES)
        server.run("INSERT INTO kinds VALUES ('another', 9)",
                   f"INSERT INTO `{QUOTED}` (`{QUOTED}`) VALUES ('another')", database=shop)  # fmt: skip
        (stored,) = (step for step in steps if step.title.startswith("Store"))
        for step in reversed(steps[steps.index(stored) + 1 :]):
            if "ADD CONSTRAINT" not in str(step.rollback):
                runner.back(step)
        with pytest.raises(pymysql.Error, match="truncated"):
            runner.all(stored.rollback[-1].split(", DROP CONSTRAINT")[0])


def test_a_value_that_was_once_refused_in_silence_is_found_before(server: Account, shop: str) -> None:
    make(server, "enum('a', 'b', 'new', 'it''s', 'ü %s', '', 'a\\\\b')")
    server.run("SET sql_mode = ''", f"INSERT IGNORE INTO `{QUOTED}` (`{QUOTED}`) VALUES ('c')", database=shop)
    step = next(one for one in steps_of(facts_of(server, shop), WISH) if one.title.startswith("Store"))
    assert step.precondition is not None
    assert server.run(step.precondition) == [(0,)]
    server.run(f"DELETE FROM `{QUOTED}` WHERE `{QUOTED}` + 0 = 0", database=shop)
    assert server.run(step.precondition) == [(1,)]


OBSTACLES = {
    "a text": ("CREATE TABLE t (id int PRIMARY KEY, kind varchar(9))", "no ENUM"),
    "a set": ("CREATE TABLE t (id int PRIMARY KEY, kind set('a', 'b'))", "no ENUM"),
    "another engine": ("CREATE TABLE t (id int PRIMARY KEY, kind enum('a')) ENGINE=MyISAM", "InnoDB"),
    "partitions": ("CREATE TABLE t (id int PRIMARY KEY, kind enum('a')) PARTITION BY HASH (id)", "partitioned"),
    "a key": (
        "CREATE TABLE t (kind enum('a') PRIMARY KEY, u enum('a'), CONSTRAINT up_to FOREIGN KEY (u) REFERENCES t(kind))",
        "up_to",
    ),
    "what the dictionary does not show": ("CREATE TABLE t (id int PRIMARY KEY, kind enum('😀'))", "four bytes"),
}  # fmt: skip


@pytest.mark.parametrize(("table", "reason"), OBSTACLES.values(), ids=OBSTACLES)
def test_what_can_be_no_reference_is_named(server: Account, shop: str, table: str, reason: str) -> None:
    server.run(table, database=shop)
    (step,) = steps_of(facts_of(server, shop), op.EnumToLookup(schema="shop", table="t", column="kind"))
    assert step.statements == ()
    assert reason in " ".join(step.notes)
