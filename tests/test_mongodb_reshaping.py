"""Recipes that give documents of MongoDB another place: copied while both are written, compared, and taken back."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from typing import Any

import pytest
from msgspec.structs import replace

from auditor.model import operation as op
from auditor.model.catalog import Column
from auditor.model.documents import ArrayShape, FieldShape
from auditor.model.facts import Facts
from auditor_connectors.mongodb.recipes import estimates
from tests.mongodb_running import Runner, Shell, facts_of, facts_with, fill, shape, steps_of, under_load
from tests.mongodb_servers import Client, Server
from tests.servers import Pool

SHOP = "reshaping_shop"
ORDERS = {"schema": SHOP, "table": "orders"}
ROWS = 700
MARGIN_SECONDS = 2.0
DAY = dt.datetime(2026, 1, 1, tzinfo=dt.UTC)


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
    """The database with some hundred orders, three collections of events and one of measurements."""
    server.client.drop_database(SHOP)
    orders = [
        {"_id": n if n % 2 else f"o{n}", "lines": [{"_id": k, "sku": f"s{k}"} for k in range(n % 4)], "n": n,
         "tags": ["a", {"b": n}, n], "ship": {"city": "X", "_id": n}}
        for n in range(ROWS)
    ]  # fmt: skip
    fill(server, SHOP, "orders", [*orders, {"_id": "none"}])
    for year in (2024, 2025, 2026):
        fill(server, SHOP, f"events_{year}", [{"_id": f"{year}-{n}", "n": n, "at": DAY} for n in range(600)])
        server.client[SHOP][f"events_{year}"].create_index([("n", 1), ("at", -1)], unique=True)
    fill(server, SHOP, "measured", [{"at": DAY + dt.timedelta(minutes=n), "src": n % 3, "v": n} for n in range(700)])
    return SHOP


def seen(facts: Facts) -> Facts:
    """What a sample says of the orders."""
    shapes = {
        "lines": FieldShape(documents=9, of=10, types={"array": 1.0}, array=ArrayShape(mean=1.5)),
        "tags": FieldShape(documents=9, of=10, types={"array": 1.0}, array=ArrayShape(mean=3.0)),
        "ship": FieldShape(documents=9, of=10, types={"object": 1.0}),
    }
    columns = tuple(
        Column(name=name, position=n, type="x", family="other", shape=found)
        for n, (name, found) in enumerate(shapes.items())
    )
    catalog = facts.snapshot.catalog
    tables = tuple(replace(one, columns=columns) if one.name == "orders" else one for one in catalog.tables)
    return Facts(replace(facts.snapshot, catalog=replace(catalog, tables=tables)))


def read(client: Client, n: int) -> object:
    return client[SHOP].orders.find_one({"_id": n % 50})


def write(client: Client, n: int) -> object:
    return client[SHOP].orders.update_one({"_id": 1}, {"$set": {"other": 1}})


OPERATIONS = {
    "an array of documents": op.SplitTable(**ORDERS, columns=("lines",), into="orders_lines"),
    "an array of anything": op.SplitTable(**ORDERS, columns=("tags",), into='t "a"\\\n'),
    "a subdocument": op.SplitTable(**ORDERS, columns=("ship",), into="orders_ship"),
    "collections of one kind": op.MergeClones(
        schema=SHOP, into="events", discriminator="year", type="int",
        values={f"events_{year}": str(year) for year in (2024, 2025, 2026)},
    ),
    "measurements": op.UseTimeSeries(schema=SHOP, table="measured", time="at", meta="src", granularity="minutes"),
}  # fmt: skip


@pytest.mark.parametrize("operation", OPERATIONS.values(), ids=OPERATIONS)
def test_documents_move_and_come_back_while_clients_work(
    server: Server, shell: Shell, shop: str, operation: op.AnyOperation
) -> None:
    server.client[SHOP].orders.update_one({"_id": 1}, {"$set": {"other": 1}})
    steps = steps_of(seen(facts_of(server, shop)), operation)
    closing = next(n for n, step in enumerate(steps) if step.point_of_no_return)
    before, runner = shape(server, shop), Runner(shell)
    with under_load(server, read, write) as clients:
        for step in steps[:closing]:
            runner.forward(step)
    assert max(client.longest for client in clients) < estimates.LOCK_WAIT_SECONDS + MARGIN_SECONDS
    after, first = shape(server, shop), list(runner.ran)
    assert after != before
    for step in steps[:closing]:
        runner.forward(step)
    assert runner.ran == first
    assert shape(server, shop) == after
    for step in reversed(steps[:closing]):
        runner.back(step)
    assert without_views(shape(server, shop)) == before
    for step in steps:
        runner.forward(step)
    assert "auditor_progress" not in server.client[SHOP].list_collection_names()


def without_views(found: dict[str, Any]) -> dict[str, Any]:
    """The collection in which the server keeps the definitions of views and time series stays when it is empty."""
    return {name: one for name, one in found.items() if name != "system.views"}


def test_each_element_is_a_document_of_its_own(server: Server, shell: Shell, shop: str) -> None:
    steps = steps_of(seen(facts_of(server, shop)), OPERATIONS["an array of documents"])
    runner = Runner(shell)
    for step in steps[:-1]:
        runner.forward(step)
    lines = server.client[SHOP].orders_lines
    assert lines.find_one({"_id.of": 7, "sku": "s2"}) == {"_id": {"of": 7, "n": 2}, "own_id": 2, "sku": "s2"}
    assert lines.count_documents({}) == sum(n % 4 for n in range(ROWS))


def test_what_changes_while_it_is_copied_is_found_and_copied_again(server: Server, shell: Shell, shop: str) -> None:
    steps = steps_of(seen(facts_of(server, shop)), OPERATIONS["an array of documents"])
    runner, orders = Runner(shell), server.client[SHOP].orders
    for step in steps[:-1]:
        runner.forward(step)
    orders.update_one({"_id": 7}, {"$set": {"lines": [{"sku": "new"}]}})
    copy = next(step for step in steps if step.title.startswith("Copy"))
    assert copy.verify is not None
    assert not runner.is_true(copy.verify)
    runner.forward(copy)
    assert [one["sku"] for one in server.client[SHOP].orders_lines.find({"_id.of": 7})] == ["new"]


def test_collections_that_share_keys_are_not_taken_for_copied(server: Server, shell: Shell, shop: str) -> None:
    server.client[SHOP].events_2025.insert_one({"_id": "2024-1", "n": -1, "at": DAY})
    steps = steps_of(facts_of(server, shop), OPERATIONS["collections of one kind"])
    runner = Runner(shell)
    runner.forward(steps[0])
    copy = next(step for step in steps if step.title == "Copy 3 collections to reshaping_shop.events")
    with pytest.raises(AssertionError, match="Copy 3 collections"):
        runner.forward(copy)
    server.client[SHOP].events_2025.delete_one({"_id": "2024-1"})
    runner.forward(copy)
    assert server.client[SHOP].events.count_documents({"year": 2025}) == 600


def test_a_field_of_the_new_name_is_not_written_over(server: Server, shop: str) -> None:
    operation = op.MergeClones(schema=SHOP, into="events", discriminator="n", values={"events_2024": "a"})
    (step,) = steps_of(facts_of(server, shop), operation)
    assert (step.statements, step.audience) == ((), "application")


def test_an_index_with_options_of_its_own_is_named(server: Server, shop: str) -> None:
    server.client[SHOP].events_2024.create_index("at", expireAfterSeconds=10**6)
    made, *_ = steps_of(facts_of(server, shop), OPERATIONS["collections of one kind"])
    assert f"{SHOP}.events_2024.at_1" in " ".join(made.notes)


def test_old_names_are_views_that_show_what_was_there(server: Server, shell: Shell, shop: str) -> None:
    before = shape(server, shop)["events_2025"][-1]
    steps = steps_of(facts_of(server, shop), OPERATIONS["collections of one kind"])
    for step in steps[:-1]:
        Runner(shell).forward(step)
    assert sorted(server.client[SHOP].events_2025.find(), key=lambda one: str(one["_id"])) == before


def test_a_time_series_takes_each_measurement_once(server: Server, shell: Shell, shop: str) -> None:
    steps = steps_of(facts_of(server, shop), OPERATIONS["measurements"])
    runner, database = Runner(shell), server.client[SHOP]
    runner.forward(steps[0])
    database.measured_series.insert_many(list(database.measured.find().limit(100)))  # by code that writes both
    for step in steps:
        runner.forward(step)
    assert database.measured_series.count_documents({}) == 700
    assert len(database.measured_series.distinct("v")) == 700


def test_a_key_that_adds_to_the_present_one_is_refined_and_any_other_resharded() -> None:
    facts = facts_with()
    key = op.ChangeShardKey(**ORDERS, columns=("customer", "at"), previous=("customer",))
    refined = steps_of(facts, key)[-1]
    assert "refineCollectionShardKey" in refined.statements[0]
    assert (refined.reversible, refined.point_of_no_return) == (False, True)
    other = steps_of(facts, op.ChangeShardKey(**ORDERS, columns=("at",), hashed="at", previous=("customer",)))[-1]
    assert 'reshardCollection: "reshaping_shop.orders", key: {at: "hashed"}' in other.statements[0]
    assert "key: {customer: 1}" in other.rollback[0]
    assert all("not been tried" in " ".join(step.notes) for step in (refined, other))
    (by_hand,) = steps_of(facts_with(40200), key)
    assert by_hand.statements == ()
