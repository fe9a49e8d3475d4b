"""Other character sets on MySQL and MariaDB: forward while clients read and write, once more, and back."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import NamedTuple

import pymysql
import pytest

from auditor.connector import CollectOptions
from auditor.model import operation as op
from auditor.model.plan import Step
from auditor.model.report import Audit
from auditor.pipeline import Selection, audit_snapshot
from auditor.registry import load_connectors
from auditor.target import parse_target
from auditor_connectors.mysql.recipes import estimates
from tests.mysql_running import Runner, facts_of, shape, steps_of, under_load
from tests.mysql_servers import ENGINES, Account, database
from tests.servers import Pool

MARGIN_SECONDS = 1.0
HOSTILE = "a`b%s'ü$"
QUOTED = HOSTILE.replace("`", "``")
OLD = "CHARACTER SET utf8mb3 COLLATE utf8mb3_general_ci"

NOTE = f"""CREATE TABLE note (id int NOT NULL AUTO_INCREMENT PRIMARY KEY, title varchar(60) NOT NULL DEFAULT 'it''s',
  body text, code char(5) COLLATE utf8mb3_bin COMMENT 'what "they" said', n int, latin varchar(9) CHARACTER SET latin1)
  {OLD}"""
KEYED = f"""CREATE TABLE keyed (id int NOT NULL AUTO_INCREMENT PRIMARY KEY, title varchar(30), kind enum('a','b''c'),
  long_one varchar(80), KEY by_title (title), UNIQUE KEY one_long (long_one)) {OLD}"""
COUNTRY = f"CREATE TABLE country (code varchar(8) NOT NULL PRIMARY KEY) {OLD}"
TOWN = f"""CREATE TABLE town (id int NOT NULL AUTO_INCREMENT PRIMARY KEY, country varchar(8), name varchar(50),
  KEY by_country (country), CONSTRAINT town_of FOREIGN KEY (country) REFERENCES country (code) ON UPDATE CASCADE)
  {OLD}"""
ODD = f"CREATE TABLE `{QUOTED}` (id int PRIMARY KEY, `{QUOTED}` varchar(20), KEY `{QUOTED}` (`{QUOTED}`)) {OLD}"
BINARY = """CREATE TABLE word (id int PRIMARY KEY, word varchar(20),
  UNIQUE KEY one_word (word)) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin"""


class Case(NamedTuple):
    """Tables, what is done to them, what goes on meanwhile, and a text that fits only afterwards, as a statement."""

    tables: tuple[str, ...]
    operation: op.AnyOperation
    clients: tuple[str, ...]
    fits: str | None = None


def change(table: str, *columns: str, collation: str | None = None) -> op.ChangeCharacterSet:
    """The operation on a table of the shop."""
    return op.ChangeCharacterSet(
        schema="shop", table=table, columns=columns, character_set="utf8mb4", collation=collation
    )


CASES = {
    "texts without an index": Case(
        (NOTE, "INSERT INTO note (title, body, code) VALUES ('a', 'b', 'c'), ('ä', 'ö', 'ü')"),
        change("note", "title", "body", "code"),
        ("INSERT INTO note (title, n) VALUES ('{n}', {n})", "UPDATE note SET body = 'x{n}' WHERE id = 1"),
        "INSERT INTO note (title, body) VALUES ('😀', '😀')",
    ),
    "texts in indexes, and of one more byte for their length": Case(
        (KEYED, "INSERT INTO keyed (title, kind, long_one) VALUES ('a', 'a', 'x'), ('b', 'b''c', 'y')"),
        change("keyed", "title", "kind", "long_one"),
        ("INSERT INTO keyed (title, long_one) VALUES ('{n}', 'v{n}')", "SELECT count(*) FROM keyed WHERE title = 'a'"),
        "INSERT INTO keyed (title) VALUES ('😀')",
    ),
    "both ends of a foreign key": Case(
        (COUNTRY, TOWN, "INSERT INTO country VALUES ('at'), ('ch')", "INSERT INTO town (country) VALUES ('at')"),
        op.ChangeCharacterSet(
            schema="shop", table="country", columns=("code",), character_set="utf8mb4",
            together=(change("town", "country", "name"),),
        ),
        ("INSERT INTO town (country, name) VALUES ('at', '{n}')", "SELECT * FROM town JOIN country ON code = country"),
    ),
    "names of all kinds": Case(
        (ODD, f"INSERT INTO `{QUOTED}` VALUES (1, 'a')"),
        change(HOSTILE, HOSTILE),
        (f"UPDATE `{QUOTED}` SET `{QUOTED}` = 'x{{n}}' WHERE id = 1",),
        f"INSERT INTO `{QUOTED}` VALUES (2, '😀')",
    ),
    "another collation": Case(
        (BINARY, "INSERT INTO word VALUES (1, 'a'), (2, 'b')"),
        change("word", "word", collation="utf8mb4_unicode_ci"),
        ("UPDATE word SET word = 'x{n}' WHERE id = 1",),
    ),
    "the default of the database": Case(
        (), op.ChangeCharacterSet(schema="shop", character_set="utf8mb4"), ("SELECT 1",)
    ),
}  # fmt: skip


@pytest.fixture(scope="module", params=[pytest.param(engine, marks=getattr(pytest.mark, engine)) for engine in ENGINES])
def server(request: pytest.FixtureRequest, pool: Pool) -> Account:
    """A server of one product after the other."""
    return pool.mysql(request.param)


@pytest.fixture
def shop(server: Account) -> Iterator[str]:
    with database(server) as name:
        server.run(f"ALTER DATABASE shop {OLD}")
        yield name


def definitions(server: Account) -> dict[str, list[str]]:
    """The definitions of the database and of its tables."""
    return {**shape(server, "shop"), "": [server.run("SHOW CREATE DATABASE shop")[0][1]]}


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_texts_change_forward_and_back_while_clients_work(server: Account, shop: str, case: Case) -> None:
    server.run(*case.tables, database=shop)
    before = definitions(server)
    steps = steps_of(facts_of(server, shop), case.operation)
    with contextlib.closing(server.connect(shop)) as connection:
        runner = Runner(connection)
        with under_load(server, shop, case.clients) as clients:
            for step in steps:
                runner.forward(step)
        waited = max((client.longest, client.slowest) for client in clients)
        assert waited[0] < estimates.LOCK_WAIT_SECONDS + MARGIN_SECONDS, waited
        after, first = definitions(server), list(runner.ran)
        assert "utf8mb3" not in str(shape(server, shop) or after)
        for step in steps:
            runner.forward(step)
        assert runner.ran == first
        if case.fits is not None:
            server.run(case.fits, database=shop)
            (stored,) = (step for step in steps if step.title.startswith("Store"))
            with pytest.raises(pymysql.Error, match="Incorrect string value"):
                runner.back(stored)
            server.run(*_without(server, shop), database=shop)
        _take_back(runner, steps)
    assert definitions(server) == before


def _take_back(runner: Runner, steps: list[Step]) -> None:
    for step in reversed(steps):
        runner.back(step)


def _without(server: Account, name: str) -> Iterator[str]:
    """Delete what does not fit any more, so that the way back is open."""
    columns = server.run(
        "SELECT TABLE_NAME, COLUMN_NAME FROM information_schema.COLUMNS "
        f"WHERE TABLE_SCHEMA = '{name}' AND CHARACTER_SET_NAME = 'utf8mb4'"
    )
    for table, column in columns:
        quoted = [part.replace("`", "``") for part in (table, column)]
        yield f"DELETE FROM `{quoted[0]}` WHERE `{quoted[1]}` = '😀'"


OBSTACLES = {
    "a computed text": (
        f"CREATE TABLE t (id int PRIMARY KEY, a varchar(9), b varchar(20) AS (concat(a, 'x'))) {OLD}",
        ("a", "b"), "b of shop.t is computed",
    ),
    "a long index": (f"CREATE TABLE t (id int PRIMARY KEY, a varchar(769), KEY k (a)) {OLD}", ("a",), "3,076 bytes"),
    "an index over several": (
        f"CREATE TABLE t (id int PRIMARY KEY, a varchar(700), b varchar(68), n int, KEY k (a, b, n)) {OLD}",
        ("a", "b"), "3,076 bytes",
    ),
    "a wide row": (f"CREATE TABLE t (id int PRIMARY KEY, a varchar(9000), b varchar(9000)) {OLD}", ("a", "b"), "65,5"),
    "a collation without an equal": (
        "CREATE TABLE t (id int PRIMARY KEY, a varchar(9)) CHARACTER SET utf8mb3 COLLATE utf8mb3_general_mysql500_ci",
        ("a",), "utf8mb3_general_mysql500_ci",
    ),
    "another set of letters": (
        "CREATE TABLE t (id int PRIMARY KEY, a varchar(9)) CHARACTER SET latin1", ("a",), "latin1_swedish_ci",
    ),
    "a key whose other end stays": (
        f"CREATE TABLE t (a char(9) PRIMARY KEY, b char(9), CONSTRAINT itself FOREIGN KEY (b) REFERENCES t (a)) {OLD}",
        ("b",), "shop.t.itself",
    ),
}  # fmt: skip


@pytest.mark.parametrize(("table", "columns", "reason"), OBSTACLES.values(), ids=OBSTACLES)
def test_what_people_have_to_decide_first_has_no_statement(
    server: Account, shop: str, table: str, columns: tuple[str, ...], reason: str
) -> None:
    server.run(table, database=shop)
    (step,) = steps_of(facts_of(server, shop), change("t", *columns))
    assert step.statements == ()
    assert reason in " ".join(step.notes)


FITS = {
    "the longest index": f"CREATE TABLE t (id int PRIMARY KEY, a varchar(768), KEY k (a)) {OLD}",
    "the beginning of a text": f"CREATE TABLE t (id int PRIMARY KEY, a text, KEY k (a(768))) {OLD}",
    "the widest row": f"CREATE TABLE t (id int PRIMARY KEY, a varchar(16382)) {OLD}",
    "words": f"CREATE TABLE t (id int PRIMARY KEY, a text, FULLTEXT KEY k (a)) {OLD}",
    "an old row format": f"CREATE TABLE t (id int PRIMARY KEY, a varchar(191), KEY k (a)) {OLD} ROW_FORMAT=COMPACT",
    "an older one": f"CREATE TABLE t (id int PRIMARY KEY, a char(9)) {OLD} ROW_FORMAT=REDUNDANT",
    "another engine": f"CREATE TABLE t (id int PRIMARY KEY, a char(9)) {OLD} ENGINE=MyISAM",
    "a table of parts": f"CREATE TABLE t (id int PRIMARY KEY, a char(9)) {OLD} PARTITION BY HASH (id) PARTITIONS 3",
}  # fmt: skip


@pytest.mark.parametrize("table", FITS.values(), ids=FITS)
def test_what_just_fits_changes(server: Account, shop: str, table: str) -> None:
    server.run(table, "INSERT INTO t (id, a) VALUES (1, 'a')", database=shop)
    before = shape(server, shop)
    steps = steps_of(facts_of(server, shop), change("t", "a"))
    with contextlib.closing(server.connect(shop)) as connection:
        runner = Runner(connection)
        for step in steps:
            runner.forward(step)
        assert "utf8mb3" not in str(shape(server, shop))
        _take_back(runner, steps)
    assert shape(server, shop) == before


def test_words_that_become_the_same_are_found_before(server: Account, shop: str) -> None:
    server.run(BINARY, "INSERT INTO word VALUES (1, 'a'), (2, 'A')", database=shop)
    steps = steps_of(facts_of(server, shop), change("word", "word", collation="utf8mb4_unicode_ci"))
    (step,) = (one for one in steps if one.title.startswith("Store word"))
    assert step.precondition is not None
    assert server.run(step.precondition) == [(0,)]
    server.run("DELETE FROM word WHERE id = 2", database=shop)
    assert server.run(step.precondition) == [(1,)]


def test_a_large_table_is_left_to_a_tool(server: Account, shop: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(estimates, "SMALL_SECONDS", 0.0)
    server.run(KEYED, database=shop)
    steps = steps_of(facts_of(server, shop), change("keyed", "title", "kind", "long_one"))
    told = " ".join(note for step in steps for note in step.notes if note.startswith("$ "))
    assert "MODIFY COLUMN `title` varchar(30) CHARACTER SET utf8mb4 COLLATE utf8mb4_general_ci" in told
    plain = steps_of(facts_of(server, shop), change("keyed", "title"))
    by_tool = any(note.startswith("$ ") for step in plain for note in step.notes)
    # MariaDB knows that utf8mb3 is a part of utf8mb4 in indexes, too.
    assert by_tool is (server.engine == "mysql")


def audit_of(server: Account, name: str, *wishes: op.AnyOperation) -> Audit:
    connector = load_connectors()[server.engine]
    target = parse_target(server.url(name), connector.schemes, connector.example)
    snapshot = connector.collect(target, CollectOptions())
    return audit_snapshot(snapshot, Selection(only=("charset-utf8mb3",)), wishes=wishes)


def test_a_database_in_three_bytes_becomes_one_plan(server: Account, shop: str) -> None:
    server.run(NOTE, KEYED, COUNTRY, TOWN, database=shop)
    audit = audit_of(server, shop, op.SetNotNull(schema="shop", table="note", column="body"),
                     op.DropColumn(schema="shop", table="keyed", column="kind"))  # fmt: skip
    plan = audit.plan
    changes = {one.table: one for one in plan.operations if isinstance(one, op.ChangeCharacterSet)}
    assert set(changes) == {None, "country", "keyed", "note", "town"}
    assert [one.table for one in changes["country"].together] == ["town"]
    assert changes["keyed"].columns == ("title", "long_one")
    assert not [one for one in plan.operations if isinstance(one, op.SetNotNull)]
    titles = [step.title for step in plan.steps]
    assert titles[0] == "Give new tables of shop the character set utf8mb4"
    assert [title for title in titles if title.startswith("Let clients")] == ["Let clients speak utf8mb4 with shop"]
    declared = titles.index("Declare the foreign key shop.town.town_of")
    assert declared > max(n for n, title in enumerate(titles) if "country" in title and title.startswith("Store"))
    with contextlib.closing(server.connect(shop)) as connection:
        runner = Runner(connection)
        for step in plan.steps:
            runner.forward(step)
    left = audit_of(server, shop)
    assert [one.subject.name for one in left.findings] == []
