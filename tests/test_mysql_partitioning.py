"""Tables of MySQL and MariaDB become partitioned while clients read and write, and whole again."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest

from auditor.model import operation as op
from auditor_connectors.mysql.recipes import estimates
from tests.mysql_running import facts_of, steps_of, there_and_back
from tests.mysql_servers import ENGINES, Account, database
from tests.servers import Pool

MARGIN_SECONDS = 1.0
HOSTILE = "a`b%s'ü$"
QUOTED = HOSTILE.replace("`", "``")
EVENT = "id int NOT NULL AUTO_INCREMENT PRIMARY KEY, {at}, n int, KEY by_n (n)"


@pytest.fixture(scope="module", params=[pytest.param(engine, marks=getattr(pytest.mark, engine)) for engine in ENGINES])
def server(request: pytest.FixtureRequest, pool: Pool) -> Account:
    """A server of one product after the other."""
    return pool.mysql(request.param)


@pytest.fixture
def shop(server: Account) -> Iterator[str]:
    with database(server) as name:
        yield name


TIMES = ("date", "datetime", "datetime(6)", "timestamp", "timestamp(3)")


@pytest.mark.parametrize("kind", TIMES)
@pytest.mark.parametrize("interval", ["day", "month"])
def test_rows_come_into_the_partitions_of_their_time(server: Account, shop: str, kind: str, interval: str) -> None:
    server.run(f"CREATE TABLE event ({EVENT.format(at=f'at {kind} NULL')})", database=shop)
    server.run("INSERT INTO event (at, n) VALUES ('2001-01-01', 1), (utc_date(), 2), (utc_date(), 3)", database=shop)
    facts = facts_of(server, shop)
    later = (facts.now + timedelta(days=2000)).date()
    server.run(f"INSERT INTO event (at, n) VALUES ('{later}', 4)", database=shop)
    steps = steps_of(facts, op.PartitionTable(schema="shop", table="event", column="at", interval=interval))
    count = len([step for step in steps if "PARTITION BY" in str(step.statements)])
    assert count == 1
    write = ("INSERT INTO event (at, n) VALUES (utc_timestamp(), {n})", "UPDATE event SET n = {n} WHERE id = 2")
    read = ("SELECT count(*) FROM event WHERE n = 3",)
    after, waited = there_and_back(server, shop, steps, write, read)
    assert waited < estimates.LOCK_WAIT_SECONDS + MARGIN_SECONDS
    text = " ".join(after["event"])
    assert "PRIMARY KEY (`id`,`at`)" in text
    assert text.count("VALUES LESS THAN") == {"day": 31, "month": 12}[interval] + 6
    server.run(*(statement for step in steps for statement in step.statements), database=shop)
    for part, wanted in (("p_before", [1]), ("p_rest", [4])):
        assert [n for (n,) in server.run(f"SELECT n FROM event PARTITION ({part})", database=shop)] == wanted
    word = facts.now.date().strftime("p%Y_%m_%d" if interval == "day" else "p%Y_%m")
    assert server.run(f"SELECT count(*) FROM event PARTITION ({word}) WHERE id IN (2, 3)", database=shop) == [(2,)]


def test_names_of_all_kinds_and_a_key_that_holds_the_column(server: Account, shop: str) -> None:
    server.run(f"CREATE TABLE `{QUOTED}` (id int, `{QUOTED}` date, PRIMARY KEY (`{QUOTED}`, id))", database=shop)
    steps = steps_of(facts_of(server, shop), op.PartitionTable(schema="shop", table=HOSTILE, column=HOSTILE))
    assert len([step for step in steps if step.statements]) == 1
    there_and_back(server, shop, steps, (f"INSERT IGNORE INTO `{QUOTED}` VALUES ({{n}}, '2020-01-01')",))


def test_a_table_without_a_key_is_partitioned_too(server: Account, shop: str) -> None:
    server.run("CREATE TABLE log (at datetime NOT NULL, what varchar(9))", database=shop)
    steps = steps_of(facts_of(server, shop), op.PartitionTable(schema="shop", table="log", column="at"))
    there_and_back(server, shop, steps, ("INSERT INTO log VALUES (utc_timestamp(), 'x')",))


OBSTACLES = {
    "a unique key without the column": (("CREATE TABLE t (id int PRIMARY KEY, at date, n int UNIQUE)",), "n is unique"),
    "a foreign key": (
        ("CREATE TABLE p (id int PRIMARY KEY)",
         "CREATE TABLE t (id int PRIMARY KEY, at date, n int, CONSTRAINT t_of FOREIGN KEY (n) REFERENCES p (id))"),
        "foreign key t_of",
    ),
    "one that refers to it": (
        ("CREATE TABLE t (id int PRIMARY KEY, at date)",
         "CREATE TABLE c (id int PRIMARY KEY, n int, CONSTRAINT c_of FOREIGN KEY (n) REFERENCES t (id))"),
        "shop.c.c_of refers to it",
    ),
    "words": (("CREATE TABLE t (id int PRIMARY KEY, at date, x text, FULLTEXT KEY words (x))",), "words is a fulltext"),
    "another type": (("CREATE TABLE t (id int PRIMARY KEY, at int)",), "only a range of a date"),
    "another engine": (("CREATE TABLE t (id int PRIMARY KEY, at date) ENGINE=MyISAM",), "MyISAM"),
    "partitions": (
        ("CREATE TABLE t (id int, at date, PRIMARY KEY (id, at)) PARTITION BY HASH (id) PARTITIONS 2",), "already",
    ),
}  # fmt: skip


@pytest.mark.parametrize(("tables", "reason"), OBSTACLES.values(), ids=OBSTACLES)
def test_what_a_partitioned_table_cannot_have_is_named(
    server: Account, shop: str, tables: tuple[str, ...], reason: str
) -> None:
    server.run(*tables, database=shop)
    (step,) = steps_of(facts_of(server, shop), op.PartitionTable(schema="shop", table="t", column="at"))
    assert step.statements == ()
    assert reason in " ".join(step.notes)


def test_a_large_table_is_copied_by_a_tool(server: Account, shop: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(estimates, "SMALL_SECONDS", 0.0)
    server.run(f"CREATE TABLE event ({EVENT.format(at='at datetime NOT NULL')})", database=shop)
    steps = steps_of(facts_of(server, shop), op.PartitionTable(schema="shop", table="event", column="at"))
    told = [note for step in steps for note in step.notes if note.startswith("$ ")]
    assert len(told) == 2
    assert "PARTITION BY RANGE COLUMNS (`at`)" in told[0]
    # The key is changed by the server before, so that the tool finds the same one in the copy.
    assert any("ADD PRIMARY KEY (`id`, `at`), ALGORITHM=INPLACE, LOCK=NONE" in str(step.statements) for step in steps)
