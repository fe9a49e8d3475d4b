"""Each recipe for MongoDB: forward in mongosh while clients read and write, once more, and back to what was there."""

from __future__ import annotations

import contextlib
import datetime as dt
import json
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import pytest
from pymongo.errors import DuplicateKeyError

from auditor.model import operation as op
from auditor_connectors.mongodb.recipes import estimates
from tests.mongodb_running import Runner, Shell, facts_of, fill, open_transaction, shape, steps_of, under_load
from tests.mongodb_servers import Client, Server
from tests.mongodb_shell import ShellError
from tests.servers import Pool

SHOP = "recipes_shop"
ORDERS = {"schema": SHOP, "table": "orders"}
ROWS = 1200
MARGIN_SECONDS = 2.0
"""What a busy machine adds to the longest wait."""
ODD = 'a "b"\\\n`x`é💥\u202e'
NOW = dt.datetime.now(dt.UTC).replace(microsecond=0)
OLD = NOW - dt.timedelta(days=100)

Write = Callable[[Client, int], object]


def order(n: int) -> dict[str, Any]:
    return {
        "_id": n if n % 2 else f"o{n}",
        "customer": n % 50,
        "total": str(n) if n % 3 else n,
        "day": (OLD if n % 4 == 0 else NOW).isoformat(),
        "at": OLD if n % 4 == 0 else NOW,
        "items": [{"sku": f"s{n % 7}", "qty": str(n % 5)}, {"sku": "x", "qty": n % 5}],
        "ship": {"city": "X", "zip": n},
        "1": n,
    }


def read(client: Client, n: int) -> object:
    return client[SHOP].orders.find_one({"customer": n % 50})


def write(client: Client, n: int) -> object:
    return client[SHOP].orders.update_one({"_id": 1}, {"$set": {"customer": 1}})


class Case(NamedTuple):
    """An operation. ``written`` is what a client does meanwhile, ``holds`` asserts what is true at the end.

    ``exact``: the way back leads to what was there, and not only to what works as it did.
    """

    operation: op.AnyOperation
    written: Write = write
    holds: Callable[[Client], None] = lambda _: None
    exact: bool = True


CASES = {
    "index": Case(op.AddIndex(**ORDERS, columns=("customer", "at"), descending=("at",))),
    "unique index": Case(op.AddIndex(**ORDERS, columns=("1", "customer"), unique=True)),
    "partial index": Case(op.AddIndex(**ORDERS, columns=("items.sku",), predicate='{"customer": {"$gt": 3}}')),
    "index with a collation": Case(op.AddIndex(**ORDERS, columns=("ship.city",), collation="de/2")),
    "index of a method": Case(op.AddIndex(**ORDERS, columns=("customer",), method="hashed")),
    "wildcard index": Case(op.AddIndex(**ORDERS, columns=("ship.$**",), method="wildcard")),
    "index in the place of another": Case(
        op.AddIndex(**ORDERS, columns=("customer", "total"), replaces="orders.customer_1")
    ),
    "drop index": Case(op.DropIndex(**ORDERS, name="orders.day_1_1_-1")),
    "drop a covered index": Case(
        op.DropIndex(**ORDERS, name="orders.customer_1", covered_by="orders.customer_1_day_1")
    ),
    "drop an index with all options": Case(op.DropIndex(**ORDERS, name="orders.all")),
    "validator": Case(
        op.SetValidator(**ORDERS, rule='{"$jsonSchema": {"required": ["customer"], "properties": '
                        '{"customer": {"bsonType": "number", "minimum": 0}}}}')
    ),
    "stricter validator": Case(
        op.SetValidator(schema=SHOP, table="strict", rule='{"n": {"$gt": 0}}', previous='{"n": {"$exists": true}}'),
    ),
    "text to number": Case(op.ChangeColumnType(**ORDERS, column="total", from_type="string", to_type="int")),
    "text in arrays to number": Case(
        op.ChangeColumnType(**ORDERS, column="items.qty", from_type="string", to_type="int")
    ),
    "text to date": Case(op.ChangeColumnType(**ORDERS, column="day", from_type="string", to_type="date")),
    "number to text": Case(op.ChangeColumnType(**ORDERS, column="ship.zip", from_type="int", to_type="string")),
    "rename": Case(
        op.RenameColumn(**ORDERS, column="customer", to="customer_id"),
        written=lambda client, n: client[SHOP].orders.update_one({"_id": 1}, {"$set": {"total": "1"}}),
    ),
    "rename in arrays": Case(op.RenameColumn(**ORDERS, column="items.qty", to="quantity")),
    "expiry": Case(op.SetExpiry(**ORDERS, column="at", seconds=30 * 86400)),
    "expiry of an index that is there": Case(
        op.SetExpiry(schema=SHOP, table="log", column="at", seconds=86400, index="log.at_1"),
        written=lambda client, n: client[SHOP].log.insert_one({"at": NOW}), exact=False,
    ),
    "drop field": Case(op.DropColumn(**ORDERS, column="ship.zip")),
}  # fmt: skip


