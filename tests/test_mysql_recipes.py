"""Each recipe for MySQL and MariaDB: forward while clients read and write, once more, and back to what was there."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import NamedTuple

import pymysql
import pytest
from msgspec.structs import replace

from auditor.model import operation as op
from auditor.model.facts import Facts
from auditor.model.plan import Step
from auditor.model.server import Setting
from auditor_connectors.mysql.recipes import estimates
from tests.mysql_running import LOCK_TIMEOUT, Runner, facts_of, open_transaction, shape, steps_of, under_load
from tests.mysql_servers import ENGINES, Account, database
from tests.servers import Pool

# Others may wait as long as a change queues for its lock; the rest is what two busy processors add.
MARGIN_SECONDS = 1.0

ROWS = 3000
TABLES = """
CREATE TABLE customer (id int NOT NULL AUTO_INCREMENT PRIMARY KEY, email varchar(80) NOT NULL, code int NOT NULL);
CREATE TABLE orders (id int NOT NULL AUTO_INCREMENT PRIMARY KEY, customer_id int, total int NULL DEFAULT 7,
  state varchar(10) DEFAULT 'new', note varchar(40) CHARACTER SET latin1 COLLATE latin1_bin NULL DEFAULT 'it''s'
  COMMENT 'what the "buyer" said', amount double NOT NULL DEFAULT 0, kept int NOT NULL,
  changed timestamp NULL DEFAULT CURRENT_TIMESTAMP ON UPDATE CURRENT_TIMESTAMP, spare int,
  KEY by_state (state), KEY by_state_too (state, id), UNIQUE KEY one_spare (spare),
  CONSTRAINT positive CHECK (total > 0));
CREATE TABLE line (order_id int NOT NULL, place int NOT NULL, sold int NOT NULL, PRIMARY KEY (order_id, place),
  CONSTRAINT line_of FOREIGN KEY (order_id) REFERENCES orders (id) ON DELETE CASCADE);