@pytest.fixture(scope="module")
def server(pool: Pool) -> Iterator[Server]:
    found = pool.mongodb()
    yield found
    found.client.drop_database(SHOP)


@pytest.fixture(scope="module")
def shell(pool: Pool, server: Server) -> Iterator[Shell]:
    with Shell(pool, server) as shell:
        yield shell


@pytest.fixture
def shop(server: Server) -> str:
    """The database with some thousand orders."""
    database = server.client[SHOP]
    server.client.drop_database(SHOP)
    fill(server, SHOP, "orders", [order(n) for n in range(ROWS)])
    database.orders.create_index("customer")
    database.orders.create_index([("customer", 1), ("day", 1)])
    database.orders.create_index([("day", 1), ("1", -1)])
    database.orders.create_index(
        [("ship.city", 1)], name="all", unique=True, collation={"locale": "de", "strength": 2},
        partialFilterExpression={"at": {"$lt": dt.datetime(2001, 2, 3, 4, 5, 6)}},  # noqa: DTZ001
    )  # fmt: skip
    fill(server, SHOP, "log", [{"at": OLD}] * 700 + [{"at": NOW}] * 20)
    database.log.create_index("at")
    database.create_collection("strict", validator={"n": {"$exists": True}}, validationLevel="moderate")
    database.strict.insert_one({"n": 1})
    fill(server, SHOP, ODD, [{"_id": n, ODD: str(n)} for n in range(20)])
    database[ODD].create_index([("__proto__", 1), (ODD, -1)], name=ODD)
    return SHOP


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_a_recipe_goes_forward_and_back_while_clients_work(server: Server, shell: Shell, shop: str, case: Case) -> None:
    steps = steps_of(facts_of(server, shop), case.operation)
    closing = next((n for n, step in enumerate(steps) if step.point_of_no_return), len(steps))
    before, runner = shape(server, shop), Runner(shell)
    with under_load(server, read, case.written) as clients:
        for step in steps[:closing]:
            runner.forward(step)
    assert max(client.longest for client in clients) < estimates.LOCK_WAIT_SECONDS + MARGIN_SECONDS
    after, first = shape(server, shop), list(runner.ran)
    assert (after != before) is (closing > 0 and bool(first))
    for step in steps[:closing]:
        runner.forward(step)
    assert runner.ran == first
    assert shape(server, shop) == after
    for step in reversed(steps[:closing]):
        runner.back(step)
    if case.exact:
        assert shape(server, shop) == before
    with under_load(server, read, case.written) as clients:
        for step in steps:
            runner.forward(step)
    assert max(client.longest for client in clients) < estimates.LOCK_WAIT_SECONDS + MARGIN_SECONDS
    assert runner.ran
    case.holds(server.client)
    assert "auditor_progress" not in server.client[SHOP].list_collection_names()


def test_values_that_cannot_be_converted_stop_the_conversion(server: Server, shell: Shell, shop: str) -> None:
    values = ["7", "x", "12.5", 12.5, 3.0, None, True, "007"]
    fill(server, shop, "mixed", [{"_id": n, "n": value} for n, value in enumerate(values)] + [{"_id": 99}])
    operation = op.ChangeColumnType(schema=shop, table="mixed", column="n", from_type="string|double", to_type="int")
    count, convert, *_ = (step for step in steps_of(facts_of(server, shop), operation) if step.statements)
    runner = Runner(shell)
    counted = {one["_id"]: one["documents"] for one in shell.value(count.statements[0])}
    assert counted == {"string": 3, "double": 1}
    with pytest.raises(AssertionError, match="Count the documents"):
        runner.forward(count)
    with pytest.raises(AssertionError, match="Convert"):
        runner.forward(convert)
    mixed = server.client[shop].mixed
    assert [one.get("n", "none") for one in mixed.find().sort("_id")] == [
        7, "x", "12.5", 12.5, 3, None, True, "007", "none",
    ]  # fmt: skip
    mixed.update_many({"_id": {"$in": [1, 2, 3, 7]}}, {"$set": {"n": "13"}})
    runner.forward(count)
    runner.forward(convert)
    assert [one.get("n", "none") for one in mixed.find().sort("_id")] == [7, 13, 13, 13, 3, None, True, 13, "none"]


def test_only_what_says_yes_or_no_becomes_a_truth_value(server: Server, shell: Shell, shop: str) -> None:
    fill(server, shop, "flags", [{"_id": n, "on": on} for n, on in enumerate(["true", "No", 0, 1, "maybe", 2])])
    operation = op.ChangeColumnType(schema=shop, table="flags", column="on", from_type="string|int", to_type="bool")
    count, convert, *_ = (step for step in steps_of(facts_of(server, shop), operation) if step.statements)
    assert sum(one["documents"] for one in shell.value(count.statements[0])) == 2
    with pytest.raises(AssertionError, match="Convert"):
        Runner(shell).forward(convert)
    flags = [one["on"] for one in server.client[shop].flags.find().sort("_id")]
    assert flags == [True, False, False, True, "maybe", 2]


def test_an_interrupted_conversion_goes_on_and_what_comes_meanwhile_is_found(
    server: Server, shell: Shell, shop: str
) -> None:
    orders = server.client[shop].orders
    orders.update_one({"_id": 1199}, {"$set": {"total": "99999999999"}})  # more than an int holds
    orders.create_index("total", unique=True, partialFilterExpression={"total": {"$type": "int"}}, name="one_int")
    orders.update_one({"_id": "o998"}, {"$set": {"total": "903"}})  # the same as that of 903 once both are numbers
    operation = op.ChangeColumnType(**ORDERS, column="total", from_type="string", to_type="int")
    _, convert, *_ = (step for step in steps_of(facts_of(server, shop), operation) if step.statements)
    with pytest.raises(ShellError, match="E11000"):
        shell.run(*convert.statements)
    progress = server.client[shop].auditor_progress.find_one()
    assert progress is not None
    assert 0 < progress["documents"] < ROWS
    left = orders.count_documents({"total": {"$type": "string"}})
    assert 0 < left < ROWS
    orders.update_many({"_id": {"$in": ["o998", 1199]}}, {"$unset": {"total": 1}})
    orders.insert_one({"_id": -1, "total": "5000"})  # behind where the work is, by code that was not replaced
    shell.run(*convert.statements)
    runner = Runner(shell)
    assert convert.verify is not None
    assert not runner.is_true(convert.verify)
    runner.forward(convert)
    assert orders.count_documents({"total": {"$type": "string"}}) == 0
    found = orders.find_one({"_id": -1})
    assert found is not None
    assert found["total"] == 5000


def test_what_was_written_since_survives_the_way_back(server: Server, shell: Shell, shop: str) -> None:
    operation = op.ChangeColumnType(**ORDERS, column="total", from_type="string", to_type="int")
    _, convert, *_ = (step for step in steps_of(facts_of(server, shop), operation) if step.statements)
    runner, orders = Runner(shell), server.client[shop].orders
    runner.forward(convert)
    orders.update_one({"_id": 1}, {"$set": {"total": 4711}})
    runner.back(convert)
    assert [one["total"] for one in orders.find({"_id": {"$in": [1, 5]}}).sort("_id")] == [4711, "5"]


def test_a_change_gives_up_behind_an_open_transaction_and_works_afterwards(
    server: Server, shell: Shell, shop: str
) -> None:
    hide, *_ = steps_of(facts_of(server, shop), CASES["drop index"].operation)
    with (
        open_transaction(server, shop, "orders"),
        under_load(server, read, write) as clients,
        pytest.raises(ShellError, match="exceeded time limit"),
    ):
        shell.run(*hide.statements)
    assert max(client.longest for client in clients) < estimates.LOCK_WAIT_SECONDS + MARGIN_SECONDS
    assert hide.verify is not None
    runner = Runner(shell)
    assert not runner.is_true(hide.verify)
    runner.forward(hide)


def test_a_unique_index_is_begun_where_the_server_would_build_it(server: Server, shell: Shell, shop: str) -> None:
    documents = [
        {"_id": 1, "a": [1, 2], "b": 1, "d": [1, 1]}, {"_id": 2, "a": [2, 3], "b": 2, "d": [2]}, {"_id": 3, "b": 1},
    ]  # fmt: skip
    fill(server, shop, "twins", documents)
    runner, twins = Runner(shell), server.client[shop].twins
    expected = {("a",): False, ("a", "b"): True, ("b",): False, ("missing",): False, ("d",): True, ("b", "d"): True}
    for columns, free in expected.items():
        (step,) = steps_of(
            facts_of(server, shop), op.AddIndex(schema=shop, table="twins", columns=columns, unique=True)
        )
        assert step.precondition is not None
        assert runner.is_true(step.precondition) is free, columns
        try:
            twins.drop_index(twins.create_index([(column, 1) for column in columns], unique=True))
        except DuplicateKeyError:
            assert not free, columns
        else:
            assert free, columns