CREATE TABLE log (at int NOT NULL, what varchar(20));
CREATE TABLE old (id int NOT NULL PRIMARY KEY, what varchar(20)) ENGINE=MyISAM;
INSERT INTO customer (email, code) VALUES ('a@example.com', 1), ('b@example.com', 2), ('c@example.com', 3);
INSERT INTO old VALUES (1, 'x'), (2, 'y')
""".strip().split(";\n")

READ = ("SELECT total, note FROM orders WHERE id = 5", "SELECT count(*) FROM line WHERE order_id = 7")
WRITE = (
    "INSERT INTO orders (customer_id, total, kept) VALUES (1, 5, {n})",
    "UPDATE orders SET total = 4, state = 'x{n}' WHERE id = 5",
    "UPDATE orders SET amount = {n} / 7 WHERE id = 9",
)
LOG = ("INSERT INTO log (at, what) VALUES ({n}, 'x')", "SELECT count(*) FROM log WHERE at = 5")


class Case(NamedTuple):
    """An operation and what goes on meanwhile. ``engines`` are those that have a statement for it.

    ``final``: nothing takes all of it back. ``before`` is run first.
    """

    operation: op.AnyOperation
    write: tuple[str, ...] = WRITE
    final: bool = False
    engines: tuple[str, ...] = ENGINES
    before: tuple[str, ...] = ()


ORDERS = {"schema": "shop", "table": "orders"}
CASES = {
    "add index": Case(op.AddIndex(**ORDERS, columns=("total", "note"))),
    "add unique index in place of another": Case(
        op.AddUnique(schema="shop", table="customer", columns=("email",)),
        write=("INSERT INTO customer (email, code) VALUES ('{n}@x', {n})",),
    ),
    "add index in place of another": Case(
        op.AddIndex(**ORDERS, columns=("state", "total"), replaces="orders.by_state")
    ),
    "index a text": Case(op.AddIndex(schema="shop", table="log", columns=("what",)), write=LOG),
    "index an expression": Case(op.AddIndex(**ORDERS, expressions=("`total` * 2",)), engines=("mysql",)),
    "full-text index": Case(op.AddIndex(**ORDERS, columns=("note",), method="fulltext")),
    "drop index": Case(op.DropIndex(**ORDERS, name="orders.by_state", covered_by="orders.by_state_too")),
    "drop unique": Case(op.DropConstraint(**ORDERS, name="one_spare")),
    "add primary key": Case(op.AddPrimaryKey(schema="shop", table="log", columns=("at",)), write=LOG[1:]),
    "add a key of its own": Case(op.AddPrimaryKey(schema="shop", table="log"), write=LOG),
    "add foreign key": Case(
        op.AddForeignKey(
            **ORDERS, columns=("customer_id",), referenced_schema="shop", referenced_table="customer",
            referenced_columns=("id",), on_delete="cascade",
        )
    ),
    "replace foreign key": Case(
        op.AddForeignKey(
            schema="shop", table="line", columns=("order_id",), referenced_schema="shop", referenced_table="orders",
            referenced_columns=("id",), on_delete="restrict", replaces="line_of",
        )
    ),
    "add check": Case(op.AddCheck(**ORDERS, name="kept_some", expression="`kept` >= 0")),
    "enforce a check": Case(
        op.ValidateConstraint(**ORDERS, name="loose"),
        engines=("mysql",),
        before=("ALTER TABLE orders ADD CONSTRAINT loose CHECK (kept >= 0) NOT ENFORCED",),
    ),
    "drop a check that is not enforced": Case(
        op.DropConstraint(**ORDERS, name="loose"),
        engines=("mysql",),
        before=("ALTER TABLE orders ADD CONSTRAINT loose CHECK (kept >= 0) NOT ENFORCED",),
    ),
    "promote a unique key": Case(
        op.AddPrimaryKey(schema="shop", table="promoted", using_index="promoted.one_code"),
        write=("UPDATE promoted SET n = {n} WHERE code = 1",),
        before=(
            "CREATE TABLE promoted (code int NULL, n int, UNIQUE KEY one_code (code))",
            "INSERT INTO promoted VALUES (1, 1), (2, 2)",
        ),
    ),
    "drop check": Case(op.DropConstraint(**ORDERS, name="positive")),
    "drop foreign key": Case(op.DropConstraint(schema="shop", table="line", name="line_of")),
    "set not null": Case(op.SetNotNull(**ORDERS, column="total", together=("note", "changed"))),
    "forbid the absence of a moment": Case(
        op.SetNotNull(**ORDERS, column="seen"),
        before=(
            "ALTER TABLE orders ADD COLUMN seen timestamp NULL",
            "UPDATE orders SET seen = '2020-01-01' WHERE seen IS NULL",
        ),
        write=("UPDATE orders SET total = 4, state = 'x{n}' WHERE id = 5",),
    ),
    "set default": Case(op.SetDefault(**ORDERS, column="note", expression="'none'")),
    "set default to an expression": Case(op.SetDefault(**ORDERS, column="total", expression="1 + 1")),
    "drop default": Case(op.SetDefault(**ORDERS, column="changed")),
    "drop column": Case(op.DropColumn(**ORDERS, column="spare"), final=True),
    "drop a demanded column": Case(
        op.DropColumn(**ORDERS, column="kept"), write=("UPDATE orders SET total = 4 WHERE id = 5",), final=True
    ),
    "longer text": Case(op.ChangeColumnType(**ORDERS, column="state", from_type="varchar(10)", to_type="varchar(60)")),
    "float to decimal": Case(
        op.ChangeColumnType(**ORDERS, column="amount", from_type="double", to_type="numeric(19,4)")
    ),
    "wider key with the key that refers to it": Case(
        op.ChangeColumnType(
            **ORDERS, column="id", from_type="int", to_type="bigint",
            together=(op.ChangeColumnType(
                schema="shop", table="line", column="order_id", from_type="int", to_type="bigint"),),
        )
    ),
    "engine": Case(
        op.SetTableOptions(schema="shop", table="old", options={"engine": "innodb"}),
        write=("UPDATE old SET what = '{n}' WHERE id = 1",),
    ),
    "rebuild": Case(op.RepackTable(**ORDERS), final=True),
    "row format": Case(op.SetTableOptions(**ORDERS, options={"row_format": "compact"})),
    "analyze": Case(op.AnalyzeTable(**ORDERS), final=True),
}  # fmt: skip


class Shop:
    """The database ``shop`` on one server. It is made again only when something was left changed."""

    def __init__(self, server: Account) -> None:
        self.server = server
        self.shape: dict[str, list[str]] | None = None
        self._facts: Facts | None = None

    @property
    def facts(self) -> Facts:
        """What the audit says of it as it was made."""
        if self._facts is None:
            self._facts = facts_of(self.server, "shop")
        return self._facts

    def open(self) -> str:
        """Make sure that it is as at the beginning."""
        if self.shape is None or shape(self.server, "shop") != self.shape:
            self._build()
        return "shop"

    def _build(self) -> None:
        server = self.server
        server.run("DROP DATABASE IF EXISTS shop", "CREATE DATABASE shop CHARACTER SET utf8mb4")
        server.run(*TABLES, database="shop")
        orders = ", ".join(f"({n % 3 + 1}, {n % 50 + 1}, 's{n % 7}', {n})" for n in range(ROWS))
        lines = ", ".join(f"({n % 100 + 1}, {n}, 1)" for n in range(500))
        log = ", ".join(f"({n}, 'x')" for n in range(1_000_000, 1_000_500))
        server.run(
            f"INSERT INTO orders (customer_id, total, state, kept) VALUES {orders}",
            f"INSERT INTO line VALUES {lines}",
            f"INSERT INTO log VALUES {log}",
            "ANALYZE TABLE orders, line, log, customer",
            database="shop",
        )
        self.shape = shape(server, "shop")


@pytest.fixture(scope="module", params=[pytest.param(engine, marks=getattr(pytest.mark, engine)) for engine in ENGINES])
def server(request: pytest.FixtureRequest, pool: Pool) -> Account:
    """A server of one product after the other."""
    return pool.mysql(request.param)


@pytest.fixture(scope="module")
def shops(server: Account) -> Iterator[Shop]:
    with database(server):
        yield Shop(server)


@pytest.fixture
def shop(shops: Shop) -> str:
    """The database ``shop`` with some thousand orders."""
    return shops.open()


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_a_recipe_goes_forward_and_back_while_clients_work(server: Account, shops: Shop, shop: str, case: Case) -> None:
    facts = shops.facts
    if server.engine in case.engines:
        server.run(*case.before, database=shop)
    elif case.before:
        return
    else:
        steps = steps_of(facts, case.operation)
        assert [step.statements for step in steps] == [()]
        return
    before = shape(server, shop)
    steps = steps_of(facts_of(server, shop) if case.before else facts, case.operation)
    with contextlib.closing(server.connect(shop)) as connection:
        runner = Runner(connection)
        with under_load(server, shop, READ, case.write) as clients:
            for step in steps:
                runner.forward(step)
        waited = max((client.longest, client.slowest) for client in clients)
        assert waited[0] < estimates.LOCK_WAIT_SECONDS + MARGIN_SECONDS, waited
        assert runner.ran
        after, first = shape(server, shop), list(runner.ran)
        for step in steps:
            runner.forward(step)
        assert runner.ran == first or case.final
        assert shape(server, shop) == after
        if case.final:
            return
        assert after != before
        for step in reversed(steps):
            runner.back(step)
    assert shape(server, shop) == before


def test_a_change_gives_up_behind_a_long_transaction_and_works_afterwards(
    server: Account, shops: Shop, shop: str
) -> None:
    operation = op.SetDefault(**ORDERS, column="state", expression="'old'")
    (step,) = steps_of(shops.facts, operation)
    assert "error 1205" in " ".join(step.notes)
    with contextlib.closing(server.connect(shop)) as connection:
        runner = Runner(connection)
        with (
            open_transaction(server, shop, "SELECT * FROM orders LIMIT 1"),
            under_load(server, shop, READ, WRITE) as clients,
            pytest.raises(pymysql.OperationalError) as failed,
        ):
            runner.forward(step)
        assert failed.value.args[0] == LOCK_TIMEOUT
        longest = max(client.longest for client in clients)
        assert 0.3 < longest < estimates.LOCK_WAIT_SECONDS + MARGIN_SECONDS
        assert step.verify is not None
        assert not runner.is_true(step.verify)
        runner.forward(step)
        assert runner.is_true(step.verify)


# --- by a tool ---------------------------------------------------------------------------------------------------


def with_settings(facts: Facts, operation: op.AnyOperation, **settings: str) -> list[Step]:
    """The steps of an operation on a server with other settings."""
    known = tuple(Setting(name=name, value=value) for name, value in settings.items())
    others = tuple(one for one in facts.server.settings if one.name not in settings)
    snapshot = replace(facts.snapshot, server=replace(facts.server, settings=(*others, *known)))
    return steps_of(Facts(snapshot), operation)


CUSTOMER_CODE = op.ChangeColumnType(
    schema="shop", table="customer", column="code", from_type="int", to_type="bigint"
)  # fmt: skip


@pytest.fixture
def everything_is_large(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(estimates, "SMALL_SECONDS", 0.0)


@pytest.mark.usefixtures("everything_is_large")
def test_a_copy_that_would_hold_writers_up_is_left_to_a_tool(server: Account, shops: Shop, shop: str) -> None:
    change, drop = (step for step in with_settings(shops.facts, CUSTOMER_CODE, log_bin="ON") if step.deploy is None)
    tool = "gh-ost" if server.engine == "mysql" else "pt-online-schema-change"
    commands = [note for note in change.notes if note.startswith(f"$ {tool} ")]
    assert [command.count("--execute") for command in commands] == [0, 1]
    assert "MODIFY COLUMN `code` bigint NOT NULL" in commands[0]
    assert change.statements == ()
    assert drop.statements[-1] == f"DROP TABLE IF EXISTS `shop`.`_customer_{'del' if tool == 'gh-ost' else 'old'}`"
    assert drop.observe_days > 0
    assert change.precondition is not None
    # What gh-ost asks of the log does not hold on this server, which keeps none.
    assert bool(server.run(change.precondition)[0][0]) is (tool != "gh-ost")


@pytest.mark.usefixtures("everything_is_large")
def test_without_a_log_or_with_foreign_keys_the_tool_is_the_one_that_goes_by_triggers(
    server: Account, shops: Shop, shop: str
) -> None:
    steps = with_settings(shops.facts, CUSTOMER_CODE, log_bin="OFF")
    assert "pt-online-schema-change" in " ".join(steps[1].notes)
    line = op.ChangeColumnType(schema="shop", table="line", column="sold", from_type="int", to_type="bigint")
    assert "$ pt-online-schema-change" in " ".join(with_settings(shops.facts, line, log_bin="ON")[1].notes)


@pytest.mark.usefixtures("everything_is_large")
def test_where_no_tool_can_the_step_says_how_long_writers_wait(server: Account, shops: Shop, shop: str) -> None:
    log = op.ChangeColumnType(schema="shop", table="log", column="at", from_type="int", to_type="bigint")
    (change,) = (step for step in with_settings(shops.facts, log) if step.deploy is None)
    assert change.statements[-1].endswith("ALGORITHM=COPY, LOCK=SHARED")
    assert change.blocks.value == "writes"
    assert "No tool can copy this table" in " ".join(change.notes)


@pytest.mark.usefixtures("everything_is_large")
def test_what_a_tool_leaves_behind_is_dropped_after_the_keys_are_there_again(
    server: Account, shops: Shop, shop: str
) -> None:
    steps = with_settings(shops.facts, CASES["wider key with the key that refers to it"].operation)
    titles = [step.title.split(" ")[0] for step in steps]
    assert titles == ["Let", "Drop", "Change", "Change", "Declare", "Prove", "Drop", "Drop"]
    assert not any("rebuild_constraints" in note for step in steps for note in step.notes)


@pytest.mark.usefixtures("everything_is_large")
def test_a_large_table_without_a_key_is_numbered_while_clients_write(server: Account, shops: Shop, shop: str) -> None:
    before = shape(server, shop)
    steps = with_settings(shops.facts, op.AddPrimaryKey(schema="shop", table="log"))
    assert len(steps) == 5
    with contextlib.closing(server.connect(shop)) as connection:
        runner = Runner(connection)
        with under_load(server, shop, LOG) as clients:
            for step in steps:
                runner.forward(step)
        assert max(client.longest for client in clients) < estimates.LOCK_WAIT_SECONDS + MARGIN_SECONDS
        assert runner.all("SELECT count(*) = count(DISTINCT id) AND count(*) > 500 FROM log")[0][0] == 1
        assert "PRIMARY KEY (`id`)" in " ".join(shape(server, shop)["log"])
        for step in steps:
            runner.forward(step)
        assert len(runner.ran) == 5
        for step in reversed(steps):
            runner.back(step)
    assert shape(server, shop) == before