HOSTILE = {"schema": SHOP, "table": ODD}


@pytest.mark.parametrize(
    "operation",
    [
        op.AddIndex(**HOSTILE, columns=(ODD, "__proto__")),
        op.SetValidator(**HOSTILE, rule=json.dumps({ODD: {"$exists": True}})),
        op.ChangeColumnType(**HOSTILE, column=ODD, from_type="string", to_type="long"),
        op.RenameColumn(**HOSTILE, column=ODD, to="__proto__"),
        op.SetExpiry(**HOSTILE, column=ODD, seconds=60),
        op.DropIndex(**HOSTILE, name=f"{ODD}.{ODD}"),
        op.DropColumn(**HOSTILE, column=ODD),
    ],
    ids=lambda operation: operation.kind,
)
def test_names_may_be_hostile(server: Server, shell: Shell, shop: str, operation: op.AnyOperation) -> None:
    steps, runner = steps_of(facts_of(server, shop), operation), Runner(shell)
    before = shape(server, shop)
    for step in steps:
        runner.forward(step)
    assert runner.ran
    assert shape(server, shop) != before


@pytest.mark.parametrize("back", [False, True], ids=["forward", "and back"])
def test_work_that_was_killed_goes_on_and_leads_back(pool: Pool, server: Server, shop: str, back: bool) -> None:
    fill(server, shop, "many", [{"_id": n, "total": str(n)} for n in range(8000)])
    before = shape(server, shop)
    operation = op.ChangeColumnType(schema=shop, table="many", column="total", from_type="string", to_type="int")
    _, convert, *_ = (step for step in steps_of(facts_of(server, shop), operation) if step.statements)
    many, progress = server.client[shop].many, server.client[shop].auditor_progress
    with Shell(pool, server) as shell:

        def convert_all() -> None:
            with contextlib.suppress(ShellError):
                shell.run(*convert.statements)

        thread = threading.Thread(target=convert_all)
        thread.start()
        while progress.find_one() is None:
            time.sleep(0.01)
        shell.kill()
        thread.join(20)
    begun = progress.find_one()
    assert begun is not None
    assert 0 < many.count_documents({"total": {"$type": "string"}}) < 8000
    with Shell(pool, server) as shell:
        runner = Runner(shell)
        if back:
            runner.back(convert)
            assert shape(server, shop) == before
        runner.forward(convert)
        assert many.count_documents({"total": {"$type": "int"}}) == 8000
        assert progress.find_one() is None
        runner.back(convert)
        assert shape(server, shop) == before


def test_a_new_name_that_has_an_index_already_gets_no_second_one(server: Server, shell: Shell, shop: str) -> None:
    orders = server.client[shop].orders
    orders.create_index("customer_id", name="another")
    titles = [step.title for step in steps_of(facts_of(server, shop), CASES["rename"].operation)]
    assert "Build the index customer_id_1_day_1 on recipes_shop.orders" in titles
    assert "Build the index customer_id_1 on recipes_shop.orders" not in titles


def test_what_cannot_be_changed_where_it_is_is_left_to_people(server: Server, shop: str) -> None:
    server.client[shop].create_collection("ring", capped=True, size=100_000)
    facts = facts_of(server, shop)
    for operation in (
        op.ChangeColumnType(schema=shop, table="ring", column="n", from_type="string", to_type="int"),
        op.ChangeColumnType(**ORDERS, column="_id", from_type="string", to_type="int"),
        op.ChangeColumnType(**ORDERS, column="total", from_type="string", to_type="polygon"),
        op.ChangeColumnType(**ORDERS, column="a.$b", from_type="string", to_type="int"),
        op.RenameColumn(schema=shop, table="ring", column="n", to="m"),
        op.RenameColumn(**ORDERS, column="ship.city", to="town.name"),
    ):
        (step,) = steps_of(facts, operation)
        assert (step.statements, step.audience) == ((), "application")


def test_a_rule_that_is_not_known_is_not_taken_for_none(server: Server, shop: str) -> None:
    first, *_ = steps_of(facts_of(server, shop), op.SetValidator(schema=shop, table="strict", rule='{"n": {"$gt": 0}}'))
    assert (first.rollback, first.reversible) == ((), False)
    assert "Another rule is in force" in " ".join(first.notes)
